/**
 * Quality control with hindsight: looks back over the last days of every probe and station and marks as suspect what
 * passed on arrival and no longer does. It only ever lowers the trust in a reading, and deletes nothing; looking twice
 * changes nothing. Roll-ups, and so the balance, leave suspect readings out.
 */
import { DAY_MS, addDays, dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { flags, type Flag } from '../../../broker/contract/quantities.ts'
import type { Logger, Reading, RolledSeries, Series, SeriesStore, State } from '../../ports.ts'
import type { DeviceRow } from '../../tables.ts'
import { readRuns } from '../days/day-readings.ts'
import { RAIN_KM } from '../days/day-weather.ts'
import { hoursOf, joinHours, type Hours, type Span } from '../days/hours.ts'
import { checkSoilMoisture } from './soil-probes.ts'
import { checkStation } from './stations.ts'
import { grouped, loadFieldGroups, type FieldContext, type FieldGroup } from '../field-context.ts'
import { waterHours } from '../water/water-hours.ts'

interface Stores {
  state: State
  series: SeriesStore
  log: Logger
}

const BACK_DAYS = 10 // four days of an excursion, and a week by which a sensor's noise is known
const NEIGHBOUR_KM = 20 // unconfirmed: further away the air may be another place's

/** Gives how many readings were marked. */
export async function flagSuspectReadings(deps: Stores, nowMs: AtMs): Promise<number> {
  let marked = 0
  const span = hoursOf({ fromMs: nowMs - BACK_DAYS * DAY_MS, toMs: nowMs })
  for (const group of await loadFieldGroups(deps.state, addDays(dayOf(nowMs, 'UTC'), -BACK_DAYS)))
    marked += await checkGroup(deps, group, span)
  return marked
}

async function checkGroup(deps: Stores, group: FieldGroup, span: Span): Promise<number> {
  const { org } = group
  const rolled = async (quantity: string, fromMs: AtMs): Promise<Map<string, Hours>> =>
    byDevice(await deps.series.rolled({ org, quantity, fromMs, toMs: span.toMs, step: 'hour' }))
  const [rain, temperature, radiation, runs] = await Promise.all([
    rolled('rain.cumulative', span.fromMs - DAY_MS),
    rolled('air.temperature', span.fromMs),
    rolled('solar.radiation', span.fromMs),
    readRuns(deps.state, org, span),
  ])
  let marked = 0
  for (const plot of group.plots) {
    const probes = plot.devices.filter(({ kind }) => kind === 'probe')
    if (probes.length === 0) continue
    const waterMm = waterHours(span, rainOf(plot, rain), runs.get(plot.field.id) ?? [])
    for (const probe of probes) marked += await checkProbe(deps, plot, probe, waterMm, span)
  }
  for (const [device, station] of stationsOf(group.plots)) {
    const record = {
      place: station.place,
      temperature: temperature.get(device),
      radiation: radiation.get(device),
      neighbours: station.neighbours.map((id) => temperature.get(id)),
    }
    for (const { quantity, ...when } of checkStation(record, span)) {
      const readings = await deps.series.range({ org, device, quantity, ...within(when) })
      marked += await flagSuspect(deps, org, readings.flatMap(usableReadings))
    }
  }
  return marked
}

async function checkProbe(
  { series, log }: Stores,
  { field }: FieldContext,
  { id: device, org, everyS }: DeviceRow,
  waterMm: readonly (number | null)[],
  span: Span,
): Promise<number> {
  const ask = (quantity: string) => series.range({ org, device, quantity, ...within(span) })
  const [moistures, temperatures] = await Promise.all([ask('soil.moisture'), ask('soil.temperature')])
  const judged = moistures
    .filter((one) => one.field === field.id)
    .flatMap((one) => {
      const warmth = temperatures.find(({ field, depthCm }) => field === one.field && depthCm === one.depthCm)
      return checkSoilMoisture(one, warmth, waterMm, span, everyS)
    })
  if (judged.length > 0)
    log.info({ org, device, tests: [...new Set(judged.map(({ test }) => test))] }, 'a probe is suspected')
  return flagSuspect({ series }, org, judged)
}

interface ReadingPosition {
  series: Series
  at: number // in its columns
}

const usableReadings = (series: Series): ReadingPosition[] =>
  series.flag.flatMap((flag, at) => (flag <= flags.notEvaluated ? [{ series, at }] : []))

const ROWS_AT_ONCE = 5000

/** The same readings, less trusted. One that passed was measured; of one not evaluated the time was estimated. */
async function flagSuspect(
  { series }: Pick<Stores, 'series'>,
  org: string,
  places: readonly ReadingPosition[],
): Promise<number> {
  const readings = places.map(
    ({ series: { farm, field, device, quantity, depthCm, ...columns }, at }): Reading => {
      const origin = columns.flag[at] === (flags.notEvaluated as Flag) ? 'estimated' : 'measured'
      const [atMs, value] = [columns.atMs[at]!, columns.value[at] ?? null]
      return { org, farm, field, device, quantity, depthCm, atMs, value, flag: flags.suspect, origin }
    },
  )
  for (let from = 0; from < readings.length; from += ROWS_AT_ONCE)
    await series.append(readings.slice(from, from + ROWS_AT_ONCE))
  return readings.length
}

const within = ({ fromMs, toMs }: Span): Span => ({ fromMs, toMs })

function byDevice(rolled: readonly RolledSeries[]): Map<string, Hours> {
  const hours = new Map<string, Hours>()
  for (const [device, parts] of grouped(rolled, (one) => one.device)) hours.set(device, joinHours(parts)!)
  return hours
}

const rainOf = (plot: FieldContext, rain: ReadonlyMap<string, Hours>): Hours | undefined => {
  const near = plot.stations.find(({ device, km }) => km <= RAIN_KM && rain.has(device.id))
  return near && rain.get(near.device.id)
}

/** Every station that a plot knows, at the place of the nearest farm, and the other stations around it. */
function stationsOf(
  plots: readonly FieldContext[],
): Map<string, { place: FieldContext['farm']; neighbours: string[] }> {
  const found = new Map<string, { km: number; place: FieldContext['farm']; neighbours: string[] }>()
  for (const { farm, stations } of plots) {
    const around = stations.filter(({ km }) => km <= NEIGHBOUR_KM).map(({ device }) => device.id)
    for (const { device, km } of stations)
      if (km < (found.get(device.id)?.km ?? Infinity))
        found.set(device.id, { km, place: farm, neighbours: around.filter((id) => id !== device.id) })
  }
  return found
}
