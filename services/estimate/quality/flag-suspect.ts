/**
 * Quality control with hindsight: checks the last days of every probe and station and flags as suspect the readings
 * that passed on arrival and no longer do. It only lowers the trust in a reading, deletes nothing, and is idempotent.
 * Roll-ups, and so the balance, exclude suspect readings.
 */
import { DAY_MS, HOUR_MS, addDays, dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { flags, type Flag } from '../../../broker/contract/quantities.ts'
import type { Logger, Reading, RolledSeries, Series, SeriesStore, State } from '../../ports.ts'
import type { DeviceRow, IrrigationRow } from '../../tables.ts'
import { readRuns } from '../days/day-readings.ts'
import { RAIN_KM } from '../days/day-weather.ts'
import { hoursOf, joinHours, type Hours, type Span } from '../days/hours.ts'
import { checkSoilMoisture } from './soil-probes.ts'
import { checkStation } from './stations.ts'
import { timeSlices } from '../../runtime/cooperative.ts'
import { groupBy } from '../../runtime/group-by.ts'
import { loadFieldGroups, type FieldContext, type FieldGroup } from '../field-context.ts'

interface Stores {
  state: State
  series: SeriesStore
  log: Logger
}

const BACK_DAYS = 10 // four days of an excursion, and a week to estimate a sensor's noise
// of ten days in memory: some 10 MB with a reading every ten minutes
const FIELDS_A_QUERY = 50
const NEIGHBOUR_KM = 20 // unconfirmed: the air may differ over larger distances

/** Returns the number of flagged readings. */
export async function flagSuspectReadings(deps: Stores, nowMs: AtMs): Promise<number> {
  let flaggedCount = 0
  const span = hoursOf({ fromMs: nowMs - BACK_DAYS * DAY_MS, toMs: nowMs })
  for (const group of await loadFieldGroups(deps.state, addDays(dayOf(nowMs, 'UTC'), -BACK_DAYS)))
    flaggedCount += await checkGroup(deps, group, span)
  return flaggedCount
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
  const betweenDevices = timeSlices()
  let flaggedCount = 0
  const probed = group.contexts.filter(({ devices }) => devices.some(isProbe))
  for (let from = 0; from < probed.length; from += FIELDS_A_QUERY) {
    const contexts = probed.slice(from, from + FIELDS_A_QUERY)
    const readingsOf = await readProbes(deps.series, org, contexts, span)
    for (const context of contexts) {
      const waterMm = waterHours(span, rainOf(context, rain), runs.get(context.field.id) ?? [])
      for (const probe of context.devices.filter(isProbe)) {
        await betweenDevices()
        flaggedCount += await checkProbe(deps, probe, readingsOf(context), waterMm, span)
      }
    }
  }
  for (const [device, station] of stationsOf(group.contexts)) {
    await betweenDevices()
    const record = {
      place: station.place,
      temperature: temperature.get(device),
      radiation: radiation.get(device),
      neighbours: station.neighbours.map((id) => temperature.get(id)),
    }
    for (const { quantity, ...when } of checkStation(record, span)) {
      const readings = await deps.series.range({ org, device, quantity, ...within(when) })
      flaggedCount += await flagSuspect(deps, org, readings.flatMap(usableReadings))
    }
  }
  return flaggedCount
}

interface ProbeReadings {
  moistures: Series[]
  temperatures: Series[]
}

/** Of all probes of some fields at once: a query costs about as much for one device as for all. */
async function readProbes(
  series: SeriesStore,
  org: string,
  contexts: readonly FieldContext[],
  span: Span,
): Promise<(context: FieldContext) => ProbeReadings> {
  const fields = contexts.map(({ field }) => field.id)
  const read = async (quantity: string) =>
    groupBy(await series.range({ org, fields, quantity, ...within(span) }), ({ field }) => field)
  const [moistures, temperatures] = await Promise.all([read('soil.moisture'), read('soil.temperature')])
  return ({ field: { id } }) => ({
    moistures: moistures.get(id) ?? [],
    temperatures: temperatures.get(id) ?? [],
  })
}

const isProbe = ({ kind }: DeviceRow): boolean => kind === 'probe'

async function checkProbe(
  { series, log }: Stores,
  { id: device, org, everyS }: DeviceRow,
  { moistures, temperatures }: ProbeReadings,
  waterMm: readonly (number | null)[],
  span: Span,
): Promise<number> {
  const suspect = moistures
    .filter((moisture) => moisture.device === device)
    .flatMap((moisture) => {
      const temperature = temperatures.find(
        (other) => other.device === device && other.depthCm === moisture.depthCm,
      )
      return checkSoilMoisture(moisture, temperature, waterMm, span, everyS)
    })
  if (suspect.length > 0)
    log.info({ org, device, tests: [...new Set(suspect.map(({ test }) => test))] }, 'a probe is suspected')
  return flagSuspect({ series }, org, suspect)
}

interface ReadingPosition {
  series: Series
  at: number // in its columns
}

const usableReadings = (series: Series): ReadingPosition[] =>
  series.flag.flatMap((flag, index) => (flag <= flags.notEvaluated ? [{ series, at: index }] : []))

const BATCH_SIZE = 5000

/**
 * The same readings with a lower flag. A passed reading has a measured time; one not evaluated has an estimated time.
 */
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
  for (let from = 0; from < readings.length; from += BATCH_SIZE)
    await series.append(readings.slice(from, from + BATCH_SIZE))
  return readings.length
}

