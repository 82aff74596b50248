/** Wind brought to the height of the equations. */

/**
 * Wind speed at 2 m from a measurement at `heightM` above short grass, m/s. FAO-56 Eq. 47.
 * RangeError below 0.2 m, where the logarithmic profile has no meaning.
 */
export function wind2mMps(windMps: number, heightM: number): number {
  if (!(heightM >= 0.2)) throw new RangeError(`wind height must be at least 0.2 m, got ${heightM}`)
  return (windMps * 4.87) / Math.log(67.8 * heightM - 5.42)
}
