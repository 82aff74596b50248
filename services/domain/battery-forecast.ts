/**
 * How long a battery lasts, from its daily voltages: the median of the slopes between all pairs of days (Theil 1950,
 * Sen 1968), which a few cold nights do not move, with its 80 % confidence interval (Sen 1968, by Kendall's
 * variance). Null when there are too few days or the fall is not significant. Pure.
 */
import { DAY_MS, type AtMs } from '../../broker/contract/time.ts'
import type { SeriesStore } from '../ports.ts'
import { NORMAL_90 } from '../runtime/math.ts'

export interface BatteryDay {
  atMs: AtMs
  v: number // daily mean
}
/** Days until the battery is low: likely, earliest and latest. */
export interface DaysLeft {
  mid: number
  lo: number
  hi: number
}

// the low limit by nominal voltage: one lithium cell, then lead-acid of 12 and 24 V
const batteryTypes: { fromV: number; toV: number; lowV: number }[] = [
  { fromV: 0.5, toV: 4.4, lowV: 3 },
  { fromV: 9, toV: 15, lowV: 11.8 },
  { fromV: 18, toV: 30, lowV: 23.6 },
]

/**
 * The voltage below which a battery of `v` needs replacement; `lowV`: as registered. Null: unknown type, or mains
 * power.
 */
export const lowVoltage = (v: number, lowV: number | null): number | null =>
  lowV ?? batteryTypes.find(({ fromV, toV }) => fromV <= v && v <= toV)?.lowV ?? null

// the voltage of a lithium cell falls ever faster: a month ago is not representative
const WINDOW_DAYS = 14
const LEAST_DAYS = 7
const LEAST_SPAN_DAYS = 8
// a larger rise is a new battery, or solar charging
const CHANGED = 1.04
const LASTING_DAYS = 3
const LONGEST_DAYS = 365

/** `days` in time order. */
export function forecastBatteryDays(
  days: readonly BatteryDay[],
  registeredLowV: number | null,
): DaysLeft | null {
  const recentDays = sinceChange(days).filter(({ atMs }) => atMs > days.at(-1)!.atMs - WINDOW_DAYS * DAY_MS)
  const last = recentDays.at(-1)
  const lowV = last ? lowVoltage(last.v, registeredLowV) : null
  if (!last || lowV === null || recentDays.length < LEAST_DAYS) return null
  if (last.atMs - recentDays[0]!.atMs < LEAST_SPAN_DAYS * DAY_MS) return null

  const slopes = slopesOf(recentDays)
  const n = recentDays.length
  const half = (NORMAL_90 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2
  const slopeAt = (place: number): number =>
    slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))]!
  const middle = (slopes.length - 1) / 2
  const slope = slopeAt(middle)
  const shallowest = slopeAt(middle + half)
  if (shallowest >= 0) return null
  const nowV = median(recentDays.map(({ atMs, v }) => v - (slope * (atMs - last.atMs)) / DAY_MS))
  const left = (vPerDay: number): number => Math.max(0, (nowV - lowV) / -vPerDay)
  const mid = left(slope)
  return mid > LONGEST_DAYS
    ? null
    : { mid, lo: left(slopeAt(middle - half)), hi: Math.min(LONGEST_DAYS, left(shallowest)) }
}

/** The days since the last battery change. The end of a cold night is not a change: the days before it were as high. */
function sinceChange(days: readonly BatteryDay[]): readonly BatteryDay[] {
  const voltages = days.map(({ v }) => v)
  const change = voltages.findLastIndex((_, i) => {
    const before = voltages.slice(Math.max(0, i - LASTING_DAYS), i)
    const after = voltages.slice(i, i + LASTING_DAYS)
    return before.length > 0 && Math.min(...after) > CHANGED * Math.max(...before)
  })
  return days.slice(Math.max(0, change))
}

/** Of all pairs of days, V per day, steepest fall first. */
const slopesOf = (days: readonly BatteryDay[]): number[] =>
  days
    .flatMap((to, i) => days.slice(0, i).map((from) => ((to.v - from.v) * DAY_MS) / (to.atMs - from.atMs)))
    .sort((a, b) => a - b)

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
}

const SHOWN_DAYS = 30

/** The last 30 days by device, in time order; `device`: of this device only. */
export async function readBatteryDays(
  series: SeriesStore,
  org: string,
  nowMs: AtMs,
  device?: string,
): Promise<Map<string, BatteryDay[]>> {
  const rolled = await series.rolled({
    org,
    quantity: 'device.battery',
    step: 'day',
    fromMs: nowMs - SHOWN_DAYS * DAY_MS,
    toMs: nowMs,
    ...(device === undefined ? {} : { device }),
  })
  const days = new Map<string, BatteryDay[]>()
  // a device that was moved has one series per field
  for (const { device: id, atMs, mean } of rolled)
    days.set(id, [...(days.get(id) ?? []), ...atMs.map((at, i) => ({ atMs: at, v: mean[i]! }))])
  for (const points of days.values()) points.sort((a, b) => a.atMs - b.atMs)
  return days
}
