/** Detail sheets: every load as weighed, every spray as recorded. */
import { targetText } from '../../domain/target-names.ts'
import { readSprayRecord, readTreatmentPlan, type TreatmentRow } from '../../tables.ts'
import { formText } from '../text/basis-text.ts'
import { round } from '../text/units.ts'
import type { ReportLoad, ReportSpray } from '../season/season-source.ts'
import { standardLoad } from '../../domain/yield/standard-mass.ts'
import { amount, day, identityColumns, summed, text, time, type Cell, type Column } from './table.ts'
import type { Lang } from '../text/lang.ts'
import { timeText } from '../text/provenance-text.ts'
import { quantities } from '../../../broker/contract/quantities.ts'
import type { SensorQuantity, SensorRow } from './read-sensors.ts'

/** `''` for values that need not be measured. */
const blank = (value: Cell): Cell => value ?? ''

/** Includes voided loads, which do not count. */
export function loadColumns(lang: Lang): Column<ReportLoad>[] {
  return [
    ...identityColumns,
    day('Day', '日付', ({ load }) => load.day),
    text('Ticket', '伝票番号', ({ load }) => blank(load.ticket)),
    text('Form', '形態', ({ load }) => formText[load.form][lang]),
    amount('Weighed (kg)', '計量値 (kg)', ({ load }) => load.grossKg),
    amount('Moisture (%)', '水分 (%)', ({ load }) => load.moisturePct),
    amount('Foreign matter (%)', '異物 (%)', ({ load }) => load.foreignPct),
    text('Grade', '等級', ({ load }) =>
      load.grade === 'low' ? (lang === 'ja' ? 'くず' : 'low') : blank(load.grade),
    ),
    amount('Sieve (mm)', 'ふるい目 (mm)', ({ load }) => blank(load.sieveMm)),
    text('Destination', '出荷先', ({ load }) => blank(load.destination)),
    text('Moisture meter', '水分計', ({ load }) => blank(load.meter)),
    day('Meter calibrated', '水分計の校正日', ({ load }) => blank(load.meterDay)),
    summed('On the basis (kg)', '基準での重さ (kg)', ({ load, record }) => {
      if (load.voidedAtMs !== null) return ''
      const standard = standardLoad(load, record.yield.basis, record.yield.hullShare)
      return 'kg' in standard ? round(standard.kg, 1) : null
    }),
    time('Entered', '入力', ({ load, record }) => timeText(load.enteredAtMs, record.timeZone)),
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
    amount('Amount', '使用量', ({ spray }) => ofPlan(spray).dose.amount),
    text('Unit', '単位', ({ spray }) => ofPlan(spray).dose.unit),
    amount('Dilution (times)', '希釈倍数', ({ spray }) => blank(ofPlan(spray).dose.dilution)),
    amount('Spray (L/10a)', '散布液量 (L/10a)', ({ spray }) => blank(ofPlan(spray).dose.volumeL10a)),
    amount('Area (a)', '面積 (a)', ({ spray }) => round(ofPlan(spray).dose.areaM2 / 100, 2)),
    time('Started', '開始', ({ spray, record }) => timeText(spray.fromMs, record.timeZone)),
    time('Ended', '終了', ({ spray, record }) => timeText(spray.toMs, record.timeZone)),
    text('Operator', '作業者', ({ spray }) => ofPlan(spray).operator),
    text('Equipment', '使用機械', ({ spray }) => blank(ofRecord(spray)?.equipment ?? null)),
    day('Earliest harvest', '収穫可能日', ({ spray }) => ofRecord(spray)?.earliestHarvestDay ?? null),
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
    text('Quantity', '測定項目', ({ quantity }) => quantityText[quantity][lang]),
    text('Unit', '単位', ({ quantity }) => quantities[quantity].unit),
    text('Sensor', 'センサー', ({ device }) => device),
    amount('Depth (cm)', '深さ (cm)', ({ depthCm }) => depthCm ?? ''),
    amount('Days with readings', 'データのある日数', ({ days }) => days),
    amount('Days of the season', '作期の日数', ({ ofDays }) => ofDays),
    amount('Lowest', '最小', statistic('min')),
    amount('Mean', '平均', statistic('mean')),
    amount('Highest', '最大', statistic('max')),
  ]
}
