/**
 * How the water content at one depth changes from the end of one day to the end of the next: water infiltrates and
 * fills a share of the available pore space, then the content decreases towards its lower limit, faster where it is
 * wet and drains.
 *
 *   θ ← θ + (θu − θ)(1 − exp(−W / Z))                            infiltration of W mm
 *   x = (θ − θl) / (θu − θl)                                       relative wetness
 *   θ ← θl + (θ − θl) exp(−k·e − d·x^m)                           drying, and drainage as a power of wetness
 *
 * The bucket of Brocca et al. 2014 (JGR Atmospheres 119:5128, SM2RAIN: infiltration less a·s^b of drainage), written
 * as a decay towards a limit (McColl et al. 2017, WRR 53: exponential dry-downs) so that no step can leave the
 * limits. Contents in % by volume, or in any other unit: the limits have the same unit.
 */
export interface Bucket {
  lower: number // θl
  upper: number // θu
  soakMm: number // Z: the water depth that fills 63 % of the available pore space
  dryPerDay: number // k, on a day of mean demand
  drainPerDay: number // d, at the upper limit
  drainPower: number // m
}

/** One day. `waterMm`: rain and irrigation; `demand`: of the crop and the air, 1 on a mean day. */
export function nextDay(b: Bucket, theta: number, waterMm: number, demand: number): number {
  const soaked =
    waterMm === 0 ? theta : theta + Math.max(0, b.upper - theta) * (1 - Math.exp(-waterMm / b.soakMm))
  if (soaked <= b.lower) return soaked // no drying below the limit
  const x = (soaked - b.lower) / (b.upper - b.lower)
  return b.lower + (soaked - b.lower) * Math.exp(-b.dryPerDay * demand - b.drainPerDay * x ** b.drainPower)
}

/**
 * The prior, between the observed limits. A layer of 20 cm with 0.3 of pore space takes 60 mm; the content above the
 * limit halves in about three weeks, and an eighth more drains on the first day when saturated. Unconfirmed starting
 * values: the fit changes them where the probe's data require it.
 */
export const priorBucket = (lower: number, upper: number): Bucket => ({
  lower,
  upper,
  soakMm: 60,
  dryPerDay: 0.03,
  drainPerDay: 0.1,
  drainPower: 4,
})
