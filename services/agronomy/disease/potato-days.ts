/**
 * Early blight of potato, physiological days: Sands, Hackett & Nix (1979), Field Crops Research 2:309; Pscheidt &
 * Stevenson (1988), American Potato Journal 65:425. The first spray is due near 300 P-days since emergence. Levels of
 * the University of Wisconsin: up to 400 by the sum (250, 300), beyond by the mean of seven days (3, 5).
 */
import { finite } from '../finite.ts'
import { mean } from '../math.ts'
import { levelFrom, type Level, type Model } from './model.ts'
import { civilDay, highestC, hundredths, lowestC, missingOf } from './weather-hours.ts'

/** P(T): 10 at 21 °C, 0 at 7 and 30 °C. */
function P(T: number): number {
  if (T <= 7 || T >= 30) return 0
  return T <= 21 ? 10 * (1 - (T - 21) ** 2 / 196) : 10 * (1 - (T - 21) ** 2 / 81)
}

/** P-days of one day, 0-10. */
export function potatoDays(tempMinC: number, tempMaxC: number): number {
  const T1 = tempMinC
  const T2 = (2 * tempMinC + tempMaxC) / 3
  const T3 = (tempMinC + 2 * tempMaxC) / 3
  const T4 = tempMaxC
  return finite((5 * P(T1) + 8 * P(T2) + 8 * P(T3) + 3 * P(T4)) / 24, { tempMinC, tempMaxC })
}

const MAX = 10
const WEEK = 7
const bySum = levelFrom(250, 300)
const byPace = levelFrom(3, 5)
const ONGOING_SUM = 400

export const earlyBlight: Model<object> = {
  unit: 'P-days',
  needsLeafWetness: false,
  daysBack: WEEK - 1,
  figures(day) {
    const hours = civilDay(day)
    const missing = missingOf(hours, ['temperature'])
    if (missing) return missing
    const tempMinC = lowestC(hours)
    const tempMaxC = highestC(hours)
    return { tempMinC, tempMaxC, pDays: hundredths(potatoDays(tempMinC, tempMaxC)) }
  },
  carry: (today, { carried }) => ({
    sumLo: hundredths((carried?.sumLo ?? 0) + (today?.pDays ?? 0)),
    sumHi: hundredths((carried?.sumHi ?? 0) + (today?.pDays ?? MAX)),
  }),
  assess(today, { days }, _params, carried) {
    const week = [...days, today]
    const pace = (unknown: number) => mean(week.map((day) => day?.pDays ?? unknown))
    const lower = levelOf(carried!.sumLo!, pace(0))
    const upper = levelOf(carried!.sumHi!, pace(MAX))
    return {
      level: lower === upper ? lower : null,
      value: Math.round(carried!.sumLo!),
      key: 'p-days',
      params: {},
    }
  },
}

const levelOf = (sumPDays: number, pace: number): Level =>
  sumPDays >= ONGOING_SUM ? byPace(pace) : bySum(sumPDays)
