/**
 * The forecast of a weather service, hour by hour: the true weather with an error that grows with the lead time. The
 * error of a day has its own seed, so that its forecast approaches the truth from day to day without jumps. Pure.
 */
import { addDays, daysBetween, HOUR_MS, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import { potentialMm } from '../field/evaporation.ts'
import { random } from '../random.ts'
import { windAt2m, type Weather } from './weather.ts'

export interface ForecastHour {
  atMs: AtMs // its start
  tempC: number
  humidityPct: number
  rainMm: number // falls within it
  rainChance: number // 0-1
  windMps: number // at 2 m, mean
  radiationWm2: number // mean
  cloud: number // share of the sky, 0-1
  et0Mm: number
}

const CLIMATOLOGICAL_WET_SHARE = 0.4 // share of days with rain, without any other information
/** Share of days whose rain is forecast `lead` days ahead. Unconfirmed; real services are about as good. */
const forecastSkill = (lead: number): number => 0.95 * Math.exp(-lead / 7)

/** The forecast of the hours of `day` on the morning of `issuedDay`. RangeError if the weather has no such day. */
export function forecastDay(weather: Weather, seed: string, issuedDay: Day, day: Day): ForecastHour[] {
  const { timeZone } = weather.site
  const lead = Math.max(0, daysBetween(issuedDay, day))
  const chance = random(`${seed}/foretold/${day}`)
  const [rainDraw, warmth, wind, amount, delay] = [
    chance.next(),
    chance.normal(),
    chance.normal(),
    chance.normal(),
    chance.normal(),
  ]
  const fromMs = startOfDay(day, timeZone)
  const count = Math.round((startOfDay(addDays(day, 1), timeZone) - fromMs) / HOUR_MS)
  const hours = Array.from({ length: count }, (_, hour) => fromMs + hour * HOUR_MS)

  const trueRain = hours.map((atMs) => weather.rainMm(atMs, atMs + HOUR_MS))
  const rain =
    rainDraw < forecastSkill(lead)
      ? shiftHours(trueRain, Math.round(0.8 * lead * delay)).map(
          (mm) => mm * Math.exp((0.15 + 0.05 * lead) * amount),
        )
      : afternoonShowers(
          count,
          chance.next() < CLIMATOLOGICAL_WET_SHARE ? chance.gamma(0.8, 9) : 0,
          chance.next(),
        )
  // reliability of the forecast: the true share of wet days among those forecast wet, and dry
  const uncertainty = 1 - forecastSkill(lead)
  const isForecast = rain.some((mm) => mm >= 0.1)
  const dayChance = isForecast
    ? 1 - uncertainty * (1 - CLIMATOLOGICAL_WET_SHARE)
    : uncertainty * CLIMATOLOGICAL_WET_SHARE

  return hours.map((atMs, hour) => {
    const air = weather.at(atMs)
    const { windMps, radiationWm2 } = weather.mean(atMs, atMs + HOUR_MS)
    const rainMm = rain[hour]!
    return {
      atMs,
      tempC: air.tempC + (0.4 + 0.3 * lead) * warmth,
      humidityPct: air.humidityPct,
      rainMm,
      rainChance: !isForecast ? dayChance : rainMm >= 0.1 ? dayChance : dayChance / 3,
      windMps: windAt2m(windMps, weather.windHeightM) * Math.exp((0.08 + 0.04 * lead) * wind),
      radiationWm2,
      cloud: 1 - weather.clearness(atMs),
      et0Mm: potentialMm(weather, atMs, atMs + HOUR_MS),
    }
  })
}

/** The same showers, some hours earlier or later, within their day. */
function shiftHours(mm: readonly number[], byHours: number): number[] {
  const shifted = mm.map(() => 0)
  mm.forEach((hourMm, hour) => {
    const to = Math.min(mm.length - 1, Math.max(0, hour + byHours))
    shifted[to] = shifted[to]! + hourMm
  })
  return shifted
}

/** Three hours of showers between 12:00 and 18:00. */
function afternoonShowers(count: number, mm: number, share: number): number[] {
  const fromHour = 12 + Math.floor(3 * share)
  return Array.from({ length: count }, (_, hour) => (hour >= fromHour && hour < fromHour + 3 ? mm / 3 : 0))
}
