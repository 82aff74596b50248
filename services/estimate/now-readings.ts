/** What was measured since midnight, for every field of one organisation: few queries, shared by all its fields. */
import { DAY_MS, HOUR_MS, dayOfYear, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import { flags } from '../../broker/contract/quantities.ts'
import type { ProbeEstimate } from '../agronomy/probe.ts'
import { extractEcDsM } from '../agronomy/salinity.ts'
import { radiationShare } from '../agronomy/radiation.ts'
import { wholeField } from '../by-hand.ts'
import type { Latest, RolledSeries, SeriesStore, State } from '../ports.ts'
import type { StateInput } from '../tables.ts'
import { meterKey, readMeters, readRuns, readTakenBack } from './day-readings.ts'
import { RAIN_KM, rainSdMm, UNKNOWN_RAIN_SD_MM } from './day-weather.ts'
import type { NowInputs } from './field-state.ts'
import { best, freshOf, type Fresh } from './freshness.ts'
import { joinHours, type Span } from './hours.ts'
import { irrigationDepth, wettingOf } from './irrigation-depth.ts'
import { drainedMm } from './paddy-gauge.ts'
import { grouped, type Plot, type PlotGroup } from './plots.ts'
import { probeOf } from './probe-of.ts'
import { rainOf } from './station-day.ts'

export type ExpectedEt0 = NowInputs['et0']

/** The newest usable reading of each series. */
interface Newest {
  device: ReadonlyMap<string, Latest[]>
  field: ReadonlyMap<string, Latest[]>
}

/** Reads the day so far of a group; the answer gives each plot its inputs without another query. */
export async function readNow(
  stores: { series: SeriesStore; state: State },
  group: PlotGroup,
  today: Day,
  nowMs: AtMs,
): Promise<(plot: Plot, et0: ExpectedEt0) => NowInputs> {
  const { series, state } = stores
  const fromMs = startOfDay(today, group.timeZone)
  const span = { fromMs, toMs: nowMs + 1 }
  const hasStation = [...group.devices.values()].some((device) => device.kind === 'station')
  const [latest, rain, meters, runs, takenBack] = await Promise.all([
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
    readTakenBack(state, group.org, span),
  ])
  const usable = await usableOf(series, group, latest, nowMs)
  const newestOf: Newest = {
    device: grouped(usable, (one) => one.device),
    field: grouped(usable, (one) => one.field),
  }
  const rainOfDevice = grouped(rain, (one) => one.device)
  return (plot, et0) => {
    const rainToday = rainSoFar(plot, rainOfDevice, { fromMs, toMs: nowMs })
    const soil = soilOf(plot, newestOf, nowMs)
    const level = levelOf(plot, group, newestOf, nowMs)
    const weather = weatherOf(plot, newestOf, nowMs)
    const irrigation = irrigationDepth(
      plot.zones.length > 0 ? plot.zones : [wholeField(plot.field)],
      span,
      (zone) => meters.get(meterKey(plot.zones.find(({ id }) => id === zone.id))),
      runs.get(plot.field.id) ?? [],
      takenBack.get(plot.field.id) ?? [],
    )
    return {
      dayShare: dayShare(plot, today, group.timeZone, nowMs),
      et0,
      rainMm: rainToday.mm,
      rainSdMm: rainToday.sdMm,
      irrigation,
      wetting: wettingOf(plot.zones),
      probe: soil.probe,
      level: level.newest,
      drainedMm: drainedMm(plot.outlets, runs.get(plot.field.id) ?? [], span),
      fresh: { weather: weather.fresh, soil: soil.fresh, level: level.fresh },
      inputs: [
        ...soil.inputs,
        ...saltInputs(plot, newestOf, nowMs),
        ...level.inputs,
        ...weather.inputs(et0),
        { ...rainToday.input, fresh: weather.fresh ?? 'lost' },
        irrigationInput(irrigation, nowMs),
        {
          key: 'soil',
          value: 1000 * (plot.soil.fieldCapacity.v - plot.soil.wiltingPoint.v),
          unit: 'mm/m',
          atMs: null,
          kind: isLearned(plot) ? ('estimated' as const) : ('entered' as const),
          fresh: 'ok' as const,
          method: plot.field.soilTexture,
        },
      ],
    }
  }
}

const restsOn = new Set(['soil.moisture', 'water.level', 'air.temperature'])

/** The newest reading of each series that quality control let pass: behind a suspect one, the one before it. */
async function usableOf(
  series: SeriesStore,
  group: PlotGroup,
  latest: readonly Latest[],
  nowMs: AtMs,
): Promise<Latest[]> {
  const usable: Latest[] = []
  for (const one of latest) {
    if (one.flag <= flags.notEvaluated && one.value !== null) usable.push(one)
    else if (restsOn.has(one.quantity)) {
      const { device, quantity, depthCm } = one
      // older than the six intervals after which it is lost it would help nobody
      const fromMs = nowMs - 6_000 * (group.devices.get(device)?.everyS ?? 0)
      const found = await series.range({
        org: group.org,
        device,
        quantity,
        depthCm,
        fromMs,
        toMs: one.atMs,
      })
      const before = found.find(({ field }) => field === one.field)
      const i = before?.flag.findLastIndex(
        (flag, at) => flag <= flags.notEvaluated && before.value[at] !== null,
      )
      if (before && i !== undefined && i >= 0)
        usable.push({ ...one, atMs: before.atMs[i]!, value: before.value[i]!, flag: before.flag[i]! })
    }
  }
  return usable
}

/** How much of the civil day's light has come, 0-1. */
function dayShare(plot: Plot, today: Day, timeZone: string, nowMs: AtMs): number {
  const noonMs = startOfDay(today, timeZone) + 12 * HOUR_MS
  const utcMs = startOfDay(today, 'UTC')
  // where the date line is bent around a country, its civil day is a whole day off the sun's
  const solarNoonH = (noonMs - utcMs) / HOUR_MS + plot.farm.lonDeg / 15
  const shiftH = solarNoonH < 0 ? 24 : solarNoonH >= 24 ? -24 : 0
  return radiationShare(plot.farm, dayOfYear(today), (nowMs - utcMs) / HOUR_MS + shiftH)
}

function rainSoFar(
  plot: Plot,
  rain: ReadonlyMap<string, RolledSeries[]>,
  span: Span,
): { mm: number | null; sdMm: number; input: Omit<StateInput, 'fresh'> } {
  for (const { device, km } of plot.stations) {
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

function soilOf(
  plot: Plot,
  newestOf: Newest,
  nowMs: AtMs,
): { probe: (rootDepthM: number) => ProbeEstimate | null; fresh: Fresh | null; inputs: StateInput[] } {
  const probes = plot.devices.filter((device) => device.kind === 'probe')
  const profiles = probes.map((device) => {
    const readings = (newestOf.device.get(device.id) ?? []).filter(
      (one) => one.field === plot.field.id && one.quantity === 'soil.moisture' && one.depthCm !== null,
    )
    const atMs = readings.length === 0 ? null : Math.max(...readings.map((one) => one.atMs))
    return { device, readings, fresh: freshOf(atMs, nowMs, device.everyS) }
  })
  const inputs = profiles.flatMap(({ device, readings }) =>
    readings
      .toSorted((a, b) => a.depthCm! - b.depthCm!)
      .map((one) => ({
        key: 'soil.moisture',
        value: one.value,
        unit: '% vol',
        atMs: one.atMs,
        depthCm: one.depthCm!,
        device: device.id,
        kind: 'measured' as const,
        fresh: freshOf(one.atMs, nowMs, device.everyS),
      })),
  )
  // an old profile may be from before today's water: only a fresh one corrects the balance
  const fresh = profiles.filter((profile) => profile.fresh === 'ok')
  return {
    probe: (rootDepthM) =>
      probeOf(
        plot,
        fresh.flatMap(({ device, readings }) =>
          readings
            .filter((one) => freshOf(one.atMs, nowMs, device.everyS) === 'ok')
            .map(({ depthCm, value }) => ({ device: device.id, depthCm, percent: value })),
        ),
        rootDepthM,
      ),
    fresh: profiles.length === 0 ? null : best(profiles.map((profile) => profile.fresh)),
    inputs,
  }
}

/** ECe of the soil by its probes, the mean of their depths; none where none tells EC, or the soil is too dry to tell. */
function saltInputs(plot: Plot, newestOf: Newest, nowMs: AtMs): StateInput[] {
  const told = plot.devices
    .filter((device) => device.kind === 'probe')
    .flatMap((device) => {
      const own = (newestOf.device.get(device.id) ?? []).filter((one) => one.field === plot.field.id)
      return own
        .filter(({ quantity }) => quantity === 'soil.ec')
        .flatMap((ec) => {
          const wet = own.find((one) => one.quantity === 'soil.moisture' && one.depthCm === ec.depthCm)
          if (!wet) return []
          const dSm = extractEcDsM(ec.value!, wet.value! / 100, plot.field.saturation)
          return dSm === null ? [] : [{ dSm, atMs: ec.atMs, fresh: freshOf(ec.atMs, nowMs, device.everyS) }]
        })
    })
    .filter(({ fresh }) => fresh !== 'lost')
  if (told.length === 0) return []
  return [
    {
      key: 'soil.ec',
      value: Math.round((100 * told.reduce((sum, { dSm }) => sum + dSm, 0)) / told.length) / 100,
      unit: 'dS/m',
      atMs: Math.max(...told.map(({ atMs }) => atMs)),
      kind: 'estimated',
      fresh: best(told.map(({ fresh }) => fresh)),
      method: 'hilhorst',
    },
  ]
}

const isLearned = ({ soil }: Plot): boolean =>
  soil.fieldCapacity.from === 'learned' || soil.wiltingPoint.from === 'learned'

function levelOf(
  plot: Plot,
  group: PlotGroup,
  newestOf: Newest,
  nowMs: AtMs,
): { newest: NowInputs['level']; fresh: Fresh | null; inputs: StateInput[] } {
  const gauge = plot.devices.find((device) => device.kind === 'gauge')
  const readings = (newestOf.field.get(plot.field.id) ?? [])
    .filter((one) => one.quantity === 'water.level')
    .toSorted((a, b) => b.atMs - a.atMs)
  const newest = readings[0]
  const everyS = group.devices.get(newest?.device ?? '')?.everyS ?? gauge?.everyS
  if (everyS === undefined) return { newest: null, fresh: null, inputs: [] }
  const fresh = freshOf(newest?.atMs ?? null, nowMs, everyS)
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

/** The air's freshness is that of the best station near enough; a neighbour's is never better than late. */
function weatherOf(
  plot: Plot,
  newestOf: Newest,
  nowMs: AtMs,
): { fresh: Fresh | null; inputs: (et0: ExpectedEt0) => StateInput[] } {
  const near = plot.stations
  const spoke = near.map(({ device, km }) => {
    const one = newestOf.device.get(device.id)?.find((each) => each.quantity === 'air.temperature')
    const fresh = freshOf(one?.atMs ?? null, nowMs, device.everyS)
    return { device, atMs: one?.atMs ?? null, fresh: km > 0 && fresh === 'ok' ? ('late' as const) : fresh }
  })
  const fresh = near.length === 0 ? null : best(spoke.map((station) => station.fresh))
  const source = spoke.find((station) => station.fresh === fresh)
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
  ...{ metered: 'measured', none: 'measured', unknown: 'measured' },
  ...{ rate: 'estimated', told: 'entered' },
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
