/**
 * Whether the water that a meter counts fits the valves that are open. Pure: points of the meter and positions of the
 * valves in, a verdict out. Time is the controller's own monotonic clock throughout: no delay of the network and no wall
 * clock moves a litre from one side of a closing to the other.
 *
 * A meter that counts in pulses is off by one pulse over any interval, however long, so every judgement is made over
 * every interval that ends now: the short ones see a burst at once, the long ones a seep. Nothing is said before it is
 * certain, whatever the pulse and the cadence: 10 L every 5 min cannot say "no flow" after 30 s.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { computeFlowLimits, type ExpectedFlow } from './flow-limits.ts'

export interface MeterPoint {
  monoMs: number
  litres: number // counted so far
}

/** From `monoMs` on these valves are open, and no other, as the controller says. */
export interface ValveShift {
  monoMs: number
  open: readonly string[]
}

export interface MeterCase {
  /** whose water: of one valve, or null: of every valve of the controller */
  valve: string | null
  points: readonly MeterPoint[] // in order of time
  shifts: readonly ValveShift[] // in order of time
  knownUntilMonoMs: number // the valves' positions are certain until then
  expected: ReadonlyMap<string, ExpectedFlow> // a valve that is missing: nothing is known of its flow
  /** the most that one pulse may be, L; null: it has not counted yet */
  pulseLitres: number | null
  /** a meter that has never counted is no meter: its silence says nothing */
  hasCounted: boolean
}

/**
 * no-flow, low, high: with valves open. stuck: a valve that was shut lets water through. unscheduled: water flows with
 * every valve shut. leak: the same, slowly, for hours.
 */
export const flowKinds = ['no-flow', 'low', 'high', 'stuck', 'unscheduled', 'leak'] as const
export type FlowKind = (typeof flowKinds)[number]

export interface FlowVerdict {
  kind: FlowKind
  /** that it may be; none: it cannot be told */
  valves: readonly string[]
  lpm: number | null // as counted; null: it was not a meter that said so
  expectedLpm: number | null
}

/** Pipes fill after an opening, and a valve takes its time to shut. */
export const OPENED_SETTLE_MS = 60 * SECOND_MS
export const SHUT_SETTLE_MS = 30 * SECOND_MS
/** A controller may read its meter a little before or after the instant that it writes on the reading. */
export const READ_JITTER_MS = 10 * SECOND_MS
/** Totals travel as whole litres: so much is a difference of two of them off, and so much a pulse that was seen in one. */
const WIRE_LITRES = 1
/** With the valves shut so much may pass before anybody is called: a person washes hands, a pipe warms up. */
export const FREE_LITRES = 20
/** Less than this is a seep, which shows over hours. */
const SEEP_LPM = 1
export const LEAK_MS = 2 * HOUR_MS
/** Where nothing is known of a valve, an open one gives at least this much, L/min. */
const LEAST_LPM = 0.25
const STILL_FRACTION = 0.1

export function watchMeter(meter: MeterCase): FlowVerdict | null {
  const { valve, shifts, knownUntilMonoMs } = meter
  const known = meter.points.filter(({ monoMs }) => monoMs <= knownUntilMonoMs)
  const last = known.at(-1)
  if (!last) return null
  const [now, before] = shiftsAt(shiftsOfMeter(shifts, valve), last.monoMs)
  if (!now) return null
  const fromMonoMs = now.monoMs + (now.open.length > 0 ? OPENED_SETTLE_MS : SHUT_SETTLE_MS)
  const points = known.filter(({ monoMs }) => monoMs >= fromMonoMs)
  if (points.length < 2) return null
  return now.open.length > 0 ? watchOpen(meter, now.open, points) : watchShut(meter, before, points)
}

/** What the meter's own valves do; shifts of others are none to it. */
function shiftsOfMeter(shifts: readonly ValveShift[], valve: string | null): ValveShift[] {
  if (valve === null) return [...shifts]
  const own = shifts.map(({ monoMs, open }) => ({ monoMs, open: open.filter((id) => id === valve) }))
  return own.filter(({ open }, i) => i === 0 || open.length !== own[i - 1]!.open.length)
}

