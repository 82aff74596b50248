/** Measurements since midnight, for every field of one organisation: few queries, shared by all its fields. */
import { DAY_MS, HOUR_MS, dayOfYear, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { radiationShare } from '../../agronomy/evapotranspiration/radiation.ts'
import { virtualZoneFor } from '../../domain/manual-water.ts'
import type { RolledSeries, SeriesStore, State } from '../../ports.ts'
import type { StateInput } from '../../tables.ts'
import { meterKey, readMeters, readRuns, readVoidedRuns } from '../days/day-readings.ts'
import { RAIN_KM, rainSdMm, UNKNOWN_RAIN_SD_MM } from '../days/day-weather.ts'
import type { NowInputs } from '../balance-types.ts'
import { freshest, freshnessOf, type Freshness } from './freshness.ts'
import { joinHours, type Span } from '../days/hours.ts'
import { irrigationDepth, wettingOf } from '../water/irrigation-depth.ts'
import { latestUsable, type LatestReadings } from './latest-readings.ts'
import { saltInputs, soilNow } from './soil.ts'
import { drainedMm } from '../paddy/level-gauge.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { FieldContext, FieldGroup } from '../field-context.ts'
import { rainOf } from '../days/station-day.ts'

export type ExpectedEt0 = NowInputs['et0']

/** Reads the current day of a group; the result gives each field its inputs without another query. */
export async function readCurrentInputs(
  stores: { series: SeriesStore; state: State },
  group: FieldGroup,
  today: Day,
  nowMs: AtMs,
): Promise<(context: FieldContext, et0: ExpectedEt0) => NowInputs> {
  const { series, state } = stores
  const fromMs = startOfDay(today, group.timeZone)
  const span = { fromMs, toMs: nowMs + 1 }
  const hasStation = [...group.devices.values()].some((device) => device.kind === 'station')
  const [latest, rain, meters, runs, voided] = await Promise.all([
    series.latest({ org: group.org, sinceMs: nowMs - 30 * DAY_MS }),
    hasStation
      ? series.rolled({
          org: group.org,
          quantity: 'rain.cumulative',
          fromMs: Math.ceil(fromMs / HOUR_MS) * HOUR_MS - DAY_MS,
          toMs: Math.ceil((nowMs + 1) / HOUR_MS) * HOUR_MS,
          step: 'hour',
        })
      : Promise.resolve([]),
    readMeters(series, group, span),
    readRuns(state, group.org, span),
    readVoidedRuns(state, group.org, span),
  ])
  const newestOf = await latestUsable(series, group, latest, nowMs)
  const rainOfDevice = groupBy(rain, (rolledSeries) => rolledSeries.device)
  return (context, et0) => {
    const rainToday = rainSoFar(context, rainOfDevice, { fromMs, toMs: nowMs })
    const soil = soilNow(context, newestOf, nowMs)
    const level = levelOf(context, group, newestOf, nowMs)
    const weather = weatherOf(context, newestOf, nowMs)
    const irrigation = irrigationDepth(
      context.zones.length > 0 ? context.zones : [virtualZoneFor(context.field)],
      span,
      (zone) => meters.get(meterKey(context.zones.find(({ id }) => id === zone.id))),
      runs.get(context.field.id) ?? [],
      voided.get(context.field.id) ?? [],
    )
    return {
      dayShare: dayShare(context, today, group.timeZone, nowMs),
      et0,
      rainMm: rainToday.mm,
      rainSdMm: rainToday.sdMm,
      irrigation,
      wetting: wettingOf(context.zones),
      sensors: soil.sensors,
      level: level.newest,
      drainedMm: drainedMm(context.outlets, runs.get(context.field.id) ?? [], span),
      fresh: { weather: weather.fresh, soil: soil.fresh, level: level.fresh },
      inputs: [
        ...soil.inputs,
        ...saltInputs(context, newestOf, nowMs),
        ...level.inputs,
        ...weather.inputs(et0),
        { ...rainToday.input, fresh: weather.fresh ?? 'lost' },
        irrigationInput(irrigation, nowMs),
        {
          key: 'soil',
          value: 1000 * (context.soil.fieldCapacity.v - context.soil.wiltingPoint.v),
          unit: 'mm/m',
          atMs: null,
          kind: isLearned(context) ? ('estimated' as const) : ('entered' as const),
          fresh: 'ok' as const,
          method: context.field.soilTexture,
        },
      ],
    }
  }
}

/** Share of the civil day's light that has passed, 0-1. */
function dayShare(context: FieldContext, today: Day, timeZone: string, nowMs: AtMs): number {
  const noonMs = startOfDay(today, timeZone) + 12 * HOUR_MS
  const utcMs = startOfDay(today, 'UTC')
  // where the date line bends around a country, its civil day differs from the solar day by a whole day
  const solarNoonH = (noonMs - utcMs) / HOUR_MS + context.farm.lonDeg / 15
  const shiftH = solarNoonH < 0 ? 24 : solarNoonH >= 24 ? -24 : 0
  return radiationShare(context.farm, dayOfYear(today), (nowMs - utcMs) / HOUR_MS + shiftH)
}

function rainSoFar(
  context: FieldContext,
  rain: ReadonlyMap<string, RolledSeries[]>,
  span: Span,
): { mm: number | null; sdMm: number; input: Omit<StateInput, 'fresh'> } {
  for (const { device, km } of context.stations) {
    const hours = joinHours(rain.get(device.id) ?? [])
    const mm = hours ? rainSince(hours, span) : null
    if (mm === null || km > RAIN_KM) continue
    const lastMs = hours!.atMs.at(-1)!
    const input = {
      key: 'rain',
      value: mm,
      unit: 'mm',
      atMs: lastMs,
      device: device.id,
      kind: 'measured' as const,
    }
    return { mm, sdMm: rainSdMm(mm, km === 0), input }
  }
  const input = { key: 'rain', value: null, unit: 'mm', atMs: null, kind: 'measured' as const }
  return { mm: null, sdMm: UNKNOWN_RAIN_SD_MM, input }
}

function rainSince(hours: Parameters<typeof rainOf>[0], span: Span): number | null {
  const lastMs = hours.atMs.at(-1)
  if (lastMs === undefined) return null
  const startMs = Math.ceil(span.fromMs / HOUR_MS) * HOUR_MS
  // in the first hour of a day the newest total is that of the evening before
  if (lastMs < startMs) return span.toMs - lastMs <= 2 * HOUR_MS ? 0 : null
  return rainOf(hours, { fromMs: startMs, toMs: span.toMs })
}

const isLearned = ({ soil }: FieldContext): boolean =>
  soil.fieldCapacity.from === 'learned' || soil.wiltingPoint.from === 'learned'

function levelOf(
  context: FieldContext,
  group: FieldGroup,
  newestOf: LatestReadings,
  nowMs: AtMs,
): { newest: NowInputs['level']; fresh: Freshness | null; inputs: StateInput[] } {
  const gauge = context.devices.find((device) => device.kind === 'gauge')
  const readings = (newestOf.field.get(context.field.id) ?? [])
    .filter((reading) => reading.quantity === 'water.level')
    .toSorted((a, b) => b.atMs - a.atMs)
  const newest = readings[0]
  const everyS = group.devices.get(newest?.device ?? '')?.everyS ?? gauge?.everyS
  if (everyS === undefined) return { newest: null, fresh: null, inputs: [] }
  const fresh = freshnessOf(newest?.atMs ?? null, nowMs, everyS)
  if (!newest) return { newest: null, fresh, inputs: [] }
  return {
    newest: { mm: newest.value!, atMs: newest.atMs },
    fresh,
    inputs: [
      {
        key: 'water.level',
        value: newest.value,
        unit: 'mm',
        atMs: newest.atMs,
        device: newest.device,
        kind: 'measured',
        fresh,
      },
    ],
  }
}

/** Freshness of the air is that of the best station within reach; a neighbour's is never better than late. */
function weatherOf(
  context: FieldContext,
  newestOf: LatestReadings,
  nowMs: AtMs,
): { fresh: Freshness | null; inputs: (et0: ExpectedEt0) => StateInput[] } {
  const nearStations = context.stations
  const reporting = nearStations.map(({ device, km }) => {
    const reading = newestOf.device
      .get(device.id)
      ?.find((candidate) => candidate.quantity === 'air.temperature')
    const fresh = freshnessOf(reading?.atMs ?? null, nowMs, device.everyS)
    return {
      device,
      atMs: reading?.atMs ?? null,
      fresh: km > 0 && fresh === 'ok' ? ('late' as const) : fresh,
    }
  })
  const fresh = nearStations.length === 0 ? null : freshest(reporting.map((station) => station.fresh))
  const source = reporting.find((station) => station.fresh === fresh)
  return {
    fresh,
    inputs: (et0) => [
      {
        key: 'weather',
        value: et0?.mm ?? null,
        unit: 'mm',
        atMs: source?.atMs ?? null,
        kind: 'predicted',
        fresh: fresh ?? 'lost',
        ...(source ? { device: source.device.id } : {}),
        ...(et0 ? { method: et0.method } : {}),
      },
    ],
  }
}

const inputKinds: Record<NowInputs['irrigation']['irrigationSource'], StateInput['kind']> = {
  metered: 'measured',
  none: 'measured',
  unknown: 'measured',
  rate: 'estimated',
  reported: 'entered',
}

const irrigationInput = (irrigation: NowInputs['irrigation'], nowMs: AtMs): StateInput => ({
  key: 'irrigation',
  value: irrigation.irrigationSource === 'unknown' ? null : irrigation.irrigationMm,
  unit: 'mm',
  atMs: nowMs,
  kind: inputKinds[irrigation.irrigationSource],
  fresh: 'ok',
  method: irrigation.irrigationSource,
})
