/**
 * Yield from seasonal conditions: the trend of its place, and a ridge regression of the residual on a few features of
 * the season's water, heat and stress. Yields have an optimum, so a feature may enter with its square (Thompson
 * 1963). The shape is chosen within the training years only; the whole procedure is evaluated on held-out years.
 * Pure.
 */
import type { ModelSkill, ModelTerm } from '../../tables.ts'
import { fitLinear } from '../fitting/regression.ts'
import { computeSkill, type HeldOutCase } from '../fitting/rolling-origin.ts'
import { mean } from '../fitting/statistics.ts'

/** One harvest. */
export interface Harvest {
  place: string // a field, a plot, a state: a unit with its own level
  year: number
  fold: string // held out together: usually the year
  yield: number
  features: Readonly<Record<string, number>> // the same keys in all harvests
}

export type Shape = 'trend' | 'linear' | 'curved'

/** Fitted to all harvests. A place that is not among them has the overall level. */
export interface YieldModel {
  shape: Shape
  predict(input: Pick<Harvest, 'place' | 'year' | 'features'>): number
  /** the model of one place as a sum: intercept, year, each feature and its square (`KEY-squared`) */
  termsOf(place: string): ModelTerm[]
}

/** The shape with the best cross-validation within these harvests, fitted to all of them. */
export function fitYield(harvests: readonly Harvest[]): YieldModel {
  return modelOf(harvests, bestShape(harvests))
}

/**
 * Error of the whole procedure, including the choice of its shape, on held-out folds; against the trend alone
 * ('physics') and the mean of the place ('persistence'). Null with fewer than three folds.
 */
export function crossValidatedSkill(harvests: readonly Harvest[], unit: string): ModelSkill | null {
  const splits = splitsOf(harvests)
  if (splits.length < MIN_FOLDS) return null
  const cases = splits.flatMap(({ train, held }): HeldOutCase[] => {
    const model = fitYield(train)
    const baselines = baselinesOf(train)
    return held.map((harvest) => ({
      actual: harvest.yield,
      model: model.predict(harvest),
      ...baselines(harvest),
    }))
  })
  return computeSkill('leave-one-year-out', unit, cases)
}

/** Baselines without features: the trend of a place, and its mean. */
export function baselinesOf(harvests: readonly Harvest[]) {
  const trend = trendOf(harvests, (harvest) => harvest.yield)
  return (input: Pick<Harvest, 'place' | 'year'>) => ({
    physics: trend.at(input),
    persistence: trend.lineOf(input.place).level,
  })
}

const MIN_FOLDS = 3

interface Split {
  train: Harvest[]
  held: Harvest[]
}

function splitsOf(harvests: readonly Harvest[]): Split[] {
  const folds = [...new Set(harvests.map(({ fold }) => fold))]
  return folds.map((fold) => ({
    train: harvests.filter((harvest) => harvest.fold !== fold),
    held: harvests.filter((harvest) => harvest.fold === fold),
  }))
}

/**
 * The richer shape only where its gain on held-out folds exceeds one standard error of the gain (the rule of Breiman
 * et al. 1984): this prevents overfitting of small data sets.
 */
function bestShape(harvests: readonly Harvest[]): Shape {
  const splits = splitsOf(harvests)
  if (splits.length < 2 || varyingKeys(harvests).length === 0) return 'trend'
  const errors = (shape: Shape): number[] =>
    splits.map(({ train, held }) => {
      const model = modelOf(train, shape)
      return mean(held.map((harvest) => (harvest.yield - model.predict(harvest)) ** 2))
    })
  let best: { shape: Shape; errors: number[] } = { shape: 'trend', errors: errors('trend') }
  for (const shape of ['linear', 'curved'] as const) {
    const tried = errors(shape)
    const gains = best.errors.map((error, i) => error - tried[i]!)
    if (mean(gains) > standardError(gains)) best = { shape, errors: tried }
  }
  return best.shape
}

function modelOf(harvests: readonly Harvest[], shape: Shape): YieldModel {
  const trend = trendOf(harvests, (harvest) => harvest.yield)
  const columns = shape === 'trend' ? [] : columnsOf(harvests, shape)
  // yield and features both without the trend of their place: equivalent to one regression of all together (Frisch &
  // Waugh 1933)
  const trends = columns.map(({ of }) => trendOf(harvests, of))
  const rowOf = (input: At): number[] => columns.map(({ of }, c) => of(input) - trends[c]!.at(input))
  const fit =
    columns.length === 0
      ? null
      : fitLinear({
          columns: columns.map(({ key }, c) => ({
            key,
            unit: '',
            values: harvests.map((harvest) => columns[c]!.of(harvest) - trends[c]!.at(harvest)),
          })),
          y: harvests.map((harvest) => harvest.yield - trend.at(harvest)),
          ridge: true,
        })
  if (!fit?.ok)
    return {
      shape: 'trend',
      predict: trend.at,
      termsOf(place) {
        const line = trend.lineOf(place)
        return trendTerms({ intercept: atYear0(line), year: line.slope })
      },
    }
  const { terms, predict } = fit.value
  return {
    shape,
    predict: (index) => trend.at(index) + predict(rowOf(index)).value,
    termsOf: (place) =>
      expandTerms(
        trend.lineOf(place),
        terms,
        columns,
        trends.map((featureTrend) => featureTrend.lineOf(place)),
      ),
  }
}

