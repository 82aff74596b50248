/**
 * Late blight of potato and tomato, BLITECAST: Krause, Massie & Hyre (1975), Plant Disease Reporter 59:95. Severity
 * values of Wallin (1962), American Potato Journal 39:306; rain-favourable days of Hyre (1954), Plant Disease Reporter
 * 38:245. A day runs from noon to noon.
 */
import { mean, sum } from '../math.ts'
import type { Figures, Level, Model } from './model.ts'
import { severityOf, type SeverityBand } from './severity-table.ts'
import { hoursEndingAt, hundredths, lowestC, meanTempC, missingOf } from './weather-hours.ts'

const bands: readonly SeverityBand[] = [
  { fromC: 7.2, toC: 11.6, hours: [16, 19, 22, 25] },
  { fromC: 11.7, toC: 15, hours: [13, 16, 19, 22] },
  { fromC: 15.1, toC: 26.6, hours: [10, 13, 16, 19] },
]
const MAX = 4

/** Severity value (SV) of a day, 0-4, from the hours of RH >= 90 % and their mean temperature (tenths of °C). */
export const blitecastSv = (humidC: number | null, humidH: number): number =>
  severityOf(bands, 0.1, humidC, humidH)

export type Spray = -1 | 0 | 1 | 2 // none, warning, every 7 days, every 5 days

const fewRainDays: readonly Spray[] = [-1, -1, 0, 1, 1, 2] // SV of seven days: below 3, 3, 4, 5, 6, above 6
const manyRainDays: readonly Spray[] = [-1, 0, 1, 2, 2, 2]

/** The programme's decision matrix: rain-favourable days and severity values of the last seven days. */
export function blitecastSpray(rainDays: number, sv: number): Spray {
  const column = Math.min(5, Math.max(0, Math.ceil(sv) - 2))
  return (rainDays > 4 ? manyRainDays : fewRainDays)[column]!
}

/** Hyre: five-day mean below 25.5 °C, at least 30 mm in ten days, minimum not below 7.2 °C. */
export const isRainFavourable = (mean5C: number, rain10Mm: number, tempMinC: number): boolean =>
  mean5C < 25.5 && rain10Mm >= 30 && tempMinC >= 7.2

const FIRST_SV = 18
const FIRST_RAIN_DAYS = 10 // consecutive
const WEEK = 7
const RAIN_WINDOW = 10
const TEMP_WINDOW = 5

export const blitecast: Model<object> = {
  unit: 'SV',
  needsLeafWetness: false,
  daysBack: WEEK + RAIN_WINDOW - 2,
  figures(day) {
    const hours = hoursEndingAt(day, 12)
    const missing = missingOf(hours, ['temperature', 'humidity', 'rain'])
    if (missing) return missing
    const humid = hours.filter((hour) => hour.humidityPct! >= 90)
    const humidC = meanTempC(humid, () => true)
    return {
      humidH: humid.length,
      humidC,
      sv: blitecastSv(humidC, humid.length),
      tempC: hundredths(mean(hours.map((hour) => hour.tempC!))),
      tempMinC: lowestC(hours),
      rainMm: hundredths(sum(hours.map((hour) => hour.rainMm!))),
    }
  },
  // Lo and Hi: with the lowest and the highest possible values on the days without figures
  carry(today, { days, carried }) {
    const isRainy = rainFavourable([...days, today])
    return {
      seasonSvLo: (carried?.seasonSvLo ?? 0) + (today?.sv ?? 0),
      seasonSvHi: (carried?.seasonSvHi ?? 0) + (today?.sv ?? MAX),
      rainRunLo: isRainy === true ? (carried?.rainRunLo ?? 0) + 1 : 0,
      rainRunHi: isRainy === false ? 0 : (carried?.rainRunHi ?? 0) + 1,
      hasBegunLo: hasBegun(carried?.hasBegunLo, carried?.seasonSvLo, carried?.rainRunLo),
      hasBegunHi: hasBegun(carried?.hasBegunHi, carried?.seasonSvHi, carried?.rainRunHi),
    }
  },
  assess(today, { days }, _, carried) {
    const season = [...days, today]
    const rains = Array.from({ length: Math.min(WEEK, season.length) }, (_, back) =>
      rainFavourable(season.slice(0, season.length - back)),
    )
    const week = season.slice(-WEEK)
    const weekSv = sum(week.map((day) => day?.sv ?? 0))
    const unknownDays = week.filter((day) => day === null).length
    const rainDays = rains.filter((isRainy) => isRainy === true).length
    const rainDaysHi = rains.filter((isRainy) => isRainy !== false).length
    const lower = levelOf(carried!.seasonSvLo!, carried!.rainRunLo!, carried!.hasBegunLo!, rainDays, weekSv)
    const upper = levelOf(
      carried!.seasonSvHi!,
      carried!.rainRunHi!,
      carried!.hasBegunHi!,
      rainDaysHi,
      weekSv + MAX * unknownDays,
    )
    return {
      level: lower === upper ? lower : null,
      value: carried!.seasonSvLo!,
      key: carried!.hasBegunLo === 1 ? 'blitecast-week' : 'blitecast-season',
      params: { weekSv, rainDays, unknownDays },
    }
  },
}

/** Before the first warning the sums decide; after it, the matrix of the last week. */
function levelOf(seasonSv: number, rainRun: number, begun: number, rainDays: number, weekSv: number): Level {
  if (begun === 0) return seasonSv >= FIRST_SV || rainRun >= FIRST_RAIN_DAYS ? 'high' : 'low'
  const spray = blitecastSpray(rainDays, weekSv)
  return spray > 0 ? 'high' : spray === 0 ? 'moderate' : 'low'
}

const hasBegun = (
  before = 0 as number | null,
  seasonSv = 0 as number | null,
  rainRun = 0 as number | null,
): number => (before === 1 || seasonSv! >= FIRST_SV || rainRun! >= FIRST_RAIN_DAYS ? 1 : 0)

/** Whether the last of these days was rain-favourable; null when missing values could decide it. */
function rainFavourable(days: readonly (Figures | null)[]): boolean | null {
  const today = days.at(-1)
  if (!today) return null
  const knownDays = (window: number) => days.slice(-window).filter((day) => day !== null)
  const rain10Mm = sum(knownDays(RAIN_WINDOW).map((day) => day.rainMm!))
  const temps = knownDays(TEMP_WINDOW).map((day) => day.tempC!)
  const hasGap = days.slice(-RAIN_WINDOW).some((day) => day === null)
  if (isRainFavourable(mean(temps), rain10Mm, today.tempMinC!)) return true
  return hasGap && isRainFavourable(mean(temps), Infinity, today.tempMinC!) ? null : false
}
