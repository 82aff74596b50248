/**
 * Whether the metered water fits the open valves. Pure: meter points and valve positions in, a verdict out. All times
 * are on the controller's monotonic clock: no network delay and no wall clock moves a litre from one side of a closing
 * to the other. A pulse meter is off by one pulse over any interval, so every interval that ends now is evaluated:
 * short ones show a burst at once, long ones a seep. A verdict must be certain for the given pulse and reading
 * interval: 10 L pulses every 5 min cannot show "no flow" after 30 s.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { computeFlowLimits, type ExpectedFlow } from './flow-limits.ts'

export interface MeterPoint {
  monoMs: number
  litres: number // total so far
}

/** From `monoMs` on exactly these valves are open, as reported by the controller. */
export interface ValveShift {
  monoMs: number
  open: readonly string[]
}

export interface MeterCase {
  /** a single valve, or null: all valves of the controller */
  valve: string | null
  points: readonly MeterPoint[] // in time order
  shifts: readonly ValveShift[] // in time order
  knownUntilMonoMs: number // until then the positions of the valves are certain
  expected: ReadonlyMap<string, ExpectedFlow> // a missing valve has no expected flow
  /** upper bound of one pulse, L; null: it has not counted yet */
  pulseLitres: number | null
  /** without a pulse so far a missing pulse is not significant */
  hasCounted: boolean
}

/**
 * no-flow, low, high: with open valves. stuck: a closed valve lets water through. unscheduled: water flows with
 * every valve closed. leak: the same, slowly, for hours.
 */
export const flowKinds = ['no-flow', 'low', 'high', 'stuck', 'unscheduled', 'leak'] as const
export type FlowKind = (typeof flowKinds)[number]

export interface FlowVerdict {
  kind: FlowKind
  /** possible valves; empty: unknown */
  valves: readonly string[]
  lpm: number | null // as counted; null: not from a meter
  expectedLpm: number | null
}

/** Pipes fill after an opening, and a valve takes time to close. */
export const OPENED_SETTLE_MS = 60 * SECOND_MS
export const SHUT_SETTLE_MS = 30 * SECOND_MS
/** A controller may read its meter a little before or after the time stamp of the reading. */
export const READ_JITTER_MS = 10 * SECOND_MS
/** Totals are transmitted as whole litres: the error of a difference of two totals, and of a pulse seen in one. */
const WIRE_LITRES = 1
/** With all valves closed this volume may flow before an alert: hands are washed, a pipe warms up. */
export const FREE_LITRES = 20
/** Below this it is a seep, which is detected over hours. */
const SEEP_LPM = 1
export const LEAK_MS = 2 * HOUR_MS
/** The minimum flow of an open valve without a known rate, L/min. */
const MIN_FLOW_LPM = 0.25
const STILL_FRACTION = 0.1

/** The verdict on a meter at its last reading; null: none is certain. */
export function watchMeter(meter: MeterCase): FlowVerdict | null {
  const { valve, shifts, knownUntilMonoMs } = meter
  const knownPoints = meter.points.filter(({ monoMs }) => monoMs <= knownUntilMonoMs)
  const last = knownPoints.at(-1)
  if (!last) return null
  const [now, previous] = shiftsAt(shiftsOfMeter(shifts, valve), last.monoMs)
  if (!now) return null
  const fromMonoMs = now.monoMs + (now.open.length > 0 ? OPENED_SETTLE_MS : SHUT_SETTLE_MS)
  const points = knownPoints.filter(({ monoMs }) => monoMs >= fromMonoMs)
  if (points.length < 2) return null
  return now.open.length > 0 ? watchOpen(meter, now.open, points) : watchShut(meter, previous, points)
}

/** The shifts of the valves of this meter; other valves do not concern it. */
function shiftsOfMeter(shifts: readonly ValveShift[], valve: string | null): ValveShift[] {
  if (valve === null) return [...shifts]
  const ownShifts = shifts.map(({ monoMs, open }) => ({ monoMs, open: open.filter((id) => id === valve) }))
  return ownShifts.filter(({ open }, i) => i === 0 || open.length !== ownShifts[i - 1]!.open.length)
}

