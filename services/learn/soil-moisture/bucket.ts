/**
 * How the water content at one depth moves from the end of one day to the end of the next: water soaks in and fills
 * what room there is, then the content falls towards its lower limit, faster where it is wet and drains.
 *
 *   θ ← θ + (θu − θ)(1 − exp(−W / Z))                            what soaks in of W mm
 *   x = (θ − θl) / (θu − θl)                                       how wet it is
 *   θ ← θl + (θ − θl) exp(−k·e − d·x^m)                           drying, and drainage as a power of wetness
 *
 * The bucket of Brocca et al. 2014 (JGR Atmospheres 119:5128, SM2RAIN: soaking less a·s^b of drainage), written as a
 * fall towards a limit (McColl et al. 2017, WRR 53: exponential dry-downs) so that no step can leave the limits.
 * Contents in % by volume, or in any other unit of a content: the limits carry it.
 */
export interface Bucket {
  lower: number // θl
  upper: number // θu
  soakMm: number // Z: of so much water 63 % of the room is filled
  dryPerDay: number // k, on a day of mean demand
  drainPerDay: number // d, where it is as wet as it can be
  drainPower: number // m
}

/** One day. `waterMm`: rain and irrigation; `demand`: of the crop and the air, 1 on a mean day. */
export function nextDay(b: Bucket, theta: number, waterMm: number, demand: number): number {
  const soaked =
    waterMm === 0 ? theta : theta + Math.max(0, b.upper - theta) * (1 - Math.exp(-waterMm / b.soakMm))
  if (soaked <= b.lower) return soaked // nothing dries below the limit
  const x = (soaked - b.lower) / (b.upper - b.lower)
  return b.lower + (soaked - b.lower) * Math.exp(-b.dryPerDay * demand - b.drainPerDay * x ** b.drainPower)
}

/**
 * Before anything is learned, between the limits that were seen. A layer of 20 cm with 0.3 of room takes 60 mm; what
 * lies above the limit halves in some three weeks, and an eighth more of it drains on the first day when all is wet.
 * Unconfirmed starting values: learning leaves them where the probe says otherwise.
 */
export const priorBucket = (lower: number, upper: number): Bucket => ({
  lower,
  upper,
  soakMm: 60,
  dryPerDay: 0.03,
  drainPerDay: 0.1,
  drainPower: 4,
})
