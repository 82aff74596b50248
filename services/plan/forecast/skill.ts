/**
 * The verified skill of a source's forecasts at one farm, by days ahead, against the farm's own gauge and
 * thermometer. It is shown to people, and it corrects the next forecast (farm-forecasts.ts). Pure.
 */
import type { ForecastError, RainCorrection, LeadSkill } from '../../tables.ts'
import { fallenShare } from '../../irrigation-model/rain-skill.ts'
import { chanceOfAtLeast, meanRainMm, type RainDay } from './rain-spread.ts'
import { clamp, mean, sumBy } from '../../runtime/math.ts'

/** The forecast of a day, and the observation; null where not forecast or not measured. */
export interface VerifiedDay {
  lead: number // days ahead; 0: issued on the day itself
  forecast: RainDay & { tempMinC: number | null; tempMaxC: number | null; et0Mm: number | null }
  observed: {
    rainMm: number | null
    tempMinC: number | null
    tempMaxC: number | null
    et0Mm: number | null
  }
}

export const noCorrection: RainCorrection = { lo: 1, mid: 1, hi: 1, dryHiMm: 0 }

export interface ForecastSkill {
  source: string
  leads: LeadSkill[]
}

/** Rain that changes a day's work: the event that is verified. */
const HEAVY_MM = 5
/** Days ahead that are verified together: one alone has too few days with rain. */
const leadGroups: readonly (readonly [fromLead: number, toLead: number])[] = [
  [0, 0],
  [1, 1],
  [2, 3],
  [4, 6],
  [7, 9],
]

/** The skill of a source by groups of lead times; groups without verified days are absent. */
export function verifySource(source: string, verified: readonly VerifiedDay[]): ForecastSkill {
  const leads = leadGroups.flatMap(([fromLead, toLead]) => {
    const group = verified.filter(({ lead }) => lead >= fromLead && lead <= toLead)
    return group.length === 0 ? [] : [leadSkill(fromLead, toLead, group)]
  })
  return { source, leads }
}

/** Null where nothing has been verified that far ahead. */
export const skillAt = (skill: ForecastSkill | null, lead: number): LeadSkill | null =>
  skill?.leads.find(({ fromLead, toLead }) => lead >= fromLead && lead <= toLead) ?? null

function leadSkill(fromLead: number, toLead: number, group: readonly VerifiedDay[]): LeadSkill {
  const rainPairs = group.flatMap(({ forecast, observed }) =>
    observed.rainMm === null ? [] : [{ forecast, mm: observed.rainMm }],
  )
  const missOf = (key: 'tempMinC' | 'tempMaxC' | 'et0Mm'): ForecastError =>
    forecastError(
      group.flatMap(({ forecast, observed }) => {
        const [predicted, measured] = [forecast[key], observed[key]]
        return predicted === null || measured === null ? [] : [[predicted, measured] as const]
      }),
    )
  return {
    fromLead,
    toLead,
    rain: rainSkill(rainPairs),
    tempMinC: missOf('tempMinC'),
    tempMaxC: missOf('tempMaxC'),
    et0Mm: missOf('et0Mm'),
    correction: rainCorrection(rainPairs),
  }
}

type RainPair = { forecast: RainDay; mm: number }

function rainSkill(pairs: readonly RainPair[]): LeadSkill['rain'] {
  const isHeavy = ({ mm }: RainPair): boolean => mm >= HEAVY_MM
  const isForecast = ({ forecast }: RainPair): boolean => forecast.rainMm.mid >= HEAVY_MM
  const count = (matches: (pair: RainPair) => boolean): number => pairs.filter(matches).length
  const often = pairs.length === 0 ? 0 : count(isHeavy) / pairs.length
  return {
    days: pairs.length,
    // the median of a skewed amount is below its mean, and would look biased where it is not
    bias: mean(pairs.map(({ forecast, mm }) => meanRainMm(forecast) - mm)),
    mae: mean(pairs.map(({ forecast, mm }) => Math.abs(forecast.rainMm.mid - mm))),
    hits: count((pair) => isForecast(pair) && isHeavy(pair)),
    misses: count((pair) => !isForecast(pair) && isHeavy(pair)),
    falseAlarms: count((pair) => isForecast(pair) && !isHeavy(pair)),
    brier: mean(pairs.map((pair) => (chanceOfAtLeast(pair.forecast, HEAVY_MM) - Number(isHeavy(pair))) ** 2)),
    brierClimatology: mean(pairs.map((pair) => (often - Number(isHeavy(pair))) ** 2)),
    inRange: mean(
      pairs.map(({ forecast: { rainMm }, mm }) =>
        Number(mm >= rainMm.lo - GAUGE_MM && mm <= rainMm.hi + GAUGE_MM),
      ),
    ),
  }
}

const GAUGE_MM = 0.2 // one tip of a common gauge
// that many days weigh as much as the source itself. Unconfirmed
const PRIOR_DAYS = 10
const PRIOR_MM = 20
const MIN_DAYS = 5
const MIN_MM = 1

/**
 * Each of lo and hi is scaled to the 10 % or 90 % quantile of measured over forecast rain: a source that
 * forecasts 6 mm where 3 fall is halved. Few days change it little; a reliable source widens less than it
 * states, within limits.
 */
function rainCorrection(pairs: readonly RainPair[]): RainCorrection {
  const ratios = (key: 'lo' | 'hi'): number[] =>
    pairs
      .filter(({ forecast }) => forecast.rainMm[key] >= MIN_MM)
      .map(({ forecast, mm }) => mm / forecast.rainMm[key])
      .sort((a, b) => a - b)
  const dryDaysMm = pairs
    .filter(({ forecast }) => forecast.rainMm.hi < MIN_MM)
    .map(({ mm }) => mm)
    .sort((a, b) => a - b)
  return {
    lo: correctionFactor(ratios('lo'), 0.1, [0, 1.5]),
    mid:
      pairs.length < MIN_DAYS
        ? 1
        : clamp(
            fallenShare(
              {
                measuredMm: sumBy(pairs, ({ mm }) => mm),
                forecastMm: sumBy(pairs, ({ forecast }) => meanRainMm(forecast)),
              },
              { share: 1, forecastMm: PRIOR_MM },
            ),
            0.5,
            2,
          ),
    hi: correctionFactor(ratios('hi'), 0.9, [0.5, 3]),
    dryHiMm: dryDaysMm.length < MIN_DAYS ? 0 : shrink(atQuantile(dryDaysMm, 0.9), 0, dryDaysMm.length),
  }
}

function correctionFactor(sorted: readonly number[], q: number, limits: readonly [number, number]): number {
  if (sorted.length < MIN_DAYS) return 1
  return clamp(shrink(atQuantile(sorted, q), 1, sorted.length), ...limits)
}

const shrink = (estimate: number, prior: number, days: number): number =>
  (days * estimate + PRIOR_DAYS * prior) / (days + PRIOR_DAYS)

/** Linear between the sorted values (type 7 of Hyndman & Fan 1996). */
function atQuantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q
  const below = sorted[Math.floor(position)]!
  return below + (sorted[Math.ceil(position)]! - below) * (position - Math.floor(position))
}

function forecastError(pairs: readonly (readonly [predicted: number, observed: number])[]): ForecastError {
  return {
    days: pairs.length,
    bias: mean(pairs.map(([predicted, observed]) => predicted - observed)),
    mae: mean(pairs.map(([predicted, observed]) => Math.abs(predicted - observed))),
  }
}
