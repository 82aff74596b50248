/**
 * The weather limits of a spray without limits on its label. Each figure with its source; all of them are
 * advice of extension services for common nozzles and none is law: a label's own limits replace them.
 */
import type { LabelLimits } from '../../tables.ts'

export interface SprayLimits {
  minWindMps: number // a label's own lower limit
  calmMps: number // below it the air is too still to predict the drift
  fineWindMps: number
  maxWindMps: number
  minTempC: number
  coolTempC: number
  warmTempC: number
  maxTempC: number
  minDeltaTC: number // below it droplets hang and leaves stay wet
  fineDeltaTC: number
  maxDeltaTC: number
}

export const standardLimits: SprayLimits = {
  minWindMps: 0, // none but a label that names one, as Australian labels do (3 km/h)
  calmMps: 1, // Waikato Regional Plan 6.2.9: below 1 m/s the drift hazard is high
  fineWindMps: 3, // Nara Prefecture, guide to the use of pesticides: not at 3 m/s and more
  maxWindMps: 4.2, // GRDC spray application manual: 15 km/h
  minTempC: 3, // unconfirmed
  coolTempC: 8, // unconfirmed
  warmTempC: 28, // GRDC spray application manual, module 10: 28 °C
  maxTempC: 30, // common advice in Japan: not at 30 °C and more
  minDeltaTC: 2, // GRDC and Bureau of Meteorology, Australia: 2 to 8 is best
  fineDeltaTC: 8, // GRDC and Bureau of Meteorology, Australia: 2 to 8 is best
  maxDeltaTC: 10, // GRDC and Bureau of Meteorology, Australia: not above 10
}

/** Hourly rain that counts, mm: the resolution of a tipping bucket. */
export const RAIN_MM = 0.1
/** A chance of rain from which an hour is doubtful, 0-1. Unconfirmed. */
export const DOUBTFUL_CHANCE = 0.3
/** Dry hours required without a figure on the label: the longest that labels commonly have. */
export const UNKNOWN_RAIN_FAST_H = 24
/** Number of hours in which leaves dry after a sprinkler. Unconfirmed. */
export const DRYING_H = 2
/** From this temperature honey bees forage, °C: extension services name 10 to 13. */
export const FORAGING_C = 10
/** An inversion breaks above it, m/s: 11 km/h, GRDC spray application manual. */
export const MIXING_MPS = 3
/**
 * Sine of 10° of the sun's height, about an hour from sunrise and sunset. GRDC: 1-2 h before sunset to 1 h
 * after sunrise.
 */
export const LOW_SUN_SINE = 0.174
/**
 * Where public advice asks to spray in the calm, cool hours of the morning and the evening, an inversion is a reason for care
 * and forbids nothing: Ishikawa Prefecture, prevention of harm by pesticides; Naka City, Ibaraki; Kunimi Town, Fukushima.
 */
export const advisesCalmHours = (timeZone: string): boolean => timeZone === 'Asia/Tokyo'
/** A cloud cover from which the ground no longer cools freely, share of the sky. Unconfirmed. */
export const OVERCAST = 0.75
/** A gust at 2 m over one at 10 m: the profile of FAO-56 Eq. 47. */
export const GUST_TO_2_M = 0.75

/** A label's limits are law: where it allows less or more than the advice, the label applies. */
export function sprayLimits(label: LabelLimits | null): SprayLimits {
  const limits = { ...standardLimits }
  if (!label) return limits
  if (label.windMinMps !== undefined) limits.minWindMps = label.windMinMps
  if (label.windMaxMps !== undefined) limits.maxWindMps = label.windMaxMps
  if (label.tempMinC !== undefined) limits.minTempC = label.tempMinC
  if (label.tempMaxC !== undefined) limits.maxTempC = label.tempMaxC
  if (label.deltaTMaxC !== undefined) limits.maxDeltaTC = label.deltaTMaxC
  // advice never exceeds the limits of the label
  limits.calmMps = Math.max(limits.calmMps, limits.minWindMps)
  limits.fineWindMps = Math.min(limits.fineWindMps, limits.maxWindMps)
  limits.coolTempC = Math.max(limits.coolTempC, limits.minTempC)
  limits.warmTempC = Math.min(limits.warmTempC, limits.maxTempC)
  limits.fineDeltaTC = Math.min(limits.fineDeltaTC, limits.maxDeltaTC)
  return limits
}
