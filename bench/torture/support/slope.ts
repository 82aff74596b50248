/** Growth rate with its uncertainty: a least-squares line through points. Pure. */
export interface Slope {
  /** per unit of time */
  slope: number
  /** half of the 95 % interval; Infinity with fewer than three points */
  within: number
}

/**
 * Slope of y over x with its 95 % interval. Neighbouring memory samples are correlated, so the effective sample size is
 * n (1 - r) / (1 + r) with the lag-1 autocorrelation r of the residuals.
 */
export function fitSlope(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length
  if (n < 3) return { slope: Number.NaN, within: Infinity }
  const mean = (valueOf: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + valueOf(point), 0) / n
  const [xMean, yMean] = [mean(([x]) => x), mean(([, y]) => y)]
  const sxx = points.reduce((sum, [x]) => sum + (x - xMean) ** 2, 0)
  const sxy = points.reduce((sum, [x, y]) => sum + (x - xMean) * (y - yMean), 0)
  const slope = sxy / sxx
  const residuals = points.map(([x, y]) => y - yMean - slope * (x - xMean))
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0)
  const alike = residuals.slice(1).reduce((sum, residual, i) => sum + residual * residuals[i]!, 0)
  const r = squares === 0 ? 0 : Math.min(0.99, Math.max(0, alike / squares))
  const free = (n * (1 - r)) / (1 + r) - 2
  if (free < 1) return { slope, within: Infinity }
  return { slope, within: t95(free) * Math.sqrt(squares / free / sxx) }
}

/**
 * Half of the 95 % interval of the slope of a random walk, for which a straight line looks too certain. From the steps
 * between means of equally spaced blocks of `size` points; Infinity with fewer than three.
 */
export function wanderWithin(points: readonly (readonly [x: number, y: number])[], size: number): number {
  const blockMeans: number[] = []
  for (let start = 0; start + size <= points.length; start += size)
    blockMeans.push(points.slice(start, start + size).reduce((sum, [, y]) => sum + y, 0) / size)
  const steps = blockMeans.slice(1).map((mean, i) => mean - blockMeans[i]!)
  const n = steps.length
  if (n < 3) return Infinity
  const mean = steps.reduce((sum, step) => sum + step, 0) / n
  const squares = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0)
  return (t95(n - 1) * Math.sqrt(squares / (n - 1) / n)) / (points[size]![0] - points[0]![0])
}

/** Two-sided 95 % quantile of Student's t: 1.96 with the first three terms of Cornish and Fisher's expansion (1937). */
function t95(free: number): number {
  const z = 1.959964
  return (
    z +
    (z ** 3 + z) / (4 * free) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * free ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * free ** 3)
  )
}
