/**
 * One hour checked against the needs of a spray: wind, temperature, drying, inversion, rain, leaves, bees,
 * people, sprinklers. Missing data makes the hour unknown, never good. Pure.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, zoneOffsetMs, type AtMs } from '../../../broker/contract/time.ts'
import { deltaTC } from '../../agronomy/evapotranspiration/wet-bulb.ts'
import type { HourKey, Params } from './message-keys.ts'
import {
  advisesCalmHours,
  DOUBTFUL_CHANCE,
  DRYING_H,
  FORAGING_C,
  GUST_TO_2_M,
  LOW_SUN_SINE,
  MIXING_MPS,
  OVERCAST,
  RAIN_MM,
  UNKNOWN_RAIN_FAST_H,
  type SprayLimits,
} from './spray-limits.ts'
import { percent, tenth } from '../../runtime/math.ts'

/** The weather of one hour; null is unknown. */
export interface SprayHour {
  atMs: AtMs // its start
  /** measured: the current hour; hour: an hourly forecast; day: derived from a daily forecast */
  source: 'measured' | 'hour' | 'day'
  tempC: number | null
  humidityPct: number | null
  windMps: number | null // at 2 m
  gustMps: number | null // at 10 m
  rainMm: number | null
  rainChance: number | null // 0-1
  cloud: number | null // share of the sky, 0-1
  isLeafWet: boolean | null
  sunSine: number // of the sun's height in its middle
}

/** The planned spray and its place. */
export interface SprayJob {
  limits: SprayLimits
  rainFastHours: number | null
  isBeeHazard: boolean | null
  isFlowering: boolean | null
  elevationM: number
  timeZone: string
  work: { fromMin: number; toMin: number } // of the local day
  sprinklers: readonly SprinklerRun[]
}
export interface SprinklerRun {
  fromMs: AtMs
  toMs: AtMs
  isFixed: boolean // false: only proposed, the plan moves it out of the way
}

export type HourVerdict = 'allowed' | 'marginal' | 'unsuitable' | 'unknown'
export interface HourTerm {
  key: HourKey
  verdict: Exclude<HourVerdict, 'allowed'>
  params: Params
}
export interface JudgedHour {
  atMs: AtMs
  verdict: HourVerdict
  source: SprayHour['source']
  terms: HourTerm[] // the worst first; none: allowed
}

const severity: Record<HourVerdict, number> = { allowed: 0, marginal: 1, unknown: 2, unsuitable: 3 }
/** From best to worst: allowed, marginal, unknown, unsuitable. */
export const isWorse = (a: HourVerdict, b: HourVerdict): boolean => severity[a] > severity[b]

/** Judges every hour of a series, in order; each looks ahead over the hours that follow it. */
export const judgeHours = (hours: readonly SprayHour[], job: SprayJob): JudgedHour[] =>
  hours.map((hour, i) => {
    const terms = [
      ...wind(hour, job),
      ...temperature(hour, job),
      ...drying(hour, job),
      ...inversion(hour, job),
      ...rainNow(hour),
      ...rainAfter(hour, hours.slice(i + 1), job),
      ...leaves(hour),
      ...bees(hour, job),
      ...people(hour, job),
      ...sprinklers(hour, job),
      ...(hour.source === 'day' ? [term('by-day', 'marginal')] : []),
    ].toSorted((a, b) => severity[b.verdict] - severity[a.verdict])
    return { atMs: hour.atMs, source: hour.source, verdict: terms[0]?.verdict ?? 'allowed', terms }
  })

const term = (key: HourKey, verdict: HourTerm['verdict'], params: Params = {}): HourTerm => ({
  key,
  verdict,
  params,
})

function wind({ windMps, gustMps }: SprayHour, { limits }: SprayJob): HourTerm[] {
  if (windMps === null) return [term('wind-unknown', 'unknown')]
  const { minWindMps, calmMps, fineWindMps, maxWindMps } = limits
  if (windMps > maxWindMps) return [term('wind-strong', 'unsuitable', { windMps, limitMps: maxWindMps })]
  if (windMps < minWindMps) return [term('wind-calm', 'unsuitable', { windMps, limitMps: minWindMps })]
  if (gustMps !== null && GUST_TO_2_M * gustMps > maxWindMps)
    return [term('wind-gusts', 'marginal', { windMps: GUST_TO_2_M * gustMps, limitMps: maxWindMps })]
  if (windMps > fineWindMps) return [term('wind-strong', 'marginal', { windMps, limitMps: fineWindMps })]
  if (windMps < calmMps) return [term('wind-calm', 'marginal', { windMps, limitMps: calmMps })]
  return []
}

function temperature({ tempC }: SprayHour, { limits }: SprayJob): HourTerm[] {
  if (tempC === null) return [term('temp-unknown', 'unknown')]
  const { minTempC, coolTempC, warmTempC, maxTempC } = limits
  if (tempC > maxTempC) return [term('temp-high', 'unsuitable', { tempC, limitC: maxTempC })]
  if (tempC < minTempC) return [term('temp-low', 'unsuitable', { tempC, limitC: minTempC })]
  if (tempC > warmTempC) return [term('temp-high', 'marginal', { tempC, limitC: warmTempC })]
  if (tempC < coolTempC) return [term('temp-low', 'marginal', { tempC, limitC: coolTempC })]
  return []
}

