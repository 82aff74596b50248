/**
 * What the sensors of a season gave. Members agree to share yields, water and sprays, and nothing is said of readings: they
 * are read of the organisation's own fields alone.
 */
import { addDays, DAY_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { SeriesReader, State } from '../../ports.ts'
import type { SeasonRecord } from '../season/season-records.ts'

/** What stands in the field or over it, as far as decisions rest on it. */
const quantities = [
  ...['soil.moisture', 'soil.tension', 'soil.temperature', 'water.level'],
  ...['air.temperature', 'air.relativeHumidity'],
] as const
export type SensorQuantity = (typeof quantities)[number]

/** One sensor over one season of its field, of readings that are good or corrected. */
export interface SensorRow {
  record: SeasonRecord
  device: string // its name, or its id where nobody knows it any more
  quantity: SensorQuantity
  depthCm: number | null
  days: number // UTC days with a reading
  ofDays: number // UTC days of the season that are over
  min: number
  mean: number
  max: number
}

/** In the order of the records; a field that has no sensor has no row. */
export async function readSensors(
  { state, series, nowMs }: { state: State; series: Pick<SeriesReader, 'summaries'>; nowMs: AtMs },
  records: readonly SeasonRecord[],
): Promise<SensorRow[]> {
  const own = records.filter(({ isOwn }) => isOwn)
  if (own.length === 0) return []
  const { org } = own[0]!
  const spans = new Map(own.map((record) => [record, completeDays(record, nowMs)]))
  const all = [...spans.values()]
  const whole = {
    fromMs: all.reduce((least, { fromMs }) => Math.min(least, fromMs), Infinity),
    toMs: all.reduce((most, { toMs }) => Math.max(most, toMs), -Infinity),
  }
  const found = new Map<SeasonRecord, SensorRow[]>()
  const names = await readDeviceNames(state, org)
  for (const quantity of quantities) {
    // few fields have a sensor: those that have are asked for by their own days
    const known = await series.summaries({ org, quantity, ...whole })
    const fields = new Set(known.map(({ field }) => field))
    for (const record of own.filter(({ fieldId }) => fields.has(fieldId))) {
      const span = spans.get(record)!
      const ofDays = (span.toMs - span.fromMs) / DAY_MS
      for (const one of await series.summaries({ org, quantity, field: record.fieldId, ...span }))
        found.set(record, [
          ...(found.get(record) ?? []),
          {
            record,
            quantity,
            ofDays,
            device: names.get(one.device) ?? one.device,
            depthCm: one.depthCm,
            days: one.days,
            min: one.min,
            mean: one.mean,
            max: one.max,
          },
        ])
    }
  }
  return own.flatMap((record) => found.get(record) ?? [])
}

/** The UTC days from planting to the last day that are over: the running one is not whole, and no roll-up has it. */
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
