/**
 * The rain of a forecast that has one amount for a day, and no chance of rain: how often such a wet day stays dry, and the share of
 * the forecast rain that falls. Starts with a general forecast and moves to its own record as days are compared. A farm whose
 * source publishes amounts alone starts with the same distribution; its verification by days ahead (plan/forecast/skill.ts)
 * corrects it.
 */
export interface RainSkill {
  wetDays: number // forecast, and since passed
  dryOfThem: number
  forecastMm: number
  measuredMm: number
}

export const noRainSkill: RainSkill = { wetDays: 0, dryOfThem: 0, forecastMm: 0, measuredMm: 0 }

/** mm from which a forecast day counts as wet. */
const WET_MM = 1
/**
 * A general forecast of one to three days, weighted like this number of days of record. Unconfirmed for any one
 * provider.
 */
const PRIOR = { days: 8, dryShare: 0.25, forecastMm: 40, share: 0.85 }
/**
 * Spread of the measured over the forecast rain on days that do not stay dry: sd of its logarithm. Unconfirmed.
 */
const LOG_SD = 0.6

/** Adds a forecast day and its measured rain. */
export function updateRainSkill(skill: RainSkill, forecastMm: number, measuredMm: number): RainSkill {
  if (!(forecastMm >= WET_MM) || !(measuredMm >= 0)) return skill
  return {
    wetDays: skill.wetDays + 1,
    dryOfThem: skill.dryOfThem + (measuredMm < WET_MM / 2 ? 1 : 0),
    forecastMm: skill.forecastMm + forecastMm,
    measuredMm: skill.measuredMm + Math.min(measuredMm, 3 * forecastMm),
  }
}

const dryShare = (skill: RainSkill): number =>
  (skill.dryOfThem + PRIOR.dryShare * PRIOR.days) / (skill.wetDays + PRIOR.days)

/** The share of the forecast rain that fell. `prior`: a share, weighted like an amount of forecast rain. */
export const fallenShare = (
  { forecastMm, measuredMm }: Pick<RainSkill, 'forecastMm' | 'measuredMm'>,
  prior: { share: number; forecastMm: number },
): number => (measuredMm + prior.share * prior.forecastMm) / (forecastMm + prior.forecastMm)

/**
 * The rain of a day with a single forecast value, as a quantile function: a share `u` of such days brings no
 * more.
 */
export function rainBySkill(forecastMm: number, skill: RainSkill): (u: number) => number {
  const dry = dryShare(skill)
  const mean = (fallenShare(skill, PRIOR) * forecastMm) / (1 - dry)
  const median = mean * Math.exp(-(LOG_SD ** 2) / 2)
  return (u) => (u <= dry || forecastMm <= 0 ? 0 : median * Math.exp(LOG_SD * probit((u - dry) / (1 - dry))))
}

/** Quantile of the standard normal, within 0.005 between 0.02 and 0.98 (Tukey's lambda distribution, 1960). */
const probit = (u: number): number => {
  const share = Math.min(0.98, Math.max(0.02, u))
  return (share ** 0.1349 - (1 - share) ** 0.1349) / 0.1975
}
