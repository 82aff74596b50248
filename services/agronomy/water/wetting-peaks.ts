/**
 * Field capacity from a soil's own sensor: after rain or irrigation the water drains for a day or two, then almost
 * stops. The water content at which it slows down is field capacity (Veihmeyer & Hendrickson 1931, Plant Physiol.
 * 6:181; Zotarelli et al. 2009 determined it from sensors in the same way). Hourly water contents in m³/m³; null:
 * nothing usable was measured.
 */
import { medianOf } from '../math.ts'

export interface WettingPeak {
  hour: number // of the peak, as an index of the series
  peak: number
  drained: number // mean from 24 to 48 h after the peak: field capacity, if the layer was filled
  slowing: number // decrease within those hours: the ambiguity of the value
}

/** A wetting: more than the noise of a sensor and its daily cycle. Unconfirmed. */
export const RISE = 0.015
const BEFORE_H = 24
const DAY_H = 24
const STEADY_H = 2 // a reading of the 24th hour is the median of this many on both sides
const MIN_HOURS_SHARE = 0.8
const MIN_DRAINED = 0.01 // drainage on the first day: with less, the layer may not have been filled
const SLOWER = 2 // ratio of the first day's decrease to that of the second

/** Wettings without another one for two days and with observed drainage. */
export function wettingPeaks(vwc: readonly (number | null)[]): WettingPeak[] {
  const peaks: WettingPeak[] = []
  for (let hour = BEFORE_H; hour + 2 * DAY_H + STEADY_H < vwc.length; hour++) {
    if (!isPeak(vwc, hour)) continue
    const after = vwc.slice(hour, hour + 2 * DAY_H).filter((value) => value !== null)
    const peak = vwc[hour]!
    const [oneDay, twoDays] = [steadyAt(vwc, hour + DAY_H), steadyAt(vwc, hour + 2 * DAY_H)]
    if (after.length < MIN_HOURS_SHARE * 2 * DAY_H || oneDay === null || twoDays === null) continue
    const first = peak - oneDay
    const second = oneDay - twoDays
    if (isWettedAgain(after) || first < MIN_DRAINED || first < SLOWER * second) continue
    const drained = vwc.slice(hour + DAY_H, hour + 2 * DAY_H).filter((value) => value !== null)
    peaks.push({
      hour,
      peak,
      drained: drained.reduce((sum, value) => sum + value, 0) / drained.length,
      slowing: Math.max(0, second),
    })
  }
  return peaks
}

/** The first hour of the highest value for a day before and two days after, following a rise. */
function isPeak(vwc: readonly (number | null)[], hour: number): boolean {
  const peak = vwc[hour] ?? null
  const next = vwc[hour + 1] ?? null
  if (peak === null || (next !== null && next > peak)) return false
  let lowest = peak
  for (let before = hour - BEFORE_H; before < hour; before++) {
    const value = vwc[before] ?? null
    if (value === null) continue
    if (value >= peak) return false
    lowest = Math.min(lowest, value)
  }
  if (peak - lowest < RISE) return false
  for (let after = hour + 1; after <= hour + 2 * DAY_H; after++) if ((vwc[after] ?? 0) > peak) return false
  return true
}

function isWettedAgain(after: readonly number[]): boolean {
  let lowest = Infinity
  for (const value of after) {
    lowest = Math.min(lowest, value)
    if (value - lowest >= RISE) return true
  }
  return false
}

function steadyAt(vwc: readonly (number | null)[], hour: number): number | null {
  const surrounding = vwc.slice(hour - STEADY_H, hour + STEADY_H + 1).filter((value) => value !== null)
  return surrounding.length === 0 ? null : medianOf(surrounding)
}
