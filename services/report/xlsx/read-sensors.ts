/**
 * Sensor statistics of a season. Consent covers yields, water and sprays, not readings, so only the organisation's own
 * fields are read.
 */
import { addDays, DAY_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { SeriesReader, State } from '../../ports.ts'
import type { SeasonRecord } from '../season/record.ts'

/** Quantities in or above the field that decisions depend on. */
const quantities = [
  ...['soil.moisture', 'soil.tension', 'soil.temperature', 'water.level'],
  ...['air.temperature', 'air.relativeHumidity'],
] as const
export type SensorQuantity = (typeof quantities)[number]

/** One sensor over one season of its field, from good or corrected readings. */
export interface SensorRow {
  record: SeasonRecord
  device: string // its name, or its id when the device no longer exists
  quantity: SensorQuantity
  depthCm: number | null
  days: number // UTC days with a reading
  ofDays: number // completed UTC days of the season
  min: number
  mean: number
  max: number
}

/** In the order of the records; fields without a sensor have no row. */
export async function readSensors(
  { state, series, nowMs }: { state: State; series: Pick<SeriesReader, 'summaries'>; nowMs: AtMs },
  records: readonly SeasonRecord[],
): Promise<SensorRow[]> {
  const ownRecords = records.filter(({ isOwn }) => isOwn)
  if (ownRecords.length === 0) return []
  const { org } = ownRecords[0]!
  const spans = new Map(ownRecords.map((record) => [record, completeDays(record, nowMs)]))
  const allSpans = [...spans.values()]
  const wholeSpan = {
    fromMs: allSpans.reduce((min, { fromMs }) => Math.min(min, fromMs), Infinity),
    toMs: allSpans.reduce((max, { toMs }) => Math.max(max, toMs), -Infinity),
  }
  const rowsByRecord = new Map<SeasonRecord, SensorRow[]>()
  const names = await readDeviceNames(state, org)
  for (const quantity of quantities) {
    // few fields have a sensor: only those are queried for their own days
    const summaries = await series.summaries({ org, quantity, ...wholeSpan })
    const fields = new Set(summaries.map(({ field }) => field))
    for (const record of ownRecords.filter(({ fieldId }) => fields.has(fieldId))) {
      const span = spans.get(record)!
      const ofDays = (span.toMs - span.fromMs) / DAY_MS
      for (const summary of await series.summaries({ org, quantity, field: record.fieldId, ...span }))
        rowsByRecord.set(record, [
          ...(rowsByRecord.get(record) ?? []),
          {
            record,
            quantity,
            ofDays,
            device: names.get(summary.device) ?? summary.device,
            depthCm: summary.depthCm,
            days: summary.days,
            min: summary.min,
            mean: summary.mean,
            max: summary.max,
          },
        ])
    }
  }
  return ownRecords.flatMap((record) => rowsByRecord.get(record) ?? [])
}

/** The completed UTC days from planting to the last day: the current day has no roll-up. */
function completeDays({ plantedDay, lastDay, timeZone }: SeasonRecord, nowMs: AtMs) {
  const overMs = Math.floor(nowMs / DAY_MS) * DAY_MS
  const endMs = startOfDay(addDays(lastDay, 1), timeZone)
  const fromMs = Math.floor(startOfDay(plantedDay, timeZone) / DAY_MS) * DAY_MS
  return { fromMs, toMs: Math.max(fromMs, Math.min(Math.ceil(endMs / DAY_MS) * DAY_MS, overMs)) }
}

async function readDeviceNames(state: State, org: string): Promise<Map<string, string>> {
  const devices = await state.selectFrom('device').select(['id', 'name']).where('org', '=', org).execute()
  return new Map(devices.map(({ id, name }) => [id, name]))
}
