/**
 * Radiation under a clear sky, Rso: by the simple formula of FAO-56, or by the full one of ASCE-EWRI (2005) Appendix
 * D, which includes the sun's height and the water vapour. They differ by up to 5 % and change ET by some hundredths
 * of a millimetre: a comparison must name the formula. Also the check of a pyranometer on clear days.
 */
import { finite } from '../finite.ts'
import { pressureKPa } from './psychrometrics.ts'
import { sunHeightSine, type Place, type Site } from './radiation.ts'

export type ClearSky = 'simple' | 'full'

/** Rso in the unit of Ra (a day or an hour). FAO-56 Eq. 37. */
export const clearSkyMJm2 = (Ra: number, elevationM: number): number =>
  finite((0.75 + 2e-5 * elevationM) * Ra, { Ra, elevationM })

/** Rso of a day, MJ/m²/d, by the sun's mean height weighted with its light. ASCE 2005 Eq. D.1-D.5. */
export function clearSkyFullMJm2(Ra: number, site: Site, J: number, vapourKPa: number): number {
  const phi = (Math.PI / 180) * site.latDeg
  const sinPhi24 = Math.sin(0.85 + 0.3 * phi * Math.sin(((2 * Math.PI) / 365) * J - 1.39) - 0.42 * phi ** 2) // D.5
  return finite(transmittance(sinPhi24, pressureKPa(site.elevationM), vapourKPa) * Ra, {
    Ra,
    J,
    vapourKPa,
    latDeg: site.latDeg,
  })
}

/** Rso of one hour, MJ/m²/h, by the sun's height in its middle. ASCE 2005 Eq. D.1-D.4 and D.6. */
export function clearSkyFullHourMJm2(
  Ra: number,
  place: Place,
  J: number,
  midUtcHour: number,
  vapourKPa: number,
): number {
  const sinPhi = sunHeightSine(place, J, midUtcHour)
  return finite(transmittance(sinPhi, pressureKPa(place.elevationM), vapourKPa) * Ra, { Ra, vapourKPa })
}

/** KB + KD, the direct and the diffuse share of Ra that reaches the ground. ASCE 2005 Eq. D.1-D.4. */
function transmittance(sinPhi: number, P: number, ea: number): number {
  const Kt = 1 // clean air; 0.5 in extreme turbidity
  const W = 0.14 * ea * P + 2.1 // precipitable water, mm, D.3
  const s = Math.max(0, sinPhi)
  const KB = s === 0 ? 0 : 0.98 * Math.exp((-0.00146 * P) / (Kt * s) - 0.075 * (W / s) ** 0.4) // D.2
  const KD = KB >= 0.15 ? 0.35 - 0.36 * KB : 0.18 + 0.82 * KB // D.4
  return KB + KD
}

/** Check of a pyranometer on the clearest days of some weeks. */
export interface ClearSkyCheck {
  ratio: number // Rs/Rso of clear days; divide a reading by it to correct a wrong gain
  days: number
  reads: 'well' | 'low' | 'high' // 'low' may also be weeks without a clear day: 'high' is never caused by the sky
}

export const CLEAR_SKY_DAYS = 60
const CLEAREST_DAYS = 6
const MIN_DAYS = 30 // unconfirmed
const TOLERANCE = 0.05 // ASCE 2005 App. D: clear days lie within 3-5 % of Rso

/**
 * The median of the six largest Rs/Rso of the last sixty days, which should be near 1 (FAO-56 Annex 5; ASCE 2005 App.
 * D; sixty and six as in agweather-qaqc). Null when fewer than thirty days are known.
 */
export function clearSkyCheck(
  days: readonly { radiationMJm2: number; clearSkyMJm2: number }[],
): ClearSkyCheck | null {
  const ratios = days
    .filter((day) => day.clearSkyMJm2 > 0 && day.radiationMJm2 >= 0)
    .slice(-CLEAR_SKY_DAYS)
    .map((day) => day.radiationMJm2 / day.clearSkyMJm2)
    .toSorted((a, b) => b - a)
  if (ratios.length < MIN_DAYS) return null
  const ratio = (ratios[CLEAREST_DAYS / 2 - 1]! + ratios[CLEAREST_DAYS / 2]!) / 2 // their median: a single spike is not a gain error
  const reads = ratio > 1 + TOLERANCE ? 'high' : ratio < 1 - TOLERANCE ? 'low' : 'well'
  return { ratio, days: ratios.length, reads }
}
