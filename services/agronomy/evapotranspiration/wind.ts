/** Wind converted to the height of the equations. */
import { finite } from '../finite.ts'

/** Below it the logarithmic profile is not valid, m. */
export const MIN_WIND_HEIGHT_M = 0.2

/**
 * Wind speed at 2 m from a measurement at `heightM` above short grass, m/s. FAO-56 Eq. 47.
 * RangeError below `MIN_WIND_HEIGHT_M`.
 */
export function wind2mMps(windMps: number, heightM: number): number {
  if (!(heightM >= MIN_WIND_HEIGHT_M))
    throw new RangeError(`wind height must be at least ${MIN_WIND_HEIGHT_M} m, got ${heightM}`)
  return finite((windMps * 4.87) / Math.log(67.8 * heightM - 5.42), { windMps, heightM })
}