const within = ({ fromMs, toMs }: Span): Span => ({ fromMs, toMs })

function byDevice(rolled: readonly RolledSeries[]): Map<string, Hours> {
  const hours = new Map<string, Hours>()
  for (const [device, parts] of groupBy(rolled, (rolledSeries) => rolledSeries.device))
    hours.set(device, joinHours(parts)!)
  return hours
}

const rainOf = (context: FieldContext, rain: ReadonlyMap<string, Hours>): Hours | undefined => {
  const nearStation = context.stations.find(({ device, km }) => km <= RAIN_KM && rain.has(device.id))
  return nearStation && rain.get(nearStation.device.id)
}

/** Every station that a field follows, at the location of the nearest farm, and the other stations around it. */
function stationsOf(
  contexts: readonly FieldContext[],
): Map<string, { place: FieldContext['farm']; neighbours: string[] }> {
  const byStation = new Map<string, { km: number; place: FieldContext['farm']; neighbours: string[] }>()
  for (const { farm, stations } of contexts) {
    const neighbours = stations.filter(({ km }) => km <= NEIGHBOUR_KM).map(({ device }) => device.id)
    for (const { device, km } of stations)
      if (km < (byStation.get(device.id)?.km ?? Infinity))
        byStation.set(device.id, { km, place: farm, neighbours: neighbours.filter((id) => id !== device.id) })
  }
  return byStation
}

// a run of unknown depth wetted the field
const UNKNOWN_DEPTH_MM = 1

/**
 * mm in each hour of the span; null where rain is unknown. `rain`: hours of the decoded counter from a day before the
 * span on, undefined without a gauge.
 */
export function waterHours(
  span: Span,
  rain: Hours | undefined,
  runs: readonly Pick<IrrigationRow, 'openedAtMs' | 'closedAtMs' | 'commandedAtMs' | 'ranMs' | 'grossMm'>[],
): (number | null)[] {
  const hours = rainHours(span, rain)
  for (const run of runs) {
    const fromMs = run.openedAtMs ?? run.commandedAtMs
    const toMs = run.closedAtMs ?? fromMs + run.ranMs
    if (run.grossMm === 0 && run.ranMs === 0) continue
    for (let h = hourOf(span, fromMs); h <= hourOf(span, toMs); h++)
      if (hours[h] != null) hours[h]! += run.grossMm ?? UNKNOWN_DEPTH_MM
  }
  return hours
}

/** Rain of each hour, the difference of its counter from the hour before. */
function rainHours(span: Span, rain: Hours | undefined): (number | null)[] {
  const count = Math.ceil((span.toMs - span.fromMs) / HOUR_MS)
  const hours = new Array<number | null>(Math.max(0, count)).fill(null)
  rain?.atMs.forEach((atMs, i) => {
    const h = hourOf(span, atMs)
    if (i === 0 || h < 0 || h >= hours.length) return
    const mm = rain.last[i]! - rain.last[i - 1]!
    // after a gap the sum is known, but not its hours
    const isNext = atMs - rain.atMs[i - 1]! === HOUR_MS
    if (mm >= 0 && (isNext || (mm === 0 && atMs - rain.atMs[i - 1]! <= DAY_MS)))
      hours.fill(mm, isNext ? h : Math.max(0, hourOf(span, rain.atMs[i - 1]!) + 1), h + 1)
  })
  return hours
}

const hourOf = (span: Span, atMs: AtMs): number => Math.floor((atMs - span.fromMs) / HOUR_MS)
