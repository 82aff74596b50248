/**
 * Reference evapotranspiration of a grass surface, one day, mm: Penman-Monteith (FAO-56 Eq. 6) and what may stand in
 * for it where sensors are missing (FAO-56 p. 60-65). Every answer carries its method and an expected error.
 */
import { meanSaturationKPa, psychrometricConstant, saturationKPa, saturationSlope } from './psychrometrics.ts'
import {
  clearSkyMJm2,
  extraterrestrialMJm2,
  netLongwaveMJm2,
  netShortwaveMJm2,
  solarFromTemperatureMJm2,
  type Site,
} from './radiation.ts'

/** One complete day. */
export interface DailyWeather {
  dayOfYear: number
  tempMinC: number
  tempMaxC: number
  vapourKPa: number
  windMps: number // at 2 m
  radiationMJm2: number
}

/** One day of a station that lacks some sensors: null where nothing usable was measured. */
export interface PartialWeather {
  dayOfYear: number
  tempMinC: number
  tempMaxC: number
  vapourKPa: number | null
  windMps: number | null
  radiationMJm2: number | null
}

export type Et0Method = 'fao56-pm' | 'fao56-pm-reduced' | 'hargreaves'

export interface Et0 {
  et0Mm: number
  method: Et0Method
  sdMm: number // expected error, one standard deviation
  replaced: ('humidity' | 'wind' | 'solar')[] // what had to be estimated
}

/**
 * Reference evapotranspiration of a grass surface, one day. mm/d.
 * FAO-56 Eq. 6 (Allen et al. 1998). Inputs: one complete day, wind already at 2 m. RangeError for NaN or max < min.
 */
export function et0Mm(d: DailyWeather, site: Site): number {
  assertDay(d)
  const T = (d.tempMaxC + d.tempMinC) / 2 // Eq. 9
  const gamma = psychrometricConstant(site.elevationM) // kPa/°C, Eq. 8
  const Delta = saturationSlope(T) // kPa/°C, Eq. 13
  const es = meanSaturationKPa(d.tempMaxC, d.tempMinC) // kPa, Eq. 12
  const ea = Math.min(d.vapourKPa, es) // a wet sensor may report more than saturation
  const Ra = extraterrestrialMJm2(site.latDeg, d.dayOfYear) // MJ/m²/d, Eq. 21
  const Rso = clearSkyMJm2(Ra, site.elevationM) // MJ/m²/d, Eq. 37
  const Rns = netShortwaveMJm2(d.radiationMJm2) // MJ/m²/d, Eq. 38
  const Rnl = netLongwaveMJm2({ ...d, vapourKPa: ea, Rs: d.radiationMJm2, Rso }) // MJ/m²/d, Eq. 39
  const Rn = Rns - Rnl // MJ/m²/d, Eq. 40
  const G = 0 // soil heat flux of one day, MJ/m²/d, Eq. 42
  return penmanMonteith({ T, Rn, G, u2: d.windMps, es, ea, Delta, gamma })
}

/** The combination itself, mm/d. FAO-56 Eq. 6. Dew is no evapotranspiration: never below 0. */
export function penmanMonteith(x: {
  T: number // °C
  Rn: number // MJ/m²/d
  G: number // MJ/m²/d
  u2: number // m/s
  es: number // kPa
  ea: number // kPa
  Delta: number // kPa/°C
  gamma: number // kPa/°C
}): number {
  const radiationTerm = 0.408 * x.Delta * (x.Rn - x.G)
  const windTerm = x.gamma * (900 / (x.T + 273)) * x.u2 * (x.es - x.ea)
  return Math.max(0, (radiationTerm + windTerm) / (x.Delta + x.gamma * (1 + 0.34 * x.u2)))
}

