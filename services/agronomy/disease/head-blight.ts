/**
 * Fusarium head blight of wheat around flowering, De Wolf's risk tool (wheatscab) as coded by the University of
 * Wisconsin: the mean humidity of the last 14 days. Levels of the same source: 24 % and 32 %.
 */
import { finite } from '../finite.ts'
import { mean } from '../math.ts'
import { levelFrom, type Model } from './model.ts'
import { civilDay, hundredths, missingOf } from './weather-hours.ts'

const resistances = { VS: 0, S: -0.82795556, MS: -1.4812696, MR: -1.8484537 } as const
export type Resistance = keyof typeof resistances

/** Probability of an epidemic, 0-1; VS: very susceptible ... MR: moderately resistant. */
export function headBlightProbability(humidity14Pct: number, resistance: Resistance): number {
  const logit = -3.6432643 + resistances[resistance] + 0.051459669 * humidity14Pct
  return finite(1 / (1 + Math.exp(-logit)), { humidity14Pct })
}

const FORTNIGHT = 14
const MIN_SHARE = 0.8 // of the days: WMO-8's share for a mean

export interface HeadBlightParams {
  resistance: Resistance
  moderatePct: number
  highPct: number
}

export const headBlight: Model<HeadBlightParams> = {
  unit: '%',
  needsLeafWetness: false,
  daysBack: FORTNIGHT - 1,
  figures(day) {
    const hours = civilDay(day)
    return (
      missingOf(hours, ['humidity']) ?? {
        humidityPct: hundredths(mean(hours.map((hour) => hour.humidityPct!))),
      }
    )
  },
  assess(today, { days }, { resistance, moderatePct, highPct }) {
    const knownDays = [...days, today].filter((day) => day !== null)
    const humidity14Pct = Math.round(mean(knownDays.map((day) => day.humidityPct!)))
    const percent = Math.round(100 * headBlightProbability(humidity14Pct, resistance))
    const isEnough = knownDays.length >= MIN_SHARE * FORTNIGHT
    return {
      level: isEnough ? levelFrom(moderatePct, highPct)(percent) : null,
      value: isEnough ? percent : null,
      key: 'head-blight-chance',
      params: { humidity14Pct, unknownDays: FORTNIGHT - knownDays.length },
    }
  },
}
