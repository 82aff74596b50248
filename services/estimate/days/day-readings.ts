/** The series of one civil day of one organisation, fetched once and shared by all its fields. */
import { DAY_MS, HOUR_MS, startOfDay, addDays, type Day } from '../../../broker/contract/time.ts'
import { flags } from '../../../broker/contract/quantities.ts'
import { virtualZoneFor } from '../../domain/manual-water.ts'
import type { RolledSeries, SeriesStore, State } from '../../ports.ts'
import type { IrrigationRow } from '../../tables.ts'
import { hoursOf, joinHours, type Hours, type Span } from './hours.ts'
import { irrigationDepth, wettingOf, type MeterPoints } from '../water/irrigation-depth.ts'
import type { DayInputs } from '../balance-types.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { FieldContext, FieldGroup } from '../field-context.ts'
import { readLightSensors } from '../quality/light-sensors.ts'
import { drainedMm, dryHours, LEVELS_BEFORE_MS, levelsOf, findFromGauge } from '../paddy/level-gauge.ts'
import { combineProbes, sensorsOf } from '../water/combine-probes.ts'
import { saltByProbes } from '../water/salt-reading.ts'
import type { ProbeValue } from '../water/sensor-id.ts'
import { stationDay, type StationDay } from './station-day.ts'

const PROBE_HOURS = 3 // the end of a day is the mean of its last hours: one noisy reading is not the field
const LEVEL_HOURS = 6
/** Water needs some hours to a probe. Unconfirmed */
const SINKS_IN_MS = 6 * HOUR_MS

/** Reads a day of a group; the result gives each field its inputs without another query. */
export async function readDayInputs(
  stores: { series: SeriesStore; state: State },
  group: FieldGroup,
  day: Day,
): Promise<(context: FieldContext) => DayInputs> {
  const span = { fromMs: startOfDay(day, group.timeZone), toMs: startOfDay(addDays(day, 1), group.timeZone) }
  const hours = hoursOf(span)
  const slowestS = (kind: string) => {
    let everyS = 0
    for (const device of group.devices.values())
      if (device.kind === kind) everyS = Math.max(everyS, device.everyS)
    return everyS
  }
  const endOf = (kind: string, endHours: number) =>
    hours.toMs - Math.max(endHours * HOUR_MS, Math.min(DAY_MS, 2_000 * slowestS(kind)))
  const newestLevelFromMs = endOf('gauge', LEVEL_HOURS)
  const rolled = (quantity: string, isWanted: boolean, fromMs: number): Promise<RolledSeries[]> =>
    isWanted
      ? stores.series.rolled({ org: group.org, quantity, fromMs, toMs: hours.toMs, step: 'hour' })
      : Promise.resolve([])
  const hasStation = slowestS('station') > 0
  const [temperature, humidity, wind, solar, rain, moisture, ec, level, meters, runs, voided, lightOf] =
    await Promise.all([
      rolled('air.temperature', hasStation, hours.fromMs),
      rolled('air.relativeHumidity', hasStation, hours.fromMs),
      rolled('wind.speed', hasStation, hours.fromMs),
      rolled('solar.radiation', hasStation, hours.fromMs),
      rolled('rain.cumulative', hasStation, hours.fromMs - DAY_MS),
      rolled('soil.moisture', slowestS('probe') > 0, endOf('probe', PROBE_HOURS)),
      rolled('soil.ec', slowestS('probe') > 0, endOf('probe', PROBE_HOURS)),
      rolled(
        'water.level',
        slowestS('gauge') > 0,
        Math.min(hours.fromMs - LEVELS_BEFORE_MS, newestLevelFromMs),
      ),
      readMeters(stores.series, group, span),
      readRuns(stores.state, group.org, span),
      readVoidedRuns(stores.state, group.org, span),
      readLightSensors(stores.series, group.org, hours.fromMs),
    ])
  const stationHours = byDevice({ temperature, humidity, wind, solar, rain })
  const moistureOf = groupBy(moisture, (rolledSeries) => rolledSeries.field)
  const ecOf = groupBy(ec, (rolledSeries) => rolledSeries.field)
  const levelSeries = groupBy(level, (rolledSeries) => rolledSeries.field)
  const stationDays = new Map<string, StationDay>()
  const stationDayOf = (id: string): StationDay => {
    let stationDayRow = stationDays.get(id)
    if (!stationDayRow) {
      const device = group.devices.get(id)!
      stationDays.set(id, (stationDayRow = stationDay(stationHours(id), hours, device)))
    }
    return stationDayRow
  }
  return (context) => ({
    near: context.stations.map(({ device, home, km }) => ({
      device: device.id,
      km,
      day: stationDayOf(device.id),
      light: lightOf(device, home),
    })),
    irrigation: irrigationDepth(
      context.zones.length > 0 ? context.zones : [virtualZoneFor(context.field)],
      span,
      (zone) => meters.get(meterKey(context.zones.find(({ id }) => id === zone.id))),
      runs.get(context.field.id) ?? [],
      voided.get(context.field.id) ?? [],
    ),
    isIrrigationLate: (runs.get(context.field.id) ?? []).some(
      ({ closedAtMs }) =>
        closedAtMs !== null && closedAtMs > span.toMs - SINKS_IN_MS && closedAtMs <= span.toMs,
    ),
    wetting: wettingOf(context.zones),
    sensors: sensorsOf(context, meansOf(moistureOf.get(context.field.id) ?? [])),
    probe: (rootDepthM) =>
      combineProbes(context, meansOf(moistureOf.get(context.field.id) ?? []), rootDepthM),
    hasProbe: context.devices.some((device) => device.kind === 'probe'),
    soilEcDsM: saltByProbes(
      meansOf(ecOf.get(context.field.id) ?? []),
      meansOf(moistureOf.get(context.field.id) ?? []),
      context.field.saturation,
    ),
    levelMm: levelOf(levelSeries.get(context.field.id) ?? [], newestLevelFromMs),
    drainedMm: drainedMm(context.outlets, runs.get(context.field.id) ?? [], span),
    gaugeFindings: (lossMmD, etcMm) => {
      const station = context.stations[0]?.device.id
      return findFromGauge(
        {
          levels: levelsOf(levelSeries.get(context.field.id) ?? []),
          dry: dryHours(span, station === undefined ? undefined : stationHours(station).rain),
          span,
          etcMm,
        },
        runs.get(context.field.id) ?? [],
        [...context.zones, ...context.outlets],
        lossMmD,
      )
    },
  })
}

