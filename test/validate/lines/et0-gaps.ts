/**
 * ET0 where only temperatures are measured, against full Penman-Monteith. The reference is FAO-56 as it is printed: Eq.
 * 39 bounds Rs/Rso above only. Tilth's own also bounds it below, at 0.3 (ASCE 2005 Eq. 18), which takes 0.03 mm/d off
 * the mean of De Bilt's dark winters; its figures are told beside.
 */
import { dayOfYear } from '../../../broker/contract/time.ts'
import { clearSkyMJm2 } from '../../../services/agronomy/clear-sky.ts'
import { et0TemperatureMm, hargreavesMm } from '../../../services/agronomy/et0.ts'
import {
  meanSaturationKPa,
  psychrometricConstant,
  saturationSlope,
  vapourFromMeanKPa,
  vapourFromRangeKPa,
} from '../../../services/agronomy/psychrometrics.ts'
import { extraterrestrialMJm2, netShortwaveMJm2, type Site } from '../../../services/agronomy/radiation.ts'
import { et0Mm, penmanMonteith, type DailyWeather } from '../../../services/agronomy/reference-et.ts'
import { wind2mMps } from '../../../services/agronomy/wind.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { wholeDays } from '../read-days.ts'
import { atMost, errorsOf, told } from '../score.ts'
import { MARICOPA, maricopaDays, maricopaSite, weatherOf } from './maricopa.ts'

const DE_BILT = 'weather-debilt-daily'
const GRAZ = 'weather-graz-daily'

export const et0Gaps: Line = {
  name: 'et0-gaps',
  about: 'ET0 from temperatures alone, against all sensors: De Bilt, Graz, Maricopa',
  needs: [`data/${DE_BILT}`, `data/${GRAZ}`, `data/${MARICOPA}`],
  score(data) {
    const deBilt = errorsAt({ latDeg: 52.1, elevationM: 1.9 }, deBiltDays(data))
    const graz = errorsAt({ latDeg: 47.077, elevationM: 367 }, grazDays(data))
    const maricopa = errorsAt(maricopaSite, maricopaDays(data).map(weatherOf))
    return [
      atMost('De Bilt, Penman-Monteith of temperatures', deBilt.temperature, 0.5, 'mm/d', 2),
      atMost('De Bilt, Hargreaves', deBilt.hargreaves, 0.59, 'mm/d', 2),
      atMost('Maricopa, Hargreaves', maricopa.hargreaves, 1, 'mm/d', 2),
      told('Maricopa, Penman-Monteith of temperatures', maricopa.temperature, 'mm/d', 2),
      told('Graz, Penman-Monteith of temperatures', graz.temperature, 'mm/d', 2),
      told('Graz, Hargreaves', graz.hargreaves, 'mm/d', 2),
      told("De Bilt, Penman-Monteith of temperatures, by Tilth's full", deBilt.temperatureOwn, 'mm/d', 2),
      told("De Bilt, Hargreaves, by Tilth's full", deBilt.hargreavesOwn, 'mm/d', 2),
    ]
  },
}

/** RMSE of the two fallbacks, mm/d. */
function errorsAt(site: Site, days: readonly DailyWeather[]) {
  const rmse = (model: (day: DailyWeather) => number, full: (day: DailyWeather, site: Site) => number) =>
    errorsOf(days.map((day) => model(day) - full(day, site))).rmse
  const temperature = (day: DailyWeather) => et0TemperatureMm(day, site)
  const hargreaves = (day: DailyWeather) => hargreavesMm(day, site.latDeg)
  return {
    temperature: rmse(temperature, printedMm),
    hargreaves: rmse(hargreaves, printedMm),
    temperatureOwn: rmse(temperature, et0Mm),
    hargreavesOwn: rmse(hargreaves, et0Mm),
  }
}

/** FAO-56 Eq. 6 with Eq. 39 as printed, mm/d. */
function printedMm(day: DailyWeather, site: Site): number {
  const T = (day.tempMaxC + day.tempMinC) / 2
  const Rso = clearSkyMJm2(extraterrestrialMJm2(site.latDeg, day.dayOfYear), site.elevationM)
  const emitted = (4.903e-9 * ((day.tempMaxC + 273.16) ** 4 + (day.tempMinC + 273.16) ** 4)) / 2
  const cloud = 1.35 * Math.min(1, day.radiationMJm2 / Rso) - 0.35
  const Rnl = emitted * (0.34 - 0.14 * Math.sqrt(day.vapourKPa)) * cloud // Eq. 39
  const et0 = penmanMonteith({
    T,
    Rn: netShortwaveMJm2(day.radiationMJm2) - Rnl,
    G: 0,
    u2: day.windMps,
    es: meanSaturationKPa(day.tempMaxC, day.tempMinC),
    ea: day.vapourKPa,
    Delta: saturationSlope(T),
    gamma: psychrometricConstant(site.elevationM),
    Cn: 900,
    Cd: 0.34,
  })
  return Math.max(0, et0)
}

function deBiltDays(data: DataFolder): DailyWeather[] {
  const columns = ['tmin_C', 'tmax_C', 'rhmax_pct', 'rhmin_pct', 'wind10m_m_s', 'srad_MJ_m2'] as const
  return wholeDays(data.days(DE_BILT, columns)).map((row) => ({
    dayOfYear: dayOfYear(row.day),
    tempMinC: row.tmin_C,
    tempMaxC: row.tmax_C,
    vapourKPa: vapourFromRangeKPa({
      tempMinC: row.tmin_C,
      tempMaxC: row.tmax_C,
      humidityMaxPct: row.rhmax_pct,
      humidityMinPct: row.rhmin_pct,
    }),
    windMps: wind2mMps(row.wind10m_m_s, 10),
    radiationMJm2: row.srad_MJ_m2,
  }))
}

function grazDays(data: DataFolder): DailyWeather[] {
  const columns = ['tmin_C', 'tmax_C', 'rhmean_pct', 'wind_m_s', 'srad_MJ_m2'] as const
  return wholeDays(data.days(GRAZ, columns)).map((row) => ({
    dayOfYear: dayOfYear(row.day),
    tempMinC: row.tmin_C,
    tempMaxC: row.tmax_C,
    vapourKPa: vapourFromMeanKPa(row.tmax_C, row.tmin_C, row.rhmean_pct),
    windMps: row.wind_m_s, // its source takes it as of 2 m
    radiationMJm2: row.srad_MJ_m2,
  }))
}