/** The shift in force at an instant, and the one before it. */
function shiftsAt(
  shifts: readonly ValveShift[],
  monoMs: number,
): [now: ValveShift | undefined, before: ValveShift | undefined] {
  const i = shifts.findLastIndex((shift) => shift.monoMs <= monoMs)
  return [shifts[i], shifts[i - 1]]
}

/** What certainly passed from `from` to `to`: at least, at most, and how long it took at most and at least. */
function flowBetween(from: MeterPoint, to: MeterPoint, pulseLitres: number | null) {
  const counted = to.litres - from.litres
  const slack = slackOf(pulseLitres)
  const minutes = (to.monoMs - from.monoMs) / MINUTE_MS
  const jitter = READ_JITTER_MS / MINUTE_MS
  return {
    counted,
    minutes,
    least: Math.max(0, counted - slack),
    most: counted + slack,
    shortMinutes: Math.max(0, minutes - jitter),
    longMinutes: minutes + jitter,
  }
}

/** A pulse that was never seen may be of any size: without one nothing can be said. */
const slackOf = (pulseLitres: number | null): number => (pulseLitres ?? Infinity) + 2 * WIRE_LITRES

/** Several open valves are judged by their sum: it cannot be told which one it is. */
function watchOpen(
  { expected, pulseLitres, hasCounted }: MeterCase,
  open: readonly string[],
  points: readonly MeterPoint[],
): FlowVerdict | null {
  const { lowLpm, highLpm, lpm: expectedLpm } = computeFlowLimits(open, expected)
  const last = points.at(-1)!
  for (const from of points.slice(0, -1).reverse()) {
    const { counted, minutes, least, most, shortMinutes, longMinutes } = flowBetween(from, last, pulseLitres)
    const told = { valves: open, lpm: counted / minutes, expectedLpm }
    if (highLpm !== null && least > highLpm * longMinutes) return { kind: 'high', ...told }
    if (!hasCounted || most >= (lowLpm ?? LEAST_LPM) * shortMinutes) continue
    const isStill = counted === 0 || (expectedLpm !== null && told.lpm < STILL_FRACTION * expectedLpm)
    if (isStill) return { kind: 'no-flow', ...told }
    if (lowLpm !== null) return { kind: 'low', ...told }
  }
  return null
}

function watchShut(
  { valve, pulseLitres }: MeterCase,
  before: ValveShift | undefined,
  points: readonly MeterPoint[],
): FlowVerdict | null {
  const last = points.at(-1)!
  for (const from of points.slice(0, -1).reverse()) {
    const { counted, minutes, least, longMinutes } = flowBetween(from, last, pulseLitres)
    if (least < FREE_LITRES || least / longMinutes < SEEP_LPM) continue
    const [first, second] = points as [MeterPoint, MeterPoint]
    // water that never paused since a valve was shut goes through that valve
    const suspects = valve !== null ? [valve] : second.litres > first.litres ? (before?.open ?? []) : []
    const kind = suspects.length > 0 ? 'stuck' : 'unscheduled'
    return { kind, valves: suspects, lpm: counted / minutes, expectedLpm: 0 }
  }
  return watchSeep(valve, pulseLitres, points)
}

/** Slow and without a pause: more than a pulse can explain in each third of some hours. */
function watchSeep(
  valve: string | null,
  pulseLitres: number | null,
  points: readonly MeterPoint[],
): FlowVerdict | null {
  const last = points.at(-1)!
  for (const from of points.slice(0, -1).reverse()) {
    const longMs = last.monoMs - from.monoMs
    if (longMs < LEAK_MS) continue
    const marks = [1, 2].map((third) => newestAt(points, from.monoMs + (third * longMs) / 3))
    const ends = [from, ...marks, last]
    const isSteady = ends.slice(1).every((to, i) => flowBetween(ends[i]!, to, pulseLitres).least > 0)
    const lpm = (last.litres - from.litres) / (longMs / MINUTE_MS)
    if (isSteady) return { kind: 'leak', valves: valve === null ? [] : [valve], lpm, expectedLpm: 0 }
  }
  return null
}

const newestAt = (points: readonly MeterPoint[], monoMs: number): MeterPoint =>
  points.findLast((point) => point.monoMs <= monoMs) ?? points[0]!
