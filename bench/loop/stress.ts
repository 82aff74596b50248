/**
 * Response of a crop to dry soil: stress coefficients between 1 (none) and 0, convex in the relative depletion
 * (Steduto et al. 2009, Agron. J. 101:426; Raes et al. 2009, Agron. J. 101:438; FAO Irrigation and Drainage Paper 66,
 * Ch. 3).
 */

/** Depletion, as a share of TAW, at which a stress starts and at which it is full; the shape of the curve between. */
export interface StressCurve {
  upper: number
  lower: number
  /** 0: linear */
  shape: number
  /** exponential of the shape, less 1 */
  power: number
}

export const stressCurve = (upper: number, lower: number, shape: number): StressCurve => ({
  upper,
  lower,
  shape,
  power: Math.expm1(shape),
})

/** Ks of a curve at a depletion (share of TAW) with thresholds shifted by `shift`. */
export function stress(curve: StressCurve, depletion: number, shift: number): number {
  const upper = Math.min(1, Math.max(0, curve.upper + shift))
  const lower = Math.min(1, Math.max(upper + 0.01, curve.lower + shift))
  const relative = Math.min(1, Math.max(0, (depletion - upper) / (lower - upper)))
  if (relative === 0) return 1
  if (relative === 1) return 0
  if (curve.shape === 0) return 1 - relative
  return 1 - Math.expm1(relative * curve.shape) / curve.power
}

/** Shift of a threshold `p` by the evaporative demand: earlier stress on days of high ET0. */
export const thresholdShift = (p: number, et0Mm: number): number =>
  0.04 * (5 - et0Mm) * Math.log10(10 - 9 * p)