/** The shift in effect at an instant, and the previous one. */
function shiftsAt(
  shifts: readonly ValveShift[],
  monoMs: number,
): [now: ValveShift | undefined, before: ValveShift | undefined] {
  const i = shifts.findLastIndex((shift) => shift.monoMs <= monoMs)
  return [shifts[i], shifts[i - 1]]
}

/** Bounds of the water from `from` to `to` and of the time it took. */
function flowBetween(from: MeterPoint, to: MeterPoint, pulseLitres: number | null) {
  const countedLitres = to.litres - from.litres
  const slack = slackOf(pulseLitres)
  const minutes = (to.monoMs - from.monoMs) / MINUTE_MS
  const jitter = READ_JITTER_MS / MINUTE_MS
  return {
    countedLitres,
    minutes,
    minLitres: Math.max(0, countedLitres - slack),
    maxLitres: countedLitres + slack,
    shortMinutes: Math.max(0, minutes - jitter),
    longMinutes: minutes + jitter,
  }
}

/** Before its first pulse the size of a pulse is unknown: no verdict is possible. */
const slackOf = (pulseLitres: number | null): number => (pulseLitres ?? Infinity) + 2 * WIRE_LITRES

/** Several open valves are evaluated by their sum: the meter cannot distinguish them. */
function watchOpen(
  { expected, pulseLitres, hasCounted }: MeterCase,
  open: readonly string[],
  points: readonly MeterPoint[],
): FlowVerdict | null {
  const { lowLpm, highLpm, lpm: expectedLpm } = computeFlowLimits(open, expected)
  const last = points.at(-1)!
  for (const from of points.slice(0, -1).reverse()) {
    const { countedLitres, minutes, minLitres, maxLitres, shortMinutes, longMinutes } = flowBetween(
      from,
      last,
      pulseLitres,
    )
    const measured = { valves: open, lpm: countedLitres / minutes, expectedLpm }
    if (highLpm !== null && minLitres > highLpm * longMinutes) return { kind: 'high', ...measured }
    if (!hasCounted || maxLitres >= (lowLpm ?? MIN_FLOW_LPM) * shortMinutes) continue
    const isStill =
      countedLitres === 0 || (expectedLpm !== null && measured.lpm < STILL_FRACTION * expectedLpm)
    if (isStill) return { kind: 'no-flow', ...measured }
    if (lowLpm !== null) return { kind: 'low', ...measured }
  }
  return null
}

function watchShut(
  { valve, pulseLitres }: MeterCase,
  previous: ValveShift | undefined,
  points: readonly MeterPoint[],
): FlowVerdict | null {
  const last = points.at(-1)!
  for (const from of points.slice(0, -1).reverse()) {
    const { countedLitres, minutes, minLitres, longMinutes } = flowBetween(from, last, pulseLitres)
    if (minLitres < FREE_LITRES || minLitres / longMinutes < SEEP_LPM) continue
    const [first, second] = points as [MeterPoint, MeterPoint]
    // water that never paused since a valve was closed flows through that valve
    const suspects = valve !== null ? [valve] : second.litres > first.litres ? (previous?.open ?? []) : []
    const kind = suspects.length > 0 ? 'stuck' : 'unscheduled'
    return { kind, valves: suspects, lpm: countedLitres / minutes, expectedLpm: 0 }
  }
  return watchSeep(valve, pulseLitres, points)
}

/** Slow and continuous: more than one pulse in each third of several hours. */
function watchSeep(
  valve: string | null,
  pulseLitres: number | null,
  points: readonly MeterPoint[],
): FlowVerdict | null {
  const last = points.at(-1)!
  for (const from of points.slice(0, -1).reverse()) {
    const longMs = last.monoMs - from.monoMs
    if (longMs < LEAK_MS) continue
    const thirds = [1, 2].map((third) => newestAt(points, from.monoMs + (third * longMs) / 3))
    const ends = [from, ...thirds, last]
    const isSteady = ends.slice(1).every((to, i) => flowBetween(ends[i]!, to, pulseLitres).minLitres > 0)
    const lpm = (last.litres - from.litres) / (longMs / MINUTE_MS)
    if (isSteady) return { kind: 'leak', valves: valve === null ? [] : [valve], lpm, expectedLpm: 0 }
  }
  return null
}

const newestAt = (points: readonly MeterPoint[], monoMs: number): MeterPoint =>
  points.findLast((point) => point.monoMs <= monoMs) ?? points[0]!
