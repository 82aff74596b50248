/**
 * Cumulative catches of one flight by degree-days: the share of the flight that has been caught at `sumCd`, and the
 * sum at which a share is reached.
 */
import { finite } from '../finite.ts'

export type CatchCurve =
  /** F(x) = Phi(gamma + delta ln((x - xi) / (lambda - (x - xi)))); Rincon et al. (2024), Ecol. Modell. 493:110763. */
  | { kind: 'johnson-sb'; gamma: number; delta: number; xi: number; lambda: number }
  /** F(x) = 1 / (1 + exp(-(x - mid) / scale)) */
  | { kind: 'logistic'; midCd: number; scaleCd: number }

/** Share of the flight, 0-1, at a sum. */
export function shareAt(curve: CatchCurve, sumCd: number): number {
  if (curve.kind === 'logistic') {
    const { midCd, scaleCd } = curve
    return finite(1 / (1 + Math.exp(-(sumCd - midCd) / scaleCd)), { sumCd, midCd, scaleCd })
  }
  const { gamma, delta, xi, lambda } = curve
  const y = finite(sumCd - xi, { sumCd, xi })
  if (y <= 0) return 0
  if (y >= lambda) return 1
  return normalShare(finite(gamma + delta * Math.log(y / (lambda - y)), { gamma, delta, xi, lambda, sumCd }))
}

/** Sum at the midpoint of the flight, °C·d. */
export function halfCd(curve: CatchCurve): number {
  if (curve.kind === 'logistic') return finite(curve.midCd, { midCd: curve.midCd })
  // F = 1/2 where gamma + delta ln(y / (lambda - y)) = 0
  const { gamma, delta, xi, lambda } = curve
  return finite(xi + lambda / (1 + Math.exp(gamma / delta)), { gamma, delta, xi, lambda })
}

/** The same curve with its midpoint at `midCd` and its spread about the midpoint multiplied by `stretch`. */
export const shiftedShareAt = (curve: CatchCurve, midCd: number, stretch: number, sumCd: number): number =>
  shareAt(curve, halfCd(curve) + finite((sumCd - midCd) / stretch, { midCd, stretch, sumCd }))

/** Standard normal distribution: Numerical Recipes' erfc (Press et al. 1992, 6.2), error below 1.2e-7. */
function normalShare(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.5 * x)
  const tail =
    t *
    Math.exp(
      -x * x -
        1.26551223 +
        t *
          (1.00002368 +
            t *
              (0.37409196 +
                t *
                  (0.09678418 +
                    t *
                      (-0.18628806 +
                        t *
                          (0.27886807 +
                            t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))),
    )
  return z >= 0 ? 1 - tail / 2 : tail / 2
}
