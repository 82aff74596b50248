/** Detail sheets: every load as weighed, every spray as recorded. */
import { targetText } from '../../domain/target-names.ts'
import { readSprayRecord, readTreatmentPlan, type TreatmentRow } from '../../tables.ts'
import { formText } from '../text/basis-text.ts'
import { round } from '../text/units.ts'
import type { ReportLoad, ReportSpray } from '../season/season-source.ts'
import { standardLoad } from '../../domain/yield/standard-mass.ts'
import { type Cell, type Column, identityColumns } from './table.ts'
import type { Lang } from '../text/lang.ts'
import { timeText } from '../text/provenance-text.ts'
import { quantities } from '../../../broker/contract/quantities.ts'
import type { SensorQuantity, SensorRow } from './read-sensors.ts'

/** `''` for values that need not be measured. */
const blank = (value: Cell): Cell => value ?? ''

const column = <Row>(en: string, ja: string, cell: (row: Row) => Cell, isText = false): Column<Row> => ({
  head: { en, ja },
  cell,
  ...(isText ? { isText: true } : {}),
})
const text = <Row>(en: string, ja: string, cell: (row: Row) => Cell) => column(en, ja, cell, true)

/** Includes voided loads, which do not count. */
export function loadColumns(lang: Lang): Column<ReportLoad>[] {
  return [
    ...identityColumns,
    text('Day', '日付', ({ load }) => load.day),
    text('Ticket', '伝票番号', ({ load }) => blank(load.ticket)),
    text('Form', '形態', ({ load }) => formText[load.form][lang]),
    column('Weighed (kg)', '計量値 (kg)', ({ load }) => load.grossKg),
    column('Moisture (%)', '水分 (%)', ({ load }) => load.moisturePct),
    column('Foreign matter (%)', '異物 (%)', ({ load }) => load.foreignPct),
    text('Grade', '等級', ({ load }) =>
      load.grade === 'low' ? (lang === 'ja' ? 'くず' : 'low') : blank(load.grade),
    ),
    column('Sieve (mm)', 'ふるい目 (mm)', ({ load }) => blank(load.sieveMm)),
    text('Destination', '出荷先', ({ load }) => blank(load.destination)),
    text('Moisture meter', '水分計', ({ load }) => blank(load.meter)),
    text('Meter calibrated', '水分計の校正日', ({ load }) => blank(load.meterDay)),
    column('On the basis (kg)', '基準での重さ (kg)', ({ load, record }) => {
      if (load.voidedAtMs !== null) return ''
      const standard = standardLoad(load, record.yield.basis, record.yield.hullShare)
      return 'kg' in standard ? round(standard.kg, 1) : null
    }),
    text('Entered', '入力', ({ load, record }) => timeText(load.enteredAtMs, record.timeZone)),
    text('Void reason', '取消の理由', ({ load }) => blank(load.voidReason)),
  ]
}

/** Amounts are those of the plan; equipment and earliest harvest come from the record. Area in a, spray in L/10a. */
export function sprayColumns(lang: Lang): Column<ReportSpray>[] {
  const ofPlan = (spray: TreatmentRow) => readTreatmentPlan(spray.plan)
  const ofRecord = (spray: TreatmentRow) => (spray.record === null ? null : readSprayRecord(spray.record))
  return [
    ...identityColumns,
    text('Target', '対象', ({ spray }) => targetText(spray.target, lang)),
    text('Product', '農薬名', ({ spray }) => ofPlan(spray).product.name),
    text('Registration', '登録番号', ({ spray }) => ofPlan(spray).product.registrationNumber),
    text('Ingredients', '有効成分', ({ spray }) =>
      ofPlan(spray)
        .product.ingredients.map(({ name }) => name)
        .join(', '),
    ),
    column('Amount', '使用量', ({ spray }) => ofPlan(spray).dose.amount),
    text('Unit', '単位', ({ spray }) => ofPlan(spray).dose.unit),
    column('Dilution (times)', '希釈倍数', ({ spray }) => blank(ofPlan(spray).dose.dilution)),
    column('Spray (L/10a)', '散布液量 (L/10a)', ({ spray }) => blank(ofPlan(spray).dose.volumeL10a)),
    column('Area (a)', '面積 (a)', ({ spray }) => round(ofPlan(spray).dose.areaM2 / 100, 2)),
    text('Started', '開始', ({ spray, record }) => timeText(spray.fromMs, record.timeZone)),
    text('Ended', '終了', ({ spray, record }) => timeText(spray.toMs, record.timeZone)),
    text('Operator', '作業者', ({ spray }) => ofPlan(spray).operator),
    text('Equipment', '使用機械', ({ spray }) => blank(ofRecord(spray)?.equipment ?? null)),
    text('Earliest harvest', '収穫可能日', ({ spray }) => ofRecord(spray)?.earliestHarvestDay ?? null),
    text('Record', '記録', ({ spray }) => recordText[spray.state === 'recorded' ? 1 : 0]![lang]),
  ]
}

const recordText: Record<Lang, string>[] = [
  { en: 'not confirmed', ja: '未確定' },
  { en: 'confirmed', ja: '確定' },
]

const quantityText: Record<SensorQuantity, Record<Lang, string>> = {
  'soil.moisture': { en: 'soil moisture', ja: '土壌水分' },
  'soil.tension': { en: 'soil water tension', ja: '土壌水分張力' },
  'soil.temperature': { en: 'soil temperature', ja: '地温' },
  'water.level': { en: 'water level', ja: '水位' },
  'air.temperature': { en: 'air temperature', ja: '気温' },
  'air.relativeHumidity': { en: 'relative humidity', ja: '湿度' },
}

/** As many decimals as the sensor reports; one more for the mean. */
const statistic =
  (key: 'min' | 'mean' | 'max') =>
  (row: SensorRow): Cell =>
    round(row[key], quantities[row.quantity].decimals + (key === 'mean' ? 1 : 0))

/** Statistics in the unit of the quantity, with its decimals. The depth is empty for a sensor without one. */
export function sensorColumns(lang: Lang): Column<SensorRow>[] {
  return [
    ...identityColumns,
    {
      head: { en: 'Quantity', ja: '測定項目' },
      cell: ({ quantity }) => quantityText[quantity][lang],
      isText: true,
    },
    { head: { en: 'Unit', ja: '単位' }, cell: ({ quantity }) => quantities[quantity].unit, isText: true },
    { head: { en: 'Sensor', ja: 'センサー' }, cell: ({ device }) => device, isText: true },
    { head: { en: 'Depth (cm)', ja: '深さ (cm)' }, cell: ({ depthCm }) => depthCm ?? '' },
    { head: { en: 'Days with readings', ja: 'データのある日数' }, cell: ({ days }) => days },
    { head: { en: 'Days of the season', ja: '作期の日数' }, cell: ({ ofDays }) => ofDays },
    { head: { en: 'Lowest', ja: '最小' }, cell: statistic('min') },
    { head: { en: 'Mean', ja: '平均' }, cell: statistic('mean') },
    { head: { en: 'Highest', ja: '最大' }, cell: statistic('max') },
  ]
}
