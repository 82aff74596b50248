/** Columns of the sensor sheet: how complete each record is, and the range of its values. */
import { quantities } from '../../../broker/contract/quantities.ts'
import type { Lang } from '../formats/basis-text.ts'
import { round } from '../formats/units.ts'
import { identityColumns } from '../xlsx/season-sheets.ts'
import type { Cell, Column } from '../xlsx/table.ts'
import type { SensorQuantity, SensorRow } from './read-sensors.ts'

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
