/**
 * The most probable parameters of a non-linear model, from measurements and prior knowledge (maximum a posteriori;
 * Tarantola 2005, Inverse Problem Theory, Eq. 3.51), by damped Gauss-Newton steps (Marquardt 1963). The prior
 * corresponds to the ridge of a linear model.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix'

export interface Prior {
  mean: number
  sd: number
}

export interface PosteriorFit {
  values: number[]
  sds: number[]
}

const MAX_STEPS = 30
const SLOPE_STEP = 0.001 // share of a parameter's sd
const MIN_GAIN = 1e-4 // relative reduction of the cost below which the iteration stops

/** `predict` returns the expected measurements, finite numbers; each measurement has the standard deviation `sd`. */
export function fitMaximumAPosteriori(
  predict: (values: readonly number[]) => number[],
  measured: readonly number[],
  sd: number,
  priors: readonly Prior[],
): PosteriorFit {
  const offsetOf = (values: readonly number[]) =>
    values.map((value, k) => (value - priors[k]!.mean) / priors[k]!.sd)
  const costOf = (values: readonly number[], predicted: readonly number[]) => {
    const offset = offsetOf(values)
    return sumOfSquares(measured, predicted) / sd ** 2 + dot(offset, offset)
  }
  let values = priors.map(({ mean }) => mean)
  let predicted = predict(values)
  let cost = costOf(values, predicted)
  let damping = 1e-3
  let normal = normalAt()
  for (let step = 0; step < MAX_STEPS && damping < 1e8; step++) {
    const damped = normal.A.clone()
    for (let k = 0; k < priors.length; k++) damped.set(k, k, normal.A.get(k, k) * (1 + damping))
    const move = new CholeskyDecomposition(damped).solve(normal.g).to1DArray()
    const next = values.map((value, k) => value + move[k]!)
    const nextPredicted = predict(next)
    const nextCost = costOf(next, nextPredicted)
    if (!(nextCost < cost)) {
      damping *= 8
      continue
    }
    const gain = (cost - nextCost) / cost
    values = next
    predicted = nextPredicted
    cost = nextCost
    damping /= 8
    normal = normalAt()
    if (gain < MIN_GAIN) break
  }
  const covariance = new CholeskyDecomposition(normal.A).solve(Matrix.eye(priors.length))
  return { values, sds: priors.map((_, k) => Math.sqrt(covariance.get(k, k))) }

  /** The normal equations at the current values: A = J'J/sd² + P⁻¹, g = J'r/sd² − P⁻¹(p − p₀). */
  function normalAt(): { A: Matrix; g: Matrix } {
    const slopes = priors.map((prior, k) => {
      const h = SLOPE_STEP * prior.sd
      const shifted = predict(values.map((value, i) => (i === k ? value + h : value)))
      return shifted.map((value, i) => (value - predicted[i]!) / (h * sd))
    })
    const r = measured.map((value, i) => (value - predicted[i]!) / sd)
    const offset = offsetOf(values)
    const A = new Matrix(priors.length, priors.length)
    for (let j = 0; j < priors.length; j++)
      for (let k = 0; k <= j; k++) {
        const sum = dot(slopes[j]!, slopes[k]!) + (j === k ? 1 / priors[k]!.sd ** 2 : 0)
        A.set(j, k, sum)
        A.set(k, j, sum)
      }
    return { A, g: Matrix.columnVector(slopes.map((slope, k) => dot(slope, r) - offset[k]! / priors[k]!.sd)) }
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function sumOfSquares(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum
}
