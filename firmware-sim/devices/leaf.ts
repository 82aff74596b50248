/**
 * A leaf with a sensor on it: a film of water that rain and dew fill and the air takes away, by the world's own physics.
 * Whether it is wet does not follow from humidity alone, so Tilth's estimate can be wrong here as in a real orchard.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import { openWaterMm } from '../field/evaporation.ts'
import type { Weather } from '../weather/weather.ts'

/** what a leaf holds, mm; more runs off */
const CAPACITY_MM = 0.2
/** thinner, and the sensor reads dry */
const DRY_MM = 0.01
const STEP_MS = 10 * MINUTE_MS

export interface Leaf {
  /** Goes on to an instant; gives the share of the time since the last call in which it was wet, 0-1. */
  wetShareUntil(atMs: AtMs): number
}

export function leafAt(weather: Weather, startMs: AtMs): Leaf {
  let filmMm = 0
  let nowMs = startMs
  return {
    wetShareUntil(atMs) {
      let wetMs = 0
      const sinceMs = nowMs
      while (nowMs < atMs) {
        const toMs = Math.min(atMs, nowMs + STEP_MS)
        const gainMm = weather.rainMm(nowMs, toMs) - openWaterMm(weather, nowMs, toMs)
        filmMm = Math.min(CAPACITY_MM, Math.max(0, filmMm + gainMm))
        if (filmMm > DRY_MM) wetMs += toMs - nowMs
        nowMs = toMs
      }
      if (atMs <= sinceMs) return filmMm > DRY_MM ? 1 : 0
      return wetMs / (atMs - sinceMs)
    },
  }
}
