/**
 * Linear regression with checks: columns are centred and scaled, an input that would give a meaningless fit is
 * rejected by name, and every value has an interval. Ordinary least squares by ml-regression; ridge (Hoerl & Kennard
 * 1970) by ml-matrix, its weight chosen from the given rows only.
 */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix'
import regressions from 'ml-regression'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { sum } from '../../runtime/math.ts'
import type { ModelTerm } from '../../tables.ts'
import { tQuantile90 } from './quantiles.ts'
import { mean } from './statistics.ts'

export interface Column {
  key: string // of the catalogue: 'model.term.KEY'
  unit: string
  values: readonly number[]
}

export interface LinearData {
  columns: readonly Column[]
  y: readonly number[]
  /** shrinks the coefficients, for nearly collinear columns; default false */
  ridge?: boolean
}

/** The reason why no fit exists: a key of the catalogue ('model.reason.KEY') and its parameters. */
export interface FitRejection {
  key:
    | 'too-few-rows'
    | 'uneven-columns'
    | 'not-a-number'
    | 'constant-column'
    | 'raw-time'
    | 'collinear-column'
  params: Record<string, string | number | null>
}

/** 80 % interval. */
export interface Interval {
  value: number
  sd: number
  lo: number
  hi: number
}

export interface LinearFit {
  /** 'intercept' first, then one per column, per unit of the column */
  terms: ModelTerm[]
  rows: number
  /** rows less the effective number of parameters */
  freedom: number
  residualSd: number
  /** ridge weight per row, on scaled columns; 0: ordinary least squares */
  lambda: number
  /** RangeError when the length of the row differs from the number of columns. */
  predict(row: readonly number[]): Interval
}

/** Minimum number of rows per parameter. */
const ROWS_PER_PARAMETER = 2
/** Variance inflation above which a column counts as collinear; ridge tolerates more. */
const MAX_VIF = { plain: 1e3, ridge: 1e8 }
/** No feature is as large as an instant in ms or s: such a column was not converted into a feature. */
const RAW_TIME = 1e8
/** A column with a smaller standard deviation in its unit is constant: its coefficient would overflow. */
const MIN_SD = 1e-12

/**
 * Least squares, a coefficient per unit of each column. Rejected by name where rows are too few or columns are
 * collinear.
 */
export function fitLinear({ columns, y, ridge = false }: LinearData): Result<LinearFit, FitRejection> {
  const refused = rejectionOf(columns, y)
  if (refused) return err(refused)
  const n = y.length
  const scales = columns.map(({ values }) => scaleOf(values))
  const yMean = mean(y)
  const X = new Matrix(
    y.map((_, row) => columns.map(({ values }, c) => (values[row]! - scales[c]!.mean) / scales[c]!.sd)),
  )
  const yc = y.map((value) => value - yMean)
  const XtX = X.transpose().mmul(X)
  const collinear = mostInflated(XtX, n)
  if (collinear && collinear.vif > (ridge ? MAX_VIF.ridge : MAX_VIF.plain))
    return err({ key: 'collinear-column', params: { column: columns[collinear.column]!.key } })

  const { b, covariance, freedom, lambda, residualSd } = ridge
    ? solveRidge(X, XtX, yc)
    : solveLeast(X, XtX, yc)
  const coefficients = b.map((value, c) => value / scales[c]!.sd)
  const intercept = yMean - sum(coefficients.map((value, c) => value * scales[c]!.mean))
  const sdOf = (x: readonly number[]) => Math.sqrt(residualSd ** 2 / n + quadratic(covariance, x))
  return ok({
    terms: [
      {
        key: 'intercept',
        unit: '',
        coefficient: intercept,
        sd: sdOf(scales.map((scale) => -scale.mean / scale.sd)),
      },
      ...columns.map(({ key, unit }, c) => ({
        key,
        unit,
        coefficient: coefficients[c]!,
        sd: Math.sqrt(covariance.get(c, c)) / scales[c]!.sd,
      })),
    ],
    rows: n,
    freedom,
    residualSd,
    lambda,
    predict(row) {
      if (row.length !== columns.length)
        throw new RangeError(`expected ${columns.length} numbers in a row, got ${row.length}`)
      const x = row.map((value, c) => (value - scales[c]!.mean) / scales[c]!.sd)
      const sd = Math.hypot(residualSd, sdOf(x))
      return interval(yMean + sum(x.map((value, c) => value * b[c]!)), sd, freedom)
    },
  })
}

/** Value of stored terms for a row, by the keys of its columns. RangeError when a column is missing. */
export function valueOfTerms(terms: readonly ModelTerm[], row: Readonly<Record<string, number>>): number {
  return sum(
    terms.map(({ key, coefficient }) => {
      const x = key === 'intercept' ? 1 : row[key]
      if (x === undefined) throw new RangeError(`no value for the term ${key}`)
      return coefficient * x
    }),
  )
}

/** 80 % interval of a value whose standard error was estimated with `freedom` degrees of freedom. */
export function interval(value: number, sd: number, freedom: number): Interval {
  const half = tQuantile90(freedom) * sd
  return { value, sd, lo: value - half, hi: value + half }
}

interface Solution {
  b: number[] // of the scaled columns
  covariance: Matrix
  freedom: number
  lambda: number
  residualSd: number
}

