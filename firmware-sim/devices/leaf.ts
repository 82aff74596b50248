/**
 * A leaf with a sensor on it: a film of water that rain and dew fill and evaporation dries, by the world's own
 * physics. Wetness does not follow from humidity alone, so Tilth's estimate can be wrong, as in a real orchard.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import { openWaterMm } from '../field/evaporation.ts'
import type { Weather } from '../weather/weather.ts'

/** capacity of a leaf, mm; more runs off */
const CAPACITY_MM = 0.2
/** below this film the sensor reads dry, mm */
const DRY_MM = 0.01
const STEP_MS = 10 * MINUTE_MS

export interface Leaf {
  /** Advances to an instant; returns the wet share of the time since the last call, 0-1. */
  wetShareUntil(atMs: AtMs): number
}

/** Starts dry at `startMs`. Instants must ascend; an instant in the past gives the wetness of now, 0 or 1. */
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
