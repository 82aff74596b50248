/**
 * Calibrates soils from their probes: field capacity from drained wettings, the lower limit from dry-downs, over the
 * last months. A soil changes slowly: each probe is calibrated once a week. The same hours give the same rows.
 */
import { addDays, dayOf, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { learnLimits } from '../../agronomy/water/soil-limits.ts'
import type { Logger, SeriesStore, State } from '../../ports.ts'
import {
  readStoredWater,
  unlessInvalid,
  type DeviceRow,
  type FarmRow,
  type FieldRow,
  type SoilCalibrationRow,
} from '../../tables.ts'
import { hourColumn, hoursOf } from '../days/hours.ts'
import { groupBy } from '../../runtime/group-by.ts'
import { sensorId } from './sensor-id.ts'
import { sensorBias } from './stored-water.ts'

const WINDOW_DAYS = 120
const INTERVAL_DAYS = 7
const VERSION = 'soil-1' // of the method

/**
 * Writes a row per probe and depth, from the 120 days before the civil day of `dueAtMs`. The failure of one probe is
 * logged.
 */
export async function calibrateSoil(
  deps: { state: State; series: SeriesStore; log: Logger },
  dueAtMs: AtMs,
): Promise<void> {
  const { state } = deps
  const [probes, fields, farms, calibrations] = await Promise.all([
    state
      .selectFrom('device')
      .selectAll()
      .where('kind', '=', 'probe')
      .where('revokedAtMs', 'is', null)
      .where('fieldId', 'is not', null)
      .orderBy('id')
      .execute(),
    state.selectFrom('field').selectAll().where('kind', '=', 'upland').execute(),
    state.selectFrom('farm').selectAll().execute(),
    state.selectFrom('soilCalibration').select(['deviceId', 'fieldId', 'throughDay', 'version']).execute(),
  ])
  const fieldOf = new Map(fields.map((field) => [field.id, field]))
  const farmOf = new Map(farms.map((farm) => [farm.id, farm]))
  const rowsOf = groupBy(calibrations, ({ deviceId }) => deviceId)
  for (const probe of probes) {
    const field = fieldOf.get(probe.fieldId!)
    const farm = field && farmOf.get(field.farmId)
    if (!farm) continue
    const throughDay = addDays(dayOf(dueAtMs, farm.timeZone), -1)
    const isFresh = (rowsOf.get(probe.id) ?? []).some(
      (row) =>
        row.fieldId === field.id &&
        row.version === VERSION &&
        row.throughDay > addDays(throughDay, -INTERVAL_DAYS),
    )
    if (isFresh) continue
    try {
      await writeRows(state, await calibrateProbe(deps, probe, field, farm, throughDay, dueAtMs))
    } catch (error) {
      // one failure does not stop the other probes
      deps.log.error({ error, device: probe.id }, 'the soil of a probe could not be learned')
    }
  }
}

async function calibrateProbe(
  { state, series }: { state: State; series: SeriesStore },
  probe: DeviceRow,
  field: FieldRow,
  farm: FarmRow,
  throughDay: Day,
  atMs: AtMs,
): Promise<SoilCalibrationRow[]> {
  const span = hoursOf({
    fromMs: startOfDay(addDays(throughDay, 1 - WINDOW_DAYS), farm.timeZone),
    toMs: startOfDay(addDays(throughDay, 1), farm.timeZone),
  })
  const [rolled, stored] = await Promise.all([
    series.rolled({
      org: probe.org,
      field: field.id,
      device: probe.id,
      quantity: 'soil.moisture',
      ...span,
      step: 'hour',
    }),
    state
      .selectFrom('fieldWater')
      .select('body')
      .where('fieldId', '=', field.id)
      .where('day', '<=', throughDay)
      .orderBy('day', 'desc')
      .limit(1)
      .executeTakeFirst(),
  ])
  const water = stored ? unlessInvalid(() => readStoredWater(stored.body)) : null
  return rolled.flatMap(({ depthCm, atMs: hoursMs, mean }) => {
    if (depthCm === null) return []
    const bias = water && sensorBias(water, sensorId(probe.id, depthCm))
    const hours = hourColumn({ atMs: hoursMs, mean: mean.map((percent) => percent / 100) }, span)
    return {
      deviceId: probe.id,
      depthCm,
      org: probe.org,
      fieldId: field.id,
      ...learnLimits(hours, field.fieldCapacity),
      bias: bias?.mean ?? null,
      biasSd: bias?.sd ?? null,
      throughDay,
      version: VERSION,
      atMs,
    }
  })
}

async function writeRows(state: State, rows: readonly SoilCalibrationRow[]): Promise<void> {
  for (const row of rows)
    await state
      .insertInto('soilCalibration')
      .values(row)
      .onConflict((conflict) => conflict.columns(['deviceId', 'depthCm']).doUpdateSet(row))
      .execute()
}
