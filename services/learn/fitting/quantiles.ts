/** Quantiles of the 80 % interval: a tenth lies above, a tenth below. */
import { NORMAL_90 } from '../../runtime/math.ts'

/**
 * Of Student's t with `freedom` degrees of freedom: exact for 1 and 2, otherwise the expansion of Fisher & Cornish
 * 1960 (Abramowitz & Stegun 26.7.5), within 0.001 from 3 on. RangeError below 1.
 */
export function tQuantile90(freedom: number): number {
  if (!(freedom >= 1)) throw new RangeError(`degrees of freedom must be at least 1, got ${freedom}`)
  if (freedom < 2) return 3.0776835 // a fraction of a degree of freedom is rounded down
  if (freedom < 3) return 1.8856181
  const x = NORMAL_90
  const g1 = (x ** 3 + x) / 4
  const g2 = (5 * x ** 5 + 16 * x ** 3 + 3 * x) / 96
  const g3 = (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / 384
  const g4 = (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / 92160
  return x + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3 + g4 / freedom ** 4
}