/** The model of one place in explicit form: intercept, year, features and their plain squares. */
function expandTerms(
  trend: Line,
  [constant, ...features]: readonly ModelTerm[],
  columns: readonly FeatureColumn[],
  lines: readonly Line[],
): ModelTerm[] {
  const sums = { intercept: constant!.coefficient + atYear0(trend), year: trend.slope }
  const featureTerms = new Map(features.map((term) => [term.key, { ...term }]))
  for (const [c, { key, usual: meanFeature }] of columns.entries()) {
    const { coefficient } = features[c]!
    sums.intercept -= coefficient * atYear0(lines[c]!)
    sums.year -= coefficient * lines[c]!.slope
    if (meanFeature === undefined) continue
    // c (x - m)^2 = c x^2 - 2 c m x + c m^2
    sums.intercept += coefficient * meanFeature ** 2
    featureTerms.get(key.replace(/-squared$/, ''))!.coefficient -= 2 * coefficient * meanFeature
  }
  return [...trendTerms(sums), ...featureTerms.values()]
}

type At = Pick<Harvest, 'place' | 'year' | 'features'>

interface FeatureColumn {
  key: string
  of: (input: At) => number
  usual?: number // reference of a square, so that it is not collinear with the feature
}

/** The features that vary, and in a curve their squares. */
function columnsOf(harvests: readonly Harvest[], shape: Shape): FeatureColumn[] {
  return varyingKeys(harvests).flatMap((key): FeatureColumn[] => {
    const meanFeature = mean(harvests.map(({ features }) => features[key]!))
    const linear = { key, of: (input: At) => input.features[key]! }
    const square = {
      key: `${key}-squared`,
      of: (input: At) => (input.features[key]! - meanFeature) ** 2,
      usual: meanFeature,
    }
    return shape === 'curved' ? [linear, square] : [linear]
  })
}

const varyingKeys = (harvests: readonly Harvest[]): string[] =>
  Object.keys(harvests[0]?.features ?? {}).filter((key) =>
    harvests.some(({ features }) => features[key] !== harvests[0]!.features[key]),
  )

interface Line {
  level: number // in `year`
  year: number
  slope: number // a year
}

// a line through fewer seasons of one place reflects their weather rather than a trend
const MIN_FOR_OWN_SLOPE = 10

/**
 * A level and a slope for each place; one with few harvests uses the shared slope, an unknown one the overall level.
 */
function trendOf(harvests: readonly Harvest[], valueOf: (harvest: Harvest) => number) {
  const points = harvests.map((harvest) => ({
    place: harvest.place,
    year: harvest.year,
    value: valueOf(harvest),
  }))
  const places = new Map<string, Point[]>()
  for (const point of points) {
    const of = places.get(point.place)
    if (of) of.push(point)
    else places.set(point.place, [point])
  }
  const shared = slopeOf([...places.values()])
  const lines = new Map(
    [...places].map(([place, of]): [string, Line] => [
      place,
      { ...centreOf(of), slope: of.length >= MIN_FOR_OWN_SLOPE ? slopeOf([of]) : shared },
    ]),
  )
  const common: Line = { ...centreOf(points), slope: shared }
  const lineOf = (place: string): Line => lines.get(place) ?? common
  return {
    lineOf,
    at({ place, year }: Pick<Harvest, 'place' | 'year'>): number {
      const line = lineOf(place)
      return line.level + line.slope * (year - line.year)
    },
  }
}

interface Point {
  year: number
  value: number
}

const centreOf = (of: readonly Point[]) => ({
  level: mean(of.map(({ value }) => value)),
  year: mean(of.map(({ year }) => year)),
})

/** Least squares by year within each place; 0 where no place has two years. */
function slopeOf(places: readonly (readonly Point[])[]): number {
  let xy = 0
  let xx = 0
  for (const of of places) {
    const centre = centreOf(of)
    for (const { year, value } of of) {
      xy += (year - centre.year) * (value - centre.level)
      xx += (year - centre.year) ** 2
    }
  }
  return xx === 0 ? 0 : xy / xx
}

const atYear0 = ({ level, year, slope }: Line): number => level - slope * year

const trendTerms = (sums: { intercept: number; year: number }): ModelTerm[] => [
  { key: 'intercept', unit: '', coefficient: sums.intercept, sd: null },
  { key: 'year', unit: 'a', coefficient: sums.year, sd: null },
]

function standardError(values: readonly number[]): number {
  const m = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - m) ** 2)) / Math.max(1, values.length - 1))
}