function byDevice<Quantity extends string>(
  rolled: Record<Quantity, RolledSeries[]>,
): (device: string) => Record<Quantity, Hours | undefined> {
  const indexes = Object.entries<RolledSeries[]>(rolled).map(
    ([name, series]) => [name, groupBy(series, (rolledSeries) => rolledSeries.device)] as const,
  )
  return (device) =>
    Object.fromEntries(indexes.map(([name, index]) => [name, joinHours(index.get(device) ?? [])])) as Record<
      Quantity,
      Hours | undefined
    >
}

/** The key of `readMeters`: device and valve, `/` for a zone without a controller. */
export const meterKey = (zone: { controllerId: string | null; valve: string | null } | undefined): string =>
  `${zone?.controllerId ?? ''}/${zone?.valve ?? ''}`

/**
 * Meters of the group's controllers by device and valve, from a day before the span. Suspect readings are excluded.
 */
export async function readMeters(
  series: SeriesStore,
  group: FieldGroup,
  span: Span,
): Promise<Map<string, MeterPoints>> {
  const meters = new Map<string, MeterPoints>()
  if (!group.contexts.some((context) => context.zones.some((zone) => zone.controllerId !== null)))
    return meters
  const seriesList = await series.range({
    org: group.org,
    quantity: 'water.total/*',
    fromMs: span.fromMs - DAY_MS,
    toMs: span.toMs,
  })
  for (const meterSeries of seriesList) {
    const usable = meterSeries.atMs
      .map((atMs, i) => ({ atMs, litres: meterSeries.value[i] ?? null, flag: meterSeries.flag[i]! }))
      .filter(({ litres, flag }) => litres !== null && flag <= flags.notEvaluated)
    const key = `${meterSeries.device}/${meterSeries.quantity.slice('water.total/'.length)}`
    const before = meters.get(key)
    const points = [
      ...(before?.atMs.map((atMs, i) => ({ atMs, litres: before.litres[i]! })) ?? []),
      ...usable.map(({ atMs, litres }) => ({ atMs, litres: litres! })),
    ].toSorted((a, b) => a.atMs - b.atMs)
    meters.set(key, {
      atMs: points.map(({ atMs }) => atMs),
      litres: points.map(({ litres }) => litres),
    })
  }
  return meters
}
/** Finished runs of an organisation that may have ended in the span and are not voided, by field. */
export const readRuns = (state: State, org: string, span: Span): Promise<Map<string, IrrigationRow[]>> =>
  readRunsWhere(state, org, span, 'is')

/** Voided runs: a meter has counted them nevertheless. */
export const readVoidedRuns = (
  state: State,
  org: string,
  span: Span,
): Promise<Map<string, IrrigationRow[]>> => readRunsWhere(state, org, span, 'is not')

async function readRunsWhere(
  state: State,
  org: string,
  span: Span,
  isVoided: 'is' | 'is not',
): Promise<Map<string, IrrigationRow[]>> {
  const rows = await state
    .selectFrom('irrigation')
    .selectAll()
    .where('org', '=', org)
    .where('voidedAtMs', isVoided, null)
    .where('commandedAtMs', '>=', span.fromMs - DAY_MS) // a run may have started the evening before
    .where('commandedAtMs', '<', span.toMs)
    .execute()
  return groupBy(rows, (row) => row.fieldId)
}

/** The mean of the hourly values of each sensor. */
const meansOf = (moisture: readonly RolledSeries[]): ProbeValue[] =>
  moisture.map(({ device, depthCm, mean }) => ({
    device,
    depthCm,
    percent: mean.length === 0 ? null : mean.reduce((sum, value) => sum + value, 0) / mean.length,
  }))

/** The newest level of a field's gauges since `fromMs`, their mean; null when they are silent. */
function levelOf(level: readonly RolledSeries[], fromMs: number): number | null {
  const newest = level
    .filter((rolledSeries) => (rolledSeries.atMs.at(-1) ?? -Infinity) >= fromMs)
    .map((rolledSeries) => rolledSeries.last.at(-1))
    .filter((mm) => mm !== undefined)
  return newest.length === 0 ? null : newest.reduce((sum, mm) => sum + mm, 0) / newest.length
}
