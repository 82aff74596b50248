/**
 * Vapour in the air: pressure, saturation, humidity. Allen, Pereira, Raes & Smith (1998), FAO Irrigation and Drainage
 * Paper 56 ("FAO-56"), chapter 3. Temperatures in °C, pressures in kPa, humidity in per cent as a gauge reports it.
 */
import { finite } from '../finite.ts'

/** Atmospheric pressure at an elevation, kPa. FAO-56 Eq. 7. */
export function pressureKPa(elevationM: number): number {
  return finite(101.3 * ((293 - 0.0065 * elevationM) / 293) ** 5.26, { elevationM })
}

/** Psychrometric constant gamma, kPa/°C. FAO-56 Eq. 8. */
export function psychrometricConstant(elevationM: number): number {
  return 0.665e-3 * pressureKPa(elevationM)
}

/** Saturation vapour pressure e°(T), kPa. FAO-56 Eq. 11. */
export function saturationKPa(tempC: number): number {
  return finite(0.6108 * Math.exp((17.27 * tempC) / (tempC + 237.3)), { tempC })
}

/**
 * Mean saturation vapour pressure es of a day, kPa: from the extremes, not from the mean temperature. FAO-56 Eq. 12.
 */
export function meanSaturationKPa(tempMaxC: number, tempMinC: number): number {
  return (saturationKPa(tempMaxC) + saturationKPa(tempMinC)) / 2
}

/** Slope Delta of the saturation curve, kPa/°C. FAO-56 Eq. 13. */
export function saturationSlope(tempC: number): number {
  return finite((4098 * saturationKPa(tempC)) / (tempC + 237.3) ** 2, { tempC })
}

/** Actual vapour pressure ea from a psychrometer, kPa. FAO-56 Eq. 15 and 16; `aPsy` 0.000662 when ventilated. */
export function vapourFromPsychrometerKPa(
  dryC: number,
  wetC: number,
  elevationM: number,
  aPsy = 0.000662,
): number {
  return finite(saturationKPa(wetC) - aPsy * pressureKPa(elevationM) * (dryC - wetC), { dryC, wetC, aPsy })
}

/** ea of a day from its extremes of temperature and humidity, kPa. FAO-56 Eq. 17. */
export function vapourFromRangeKPa(day: {
  tempMaxC: number
  tempMinC: number
  humidityMaxPct: number
  humidityMinPct: number
}): number {
  const eaNight = (saturationKPa(day.tempMinC) * day.humidityMaxPct) / 100
  const eaAfternoon = (saturationKPa(day.tempMaxC) * day.humidityMinPct) / 100
  return finite((eaNight + eaAfternoon) / 2, day)
}

/** ea of a day from its mean humidity, kPa; less accurate than Eq. 17. FAO-56 Eq. 19. */
export function vapourFromMeanKPa(tempMaxC: number, tempMinC: number, humidityMeanPct: number): number {
  return finite((humidityMeanPct / 100) * meanSaturationKPa(tempMaxC, tempMinC), { humidityMeanPct })
}

/** ea at one moment or over one hour, kPa. FAO-56 Eq. 54. Air cannot hold more than saturation. */
export function vapourKPa(tempC: number, humidityPct: number): number {
  return finite((saturationKPa(tempC) * Math.min(Math.max(humidityPct, 0), 100)) / 100, { humidityPct })
}

/** Dew point from temperature and humidity, °C. FAO-56 Eq. 11 solved for T (Annex 3, Eq. 3.11). RH above 0. */
export function dewPointC(tempC: number, humidityPct: number): number {
  const ea = (saturationKPa(tempC) * Math.min(100, Math.max(1, humidityPct))) / 100
  const ln = Math.log(ea / 0.6108)
  return finite((237.3 * ln) / (17.27 - ln), { humidityPct })
}
