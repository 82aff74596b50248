/**
 * Hours of a series as columns, and their values over a civil day. A day consists of the UTC hours that start in it,
 * so that in a time zone with half hours no hour is counted twice.
 */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { RolledSeries } from '../../ports.ts'

export type Hours = Pick<RolledSeries, 'atMs' | 'mean' | 'min' | 'max' | 'first' | 'last'>

export interface Span {
  fromMs: AtMs // inclusive
  toMs: AtMs // exclusive
}

/** The whole UTC hours that start inside a span. */
export const hoursOf = (span: Span): Span => ({ fromMs: ceilHour(span.fromMs), toMs: ceilHour(span.toMs) })
const ceilHour = (atMs: AtMs): AtMs => Math.ceil(atMs / HOUR_MS) * HOUR_MS

/** The series of one device joined: a device that was moved has one for each place. */
export function joinHours(parts: readonly Hours[]): Hours | undefined {
  if (parts.length <= 1) return parts[0]
  const order = parts
    .flatMap((part, p) => part.atMs.map((atMs, i) => ({ atMs, p, i })))
    .toSorted((a, b) => a.atMs - b.atMs)
  const column = (key: keyof Hours) => order.map(({ p, i }) => parts[p]![key][i]!)
  return {
    atMs: column('atMs'),
    mean: column('mean'),
    min: column('min'),
    max: column('max'),
    first: column('first'),
    last: column('last'),
  }
}

/** Positions [from, to) of a column inside a span. */
export function within(atMs: readonly number[], span: Span): [from: number, to: number] {
  let from = 0
  while (from < atMs.length && atMs[from]! < span.fromMs) from++
  let to = from
  while (to < atMs.length && atMs[to]! < span.toMs) to++
  return [from, to]
}

const MIN_SHARE = 0.8 // share of the hours below which WMO's guide (WMO-8) omits a daily value
const MAX_GAP_MS = 3 * HOUR_MS // in a longer gap the day's maximum may be missing

/** Whether a day's hours are enough to represent it, and whether none is missing. */
export function coverage(
  atMs: readonly number[],
  span: Span,
  everyS: number,
): { isEnough: boolean; isWhole: boolean } {
  const [from, to] = within(atMs, span)
  const stepMs = Math.max(HOUR_MS, everyS * 1000)
  const expected = Math.max(1, Math.floor((span.toMs - span.fromMs) / stepMs))
  const count = to - from
  if (count === 0) return { isEnough: false, isWhole: false }
  let gapMs = Math.max(atMs[from]! - span.fromMs, span.toMs - atMs[to - 1]! - HOUR_MS)
  for (let i = from + 1; i < to; i++) gapMs = Math.max(gapMs, atMs[i]! - atMs[i - 1]! - HOUR_MS)
  const longestMs = Math.max(MAX_GAP_MS, 2 * stepMs)
  return { isEnough: count >= MIN_SHARE * expected && gapMs <= longestMs, isWhole: count >= expected }
}

/**
 * Mean over the span, linear across missing hours, constant before the first and after the last. Null without an
 * hour.
 */
export function spanMean(atMs: readonly number[], value: readonly number[], span: Span): number | null {
  const [from, to] = within(atMs, span)
  if (from === to) return null
  let sum = 0
  let count = 0
  let next = from
  for (let hourMs = span.fromMs; hourMs < span.toMs; hourMs += HOUR_MS) {
    while (next < to && atMs[next]! < hourMs) next++
    sum += valueAt(atMs, value, hourMs, next, from, to)
    count++
  }
  return sum / count
}

function valueAt(
  atMs: readonly number[],
  value: readonly number[],
  hourMs: number,
  next: number,
  from: number,
  to: number,
): number {
  if (next === to) return value[to - 1]!
  if (next === from || atMs[next] === hourMs) return value[next]!
  const share = (hourMs - atMs[next - 1]!) / (atMs[next]! - atMs[next - 1]!)
  return value[next - 1]! + share * (value[next]! - value[next - 1]!)
}

/** A probe on a battery may report every few hours: within a quarter of a day no soil both wets and drains. */
const MAX_INTERPOLATED_H = 6

/**
 * One value for each hour of a span of whole hours, linear between two readings that are at most six hours apart;
 * null where nothing usable was measured.
 */
export function hourColumn(
  { atMs, mean }: Pick<Hours, 'atMs' | 'mean'>,
  { fromMs, toMs }: Span,
): (number | null)[] {
  const hours = new Array<number | null>((toMs - fromMs) / HOUR_MS).fill(null)
  const [from, to] = within(atMs, { fromMs, toMs })
  for (let i = from; i < to; i++) {
    const hourIndex = (atMs[i]! - fromMs) / HOUR_MS
    hours[hourIndex] = mean[i]!
    if (i === from) continue
    const before = (atMs[i - 1]! - fromMs) / HOUR_MS
    if (hourIndex - before > MAX_INTERPOLATED_H) continue
    const slope = (mean[i]! - mean[i - 1]!) / (hourIndex - before)
    for (let hour = before + 1; hour < hourIndex; hour++) hours[hour] = mean[i - 1]! + slope * (hour - before)
  }
  return hours
}
