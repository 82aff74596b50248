/** Reads the probes of a farm: each day's content at its end, and the water and demand of the field's days. */
import { DAY_MS, HOUR_MS, addDays, startOfDay, type Day } from '../../../broker/contract/time.ts'
import type { RolledSeries } from '../../ports.ts'
import type { DeviceRow, FarmRow, FieldDayRow } from '../../tables.ts'
import type { Stores, Subject } from '../fitting/learner.ts'
import { DAYS_AHEAD, type MoistureDays } from './paths.ts'

/** Older days belong to another crop and another state of the soil. */
const WINDOW_DAYS = 400
const END_HOURS = 3 // the end of a day is the mean of its last hours: one noisy reading is not the field

/**
 * One subject per probe and depth, up to 400 days, in %; a depth without a reading is left out. Waits for the weather
 * forecast, whose rain is the water of the days ahead.
 */
export async function loadMoisture(
  stores: Stores,
  farm: FarmRow,
  throughDay: Day,
): Promise<Subject<MoistureDays>[]> {
  const { state, series } = stores
  const probes = await state
    .selectFrom('device')
    .selectAll()
    .where('org', '=', farm.org)
    .where('farmId', '=', farm.id)
    .where('kind', '=', 'probe')
    .where('fieldId', 'is not', null)
    .where('revokedAtMs', 'is', null)
    .orderBy('fieldId')
    .orderBy('id')
    .execute()
  if (probes.length === 0) return []
  const days = Array.from({ length: WINDOW_DAYS }, (_, i) => addDays(throughDay, i + 1 - WINDOW_DAYS))
  const endsMs = days.map((day) => startOfDay(addDays(day, 1), farm.timeZone))
  const forecast = await stores.forecast.daily(
    { org: farm.org, farm: farm.id },
    addDays(throughDay, 1),
    DAYS_AHEAD,
  )
  const waterAhead = forecast?.days.map(({ rainMm }) => rainMm) ?? []
  const subjects: Subject<MoistureDays>[] = []
  const waterOfField = new Map<string, Map<Day, FieldWater>>()
  for (const probe of probes) {
    const fieldId = probe.fieldId!
    let water = waterOfField.get(fieldId)
    if (!water) waterOfField.set(fieldId, (water = await fieldWater(stores, fieldId, days[0]!, throughDay)))
    const rolled = await series.rolled({
      org: farm.org,
      quantity: 'soil.moisture',
      device: probe.id,
      field: fieldId,
      fromMs: endsMs[0]! - DAY_MS,
      toMs: endsMs.at(-1)!,
      step: 'hour',
    })
    for (const rolledSeries of rolled) {
      const content = endsOfDays(rolledSeries, probe, endsMs)
      const first = content.findIndex((value) => value !== null)
      if (first === -1) continue
      const waterDays = days.slice(first).map((day) => water.get(day))
      subjects.push({
        subject: rolledSeries.depthCm === null ? probe.id : `${probe.id}@${rolledSeries.depthCm}`,
        fieldId,
        deviceId: probe.id,
        data: {
          fromDay: days[first]!,
          timeZone: farm.timeZone,
          unit: '%',
          content: content.slice(first),
          waterMm: waterDays.map((day) => day?.waterMm ?? null),
          demandMm: waterDays.map((day) => day?.demandMm ?? null),
          waterAhead,
        },
      })
    }
  }
  return subjects
}

/** Mean of the last hours before each day's end; null without a usable reading. */
function endsOfDays(
  rolledSeries: RolledSeries,
  probe: DeviceRow,
  endsMs: readonly number[],
): (number | null)[] {
  const spanMs = Math.min(DAY_MS, Math.max(END_HOURS * HOUR_MS, 2_000 * probe.everyS))
  let index = 0
  return endsMs.map((endMs) => {
    while (index < rolledSeries.atMs.length && rolledSeries.atMs[index]! < endMs - spanMs) index++
    let sum = 0
    let count = 0
    for (; index < rolledSeries.atMs.length && rolledSeries.atMs[index]! < endMs; index++) {
      sum += rolledSeries.mean[index]!
      count++
    }
    return count === 0 ? null : sum / count
  })
}

interface FieldWater {
  waterMm: number | null
  demandMm: number | null
}

async function fieldWater(
  { state }: Stores,
  fieldId: string,
  fromDay: Day,
  throughDay: Day,
): Promise<Map<Day, FieldWater>> {
  const rows = await state
    .selectFrom('fieldDay')
    .select(['day', 'rainMm', 'irrigationMm', 'irrigationSource', 'etcMm', 'et0Mm'])
    .where('fieldId', '=', fieldId)
    .where('day', '>=', fromDay)
    .where('day', '<=', throughDay)
    .execute()
  return new Map(rows.map((row) => [row.day, { waterMm: waterOf(row), demandMm: row.etcMm ?? row.et0Mm }]))
}

/** Rain and irrigation; null where either is unknown, which is not zero. */
const waterOf = (row: Pick<FieldDayRow, 'rainMm' | 'irrigationMm' | 'irrigationSource'>): number | null =>
  row.rainMm === null || row.irrigationSource === 'unknown' ? null : row.rainMm + row.irrigationMm
