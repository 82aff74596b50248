/**
 * ET0 by the best method that a station's sensors allow (FAO-56 p. 58-65): Penman-Monteith with estimates for missing
 * inputs, or temperatures alone. Every result has its method and an expected error.
 */
import { clearSkyMJm2 } from './clear-sky.ts'
import { saturationKPa } from './psychrometrics.ts'
import {
  daylightHours,
  extraterrestrialMJm2,
  solarFromSunshineMJm2,
  solarFromTemperatureMJm2,
  type Site,
} from './radiation.ts'
import { assertDay, assertSite, et0Mm, type DailyWeather } from './penman-monteith.ts'

/** One day of a station with missing sensors: null where nothing usable was measured. */
export interface PartialWeather {
  dayOfYear: number
  tempMinC: number
  tempMaxC: number
  vapourKPa: number | null
  windMps: number | null // at 2 m
  radiationMJm2: number | null
  sunshineH?: number | null // hours of bright sunshine, for stations that record it
}

export type Et0Method = 'fao56-pm' | 'fao56-pm-reduced' | 'hargreaves'
export type ReplacedSensor = 'humidity' | 'wind' | 'solar' | 'solar-by-sunshine'

export interface Et0 {
  et0Mm: number
  method: Et0Method
  sdMm: number // expected error, one standard deviation
  replaced: ReplacedSensor[] // estimated inputs
}

type Temperatures = Pick<PartialWeather, 'dayOfYear' | 'tempMinC' | 'tempMaxC'>

/** Reference evapotranspiration from temperature alone, mm/d. Hargreaves & Samani (1985), FAO-56 Eq. 52. */
export function hargreavesMm(d: Temperatures, latDeg: number): number {
  assertDay(d)
  assertSite({ latDeg })
  const T = (d.tempMaxC + d.tempMinC) / 2
  const Ra = 0.408 * extraterrestrialMJm2(latDeg, d.dayOfYear) // mm/d, Eq. 20
  return Math.max(0, 0.0023 * (T + 17.8) * Math.sqrt(d.tempMaxC - d.tempMinC) * Ra)
}

/**
 * Penman-Monteith where only temperatures were measured, mm/d: dew point at the night's minimum (FAO-56 Eq. 48),
 * radiation from the range (Eq. 50), wind 2 m/s (FAO-56 p. 63).
 */
export function et0TemperatureMm(d: Temperatures, site: Site): number {
  return et0Mm(withEstimates({ ...d, vapourKPa: null, windMps: null, radiationMJm2: null }, site), site)
}

/**
 * The best method that the sensors allow. With at least radiation, sunshine or humidity: Penman-Monteith, missing
 * inputs estimated as in `et0TemperatureMm`; with temperatures alone: Hargreaves, the better of the two in a dry
 * climate.
 */
export function et0Best(d: PartialWeather, site: Site): Et0 {
  const replaced = missingSensors(d)
  const isTemperatureOnly = replaced.includes('humidity') && replaced.includes('solar')
  const method: Et0Method = isTemperatureOnly
    ? 'hargreaves'
    : replaced.length > 0
      ? 'fao56-pm-reduced'
      : 'fao56-pm'
  const et0 = isTemperatureOnly
    ? hargreavesMm(temperaturesOf(d), site.latDeg)
    : et0Mm(withEstimates(d, site), site)
  return { et0Mm: et0, method, replaced, sdMm: expectedSdMm(et0, method, replaced, clearnessOf(d, site)) }
}

function missingSensors(d: PartialWeather): ReplacedSensor[] {
  const replaced: ReplacedSensor[] = []
  if (d.vapourKPa === null) replaced.push('humidity')
  if (d.windMps === null) replaced.push('wind')
  if (d.radiationMJm2 === null) replaced.push(d.sunshineH == null ? 'solar' : 'solar-by-sunshine')
  return replaced
}

function withEstimates(d: PartialWeather, site: Site): DailyWeather {
  return {
    ...temperaturesOf(d),
    vapourKPa: d.vapourKPa ?? saturationKPa(d.tempMinC), // Eq. 48
    windMps: d.windMps ?? 2,
    radiationMJm2: d.radiationMJm2 ?? estimatedSolarMJm2(d, site),
  }
}

function estimatedSolarMJm2(d: PartialWeather, site: Site): number {
  const Ra = extraterrestrialMJm2(site.latDeg, d.dayOfYear)
  return d.sunshineH == null
    ? solarFromTemperatureMJm2(d, Ra, clearSkyMJm2(Ra, site.elevationM)) // Eq. 50
    : solarFromSunshineMJm2(d.sunshineH, daylightHours(site.latDeg, d.dayOfYear), Ra) // Eq. 35
}

const temperaturesOf = ({ dayOfYear, tempMinC, tempMaxC }: PartialWeather): Temperatures => ({
  dayOfYear,
  tempMinC,
  tempMaxC,
})

// RMSE against full Penman-Monteith as a share of its mean, the larger of two records: Maricopa 2003-2014 (hot desert,
// humidity 0.14, wind 0.17) and De Bilt 2000-2011 (maritime, 0.14, 0.11; sunshine hours for solar 0.08)
const SHARE_OF_REPLACED: Record<Exclude<ReplacedSensor, 'solar'>, number> = {
  humidity: 0.14,
  wind: 0.17,
  'solar-by-sunshine': 0.08,
}
const SHARE_OF_GOOD_SENSORS = 0.05 // ASCE 2005 App. E: residual error of calibrated sensors

/**
 * Error of the sun by the day's temperature range (Eq. 50) and of Hargreaves, as a share of ET0, by the clearness that
 * this range gives: a wide range means a clear sky, of which little is unknown. The error of Hargreaves is never stated
 * below that of a lost anemometer alone. From the same two records, errors that two days of three do not exceed: at a
 * clearness of 0.4, 0.6, 0.8 and 0.9 they are 0.12, 0.10, 0.05 and 0.02 for the sun, and 0.5, 0.26, 0.19 and 0.15 for
 * Hargreaves.
 */
const shareOfSolar = (clearness: number): number => Math.max(0.02, 0.25 * (0.97 - clearness))
const shareOfHargreaves = (clearness: number): number => 0.18 + 0.9 * Math.max(0, 0.95 - clearness) ** 2

/** Radiation by the temperature range over that of a clear sky, 0-1. */
function clearnessOf(d: PartialWeather, site: Site): number {
  const clearSky = clearSkyMJm2(extraterrestrialMJm2(site.latDeg, d.dayOfYear), site.elevationM)
  const byTemperature = estimatedSolarMJm2({ ...d, sunshineH: null }, site)
  return clearSky > 0 ? Math.min(1, byTemperature / clearSky) : 0
}

function expectedSdMm(
  et0: number,
  method: Et0Method,
  replaced: readonly ReplacedSensor[],
  clearness: number,
): number {
  if (method === 'hargreaves') return Math.max(0.2, shareOfHargreaves(clearness) * et0)
  let variance = SHARE_OF_GOOD_SENSORS ** 2
  for (const sensor of replaced)
    variance += (sensor === 'solar' ? shareOfSolar(clearness) : SHARE_OF_REPLACED[sensor]) ** 2
  return Math.max(0.1, Math.sqrt(variance) * et0)
}