/** Reference evapotranspiration from temperature alone, mm/d. Hargreaves & Samani, FAO-56 Eq. 52. */
export function hargreavesMm(
  d: { dayOfYear: number; tempMinC: number; tempMaxC: number },
  latDeg: number,
): number {
  const T = (d.tempMaxC + d.tempMinC) / 2
  const Ra = 0.408 * extraterrestrialMJm2(latDeg, d.dayOfYear) // mm/d, Eq. 20
  return Math.max(0, 0.0023 * (T + 17.8) * Math.sqrt(Math.max(0, d.tempMaxC - d.tempMinC)) * Ra)
}

/**
 * Penman-Monteith where only temperatures were measured, mm/d: dew point at the night's minimum (FAO-56 Eq. 48),
 * radiation from the range (Eq. 50), wind 2 m/s (FAO-56 p. 63).
 */
export function et0TemperatureMm(
  d: { dayOfYear: number; tempMinC: number; tempMaxC: number },
  site: Site,
): number {
  return et0Mm(completed({ ...d, vapourKPa: null, windMps: null, radiationMJm2: null }, site), site)
}

/**
 * The best the sensors allow. With at least radiation or humidity: Penman-Monteith, what is missing estimated as in
 * `et0TemperatureMm`; with temperatures alone: Hargreaves, the better of the two in a dry climate.
 */
export function et0Best(d: PartialWeather, site: Site): Et0 {
  const replaced: Et0['replaced'] = []
  if (d.vapourKPa === null) replaced.push('humidity')
  if (d.windMps === null) replaced.push('wind')
  if (d.radiationMJm2 === null) replaced.push('solar')
  const isTemperatureOnly = d.vapourKPa === null && d.radiationMJm2 === null
  const method: Et0Method = isTemperatureOnly
    ? 'hargreaves'
    : replaced.length > 0
      ? 'fao56-pm-reduced'
      : 'fao56-pm'
  const et0 = isTemperatureOnly ? hargreavesMm(d, site.latDeg) : et0Mm(completed(d, site), site)
  return { et0Mm: et0, method, replaced, sdMm: expectedSdMm(et0, method, replaced) }
}

function completed(d: PartialWeather, site: Site): DailyWeather {
  const Ra = extraterrestrialMJm2(site.latDeg, d.dayOfYear)
  return {
    ...d,
    vapourKPa: d.vapourKPa ?? saturationKPa(d.tempMinC), // Eq. 48
    windMps: d.windMps ?? 2,
    radiationMJm2: d.radiationMJm2 ?? solarFromTemperatureMJm2(d, Ra, site.elevationM), // Eq. 50
  }
}

// RMSE against full Penman-Monteith as a share of its mean, the larger of two records: Maricopa 2003-2014 (hot desert,
// humidity 0.14, wind 0.17, solar 0.05, temperature only 0.20) and De Bilt 2000-2011 (maritime, 0.14, 0.11, 0.17, 0.32)
const SHARE_OF_REPLACED = { humidity: 0.14, wind: 0.17, solar: 0.17 }
const SHARE_OF_HARGREAVES = 0.32
const SHARE_OF_GOOD_SENSORS = 0.05 // ASCE 2005 App. E: what calibrated sensors leave

function expectedSdMm(et0: number, method: Et0Method, replaced: Et0['replaced']): number {
  if (method === 'hargreaves') return Math.max(0.3, SHARE_OF_HARGREAVES * et0)
  let variance = SHARE_OF_GOOD_SENSORS ** 2
  for (const sensor of replaced) variance += SHARE_OF_REPLACED[sensor] ** 2
  return Math.max(0.1, Math.sqrt(variance) * et0)
}

function assertDay(d: DailyWeather): void {
  for (const [name, value] of Object.entries(d))
    if (!Number.isFinite(value)) throw new RangeError(`${name} must be a number, got ${value}`)
  if (d.tempMaxC < d.tempMinC)
    throw new RangeError(`tempMaxC ${d.tempMaxC} must not be below tempMinC ${d.tempMinC}`)
}