function drying({ tempC, humidityPct }: SprayHour, { limits, elevationM }: SprayJob): HourTerm[] {
  if (tempC === null || humidityPct === null) return [term('delta-t-unknown', 'unknown')]
  const value = tenth(deltaTC(tempC, humidityPct, elevationM))
  const { minDeltaTC, fineDeltaTC, maxDeltaTC } = limits
  const params = (limitC: number) => ({ deltaTC: value, limitC })
  if (value > maxDeltaTC) return [term('delta-t-high', 'unsuitable', params(maxDeltaTC))]
  if (value > fineDeltaTC) return [term('delta-t-high', 'marginal', params(fineDeltaTC))]
  if (value < minDeltaTC) return [term('delta-t-low', 'marginal', params(minDeltaTC))]
  return []
}

/**
 * A proxy: the temperature is not measured at two heights. The ground cools under a low sun and a clear sky,
 * and with little wind the cool air stays; a spray into it drifts as a whole.
 */
function inversion({ sunSine, windMps, cloud }: SprayHour, { timeZone }: SprayJob): HourTerm[] {
  if (sunSine >= LOW_SUN_SINE) return []
  if (windMps === null) return [term('inversion-unknown', 'unknown')]
  if (windMps >= MIXING_MPS) return []
  const isAdvised = advisesCalmHours(timeZone)
  if (cloud === null) return [term('inversion-unknown', isAdvised ? 'marginal' : 'unknown')]
  return cloud >= OVERCAST
    ? [term('inversion-cloudy', 'marginal', { windMps })]
    : [term('inversion', isAdvised ? 'marginal' : 'unsuitable', { windMps })]
}

function rainNow({ rainMm, rainChance }: SprayHour): HourTerm[] {
  if (rainMm === null) return [term('rain-now-unknown', 'unknown')]
  if (rainMm >= RAIN_MM) return [term('rain-now', 'unsuitable', { rainMm })]
  if (rainChance !== null && rainChance >= DOUBTFUL_CHANCE)
    return [term('rain-now-likely', 'marginal', { percent: percent(rainChance) })]
  return []
}

/** Rain within the rain-fast hours of the product, counted from the end of the hour. */
function rainAfter({ atMs }: SprayHour, later: readonly SprayHour[], job: SprayJob): HourTerm[] {
  const { rainFastHours } = job
  const needH = rainFastHours ?? UNKNOWN_RAIN_FAST_H
  const toMs = atMs + HOUR_MS + needH * HOUR_MS
  const within = later.filter((hour) => hour.atMs < toMs)
  const wet = within.find(({ rainMm }) => rainMm !== null && rainMm >= RAIN_MM)
  if (wet && rainFastHours !== null)
    return [term('rain-after', 'unsuitable', { atMs: wet.atMs, hours: needH })]
  const isWhole = isUnbroken(atMs, within, toMs) && within.every(({ rainMm }) => rainMm !== null)
  if (wet || !isWhole) return [term('rain-after-unknown', 'unknown', { hours: needH })]
  const likely = within.find(({ rainChance }) => rainChance !== null && rainChance >= DOUBTFUL_CHANCE)
  const terms = rainFastHours === null ? [term('rain-fast-unknown', 'marginal', { hours: needH })] : []
  if (likely)
    terms.push(
      term('rain-after-likely', 'marginal', {
        atMs: likely.atMs,
        percent: percent(likely.rainChance!),
      }),
    )
  return terms
}

/** Whether the hours up to an instant have no gap. */
function isUnbroken(atMs: AtMs, within: readonly SprayHour[], toMs: AtMs): boolean {
  let nextMs = atMs + HOUR_MS
  for (const hour of within) {
    if (hour.atMs !== nextMs) return false
    nextMs += HOUR_MS
  }
  return nextMs >= toMs
}

function leaves({ isLeafWet }: SprayHour): HourTerm[] {
  if (isLeafWet === null) return [term('leaf-unknown', 'unknown')]
  return isLeafWet ? [term('leaf-wet', 'marginal')] : []
}

/** Bees fly in daylight and warmth; unknown data is taken as the worse for them. */
function bees({ sunSine, tempC }: SprayHour, { isBeeHazard, isFlowering }: SprayJob): HourTerm[] {
  if (isBeeHazard === false || isFlowering === false) return []
  if (sunSine <= 0 || (tempC !== null && tempC < FORAGING_C)) return []
  return isBeeHazard === true && isFlowering === true
    ? [term('bees', 'unsuitable')]
    : [term('bees-unknown', 'unknown')]
}

function people({ atMs }: SprayHour, { work, timeZone }: SprayJob): HourTerm[] {
  const fromMin = ((atMs + zoneOffsetMs(atMs, timeZone)) % DAY_MS) / MINUTE_MS
  return fromMin >= work.fromMin && fromMin + 60 <= work.toMin ? [] : [term('work-hours', 'unsuitable')]
}

function sprinklers({ atMs }: SprayHour, { sprinklers, rainFastHours }: SprayJob): HourTerm[] {
  const dryToMs = atMs + HOUR_MS + (rainFastHours ?? UNKNOWN_RAIN_FAST_H) * HOUR_MS
  const after = sprinklers.filter(({ fromMs, toMs }) => toMs > atMs && fromMs < dryToMs)
  const first = after.find(({ isFixed }) => isFixed) ?? after[0]
  if (first)
    return first.isFixed
      ? [term('sprinkler-after', 'unsuitable', { atMs: first.fromMs })]
      : [term('sprinkler-proposed', 'marginal', { atMs: first.fromMs })]
  const before = sprinklers.find(({ toMs }) => toMs <= atMs && toMs > atMs - DRYING_H * HOUR_MS)
  return before ? [term('sprinkler-before', 'marginal', { atMs: before.toMs })] : []
}