function solveLeast(X: Matrix, XtX: Matrix, y: readonly number[]): Solution {
  const { MultivariateLinearRegression } = regressions
  const fit = new MultivariateLinearRegression(
    X,
    y.map((value) => [value]),
    { intercept: false, statistics: false },
  )
  const b = fit.weights.map(([weight]) => weight!)
  const freedom = y.length - 1 - X.columns
  const residualSd = Math.sqrt(residualSquares(X, y, b) / freedom)
  return { b, covariance: inverse(XtX).mul(residualSd ** 2), freedom, lambda: 0, residualSd }
}

/** b = (X'X + nλ)⁻¹ X'y; covariance of b: s² A⁻¹ X'X A⁻¹ (Hoerl & Kennard 1970). */
function solveRidge(X: Matrix, XtX: Matrix, y: readonly number[]): Solution {
  const n = y.length
  const Xty = X.transpose().mmul(Matrix.columnVector([...y]))
  const { lambda, spent } = bestLambda(XtX, Xty, y)
  const A = Matrix.add(XtX, Matrix.eye(X.columns).mul(n * lambda))
  const b = new CholeskyDecomposition(A).solve(Xty).to1DArray()
  const freedom = n - 1 - spent
  const residualSd = Math.sqrt(residualSquares(X, y, b) / freedom)
  const inverseA = inverse(A)
  const covariance = inverseA
    .mmul(XtX)
    .mmul(inverseA)
    .mul(residualSd ** 2)
  return { b, covariance, freedom, lambda, residualSd }
}

// per row, on columns of unit variance: from negligible shrinkage to coefficients of a tenth
const LAMBDAS = Array.from({ length: 29 }, (_, i) => 10 ** (-6 + i / 4))

/**
 * The ridge weight by generalised cross-validation (Golub, Heath & Wahba 1979), V = n RSS / (n − 1 − p(λ))², on the
 * eigenvalues of X'X; p(λ) is the effective number of parameters.
 */
function bestLambda(XtX: Matrix, Xty: Matrix, y: readonly number[]): { lambda: number; spent: number } {
  const n = y.length
  const eigen = new EigenvalueDecomposition(XtX, { assumeSymmetric: true })
  const d = eigen.realEigenvalues.map((value) => Math.max(0, value))
  const z = eigen.eigenvectorMatrix.transpose().mmul(Xty).to1DArray()
  const yy = sum(y.map((value) => value * value))
  let best = { lambda: LAMBDAS[0]!, spent: d.length }
  let bestScore = Infinity
  for (const lambda of LAMBDAS) {
    const shrunk = d.map((value) => value + n * lambda)
    const spent = sum(d.map((value, i) => value / shrunk[i]!))
    const rss = yy - sum(z.map((value, i) => (value * value * (2 - d[i]! / shrunk[i]!)) / shrunk[i]!))
    const score = (n * rss) / (n - 1 - spent) ** 2
    if (score < bestScore) {
      bestScore = score
      best = { lambda, spent }
    }
  }
  return best
}

function rejectionOf(columns: readonly Column[], y: readonly number[]): FitRejection | null {
  const need = ROWS_PER_PARAMETER * (columns.length + 1)
  if (columns.length === 0 || y.length < need)
    return { key: 'too-few-rows', params: { rows: y.length, need } }
  if (!y.every(Number.isFinite)) return { key: 'not-a-number', params: { column: 'y' } }
  for (const { key, values } of columns) {
    const params = { column: key }
    if (values.length !== y.length) return { key: 'uneven-columns', params }
    if (!values.every(Number.isFinite)) return { key: 'not-a-number', params }
    if (values.every((value) => Math.abs(value) >= RAW_TIME)) return { key: 'raw-time', params }
    const scale = scaleOf(values)
    if (!(scale.sd > Math.max(MIN_SD, 1e-9 * Math.abs(scale.mean)))) return { key: 'constant-column', params }
  }
  return null
}

/** The column that the others explain best, by its variance inflation; null with one column. */
function mostInflated(XtX: Matrix, n: number): { column: number; vif: number } | null {
  if (XtX.columns < 2) return null
  const correlation = Matrix.mul(XtX, 1 / n)
  const eigen = new EigenvalueDecomposition(correlation, { assumeSymmetric: true })
  const V = eigen.eigenvectorMatrix
  // VIF_j = Σ v_jk² / d_k; an eigenvalue of 0 is a linear combination of columns that is constant
  const vifs = eigen.realEigenvalues.map((_, j) =>
    sum(eigen.realEigenvalues.map((d, k) => V.get(j, k) ** 2 / Math.max(d, 1e-15))),
  )
  const column = vifs.indexOf(Math.max(...vifs))
  return { column, vif: vifs[column]! }
}

const inverse = (A: Matrix): Matrix => new CholeskyDecomposition(A).solve(Matrix.eye(A.rows))

function residualSquares(X: Matrix, y: readonly number[], b: readonly number[]): number {
  const fitted = X.mmul(Matrix.columnVector([...b])).to1DArray()
  return sum(y.map((value, i) => (value - fitted[i]!) ** 2))
}

const quadratic = (A: Matrix, x: readonly number[]): number =>
  Math.max(0, sum(x.map((xi, i) => xi * sum(x.map((xj, j) => A.get(i, j) * xj)))))

function scaleOf(values: readonly number[]): { mean: number; sd: number } {
  const m = mean(values)
  return { mean: m, sd: Math.sqrt(mean(values.map((value) => (value - m) ** 2))) }
}
