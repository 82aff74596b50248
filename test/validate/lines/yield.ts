/**
 * Yield from a season's water, heat and stress, against the trend of its place. Whole years are left out: the shape of
 * the model, and the choice among model, trend and mean, are made within the other years. Any table of yields is
 * scored, by its columns.
 */
import { bestMethod } from '../../../services/learn/fitting/learner.ts'
import {
  baselinesOf,
  crossValidatedSkill,
  fitYield,
  type Harvest,
} from '../../../services/learn/yield/regression.ts'
import { groupBy } from '../../../services/runtime/group-by.ts'
import { sumBy } from '../../../services/runtime/math.ts'
import { numberIn, type DataFolder, type DataTable } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atLeast, errorsOf, missingData, forComparison, type Score } from '../score.ts'

export const yieldLine: Line = {
  name: 'yield',
  about: 'yield from seasonal weather and water, leave-one-year-out, against the trend alone',
  parts: [
    {
      needs: [
        {
          anyOf: [
            { columns: ['year'], like: 'data/yield-thompson-cornsoy' },
            { columns: ['block'], like: 'data/yield-hanks-sprinkler' },
          ],
        },
      ],
      score(data) {
        const tables = yieldTables(data)
        return tables.length > 0
          ? tables.filter((one) => !isRainfedCorn(one)).flatMap((one) => scoresOf(one, 0))
          : [missingData(['a table of yields by year (like data/yield-thompson-cornsoy)'])]
      },
    },
    {
      needs: [{ columns: ['state', 'year', 'corn'], like: 'data/yield-thompson-cornsoy' }],
      score: (data) =>
        yieldTables(data)
          .filter(isRainfedCorn)
          .flatMap((one) => scoresOf(one, CORN_GAIN_PCT)),
    },
  ],
}

// Thompson corn 16.0 % -> 11.3 %
const CORN_GAIN_PCT = 25

const YIELD = /^(corn|maize|soy|wheat|rice|grain|yield(_\w+)?)$/
const FEATURE = /^(rain|prec|temp|tmax|tmin|heat|gdd|et|water|irr|stress|sun|srad|plants)/
const PLACES = ['state', 'site', 'field', 'plot', 'gen']
const FOLDS = ['year', 'block'] // without a year, a block of the trial is left out

interface YieldColumn {
  table: DataTable
  column: string
}

const yieldTables = (data: DataFolder): YieldColumn[] =>
  FOLDS.flatMap((fold) => data.tables([fold]))
    .filter((table, i, all) => all.findIndex(({ path }) => path === table.path) === i)
    .filter(({ columns }) => FOLDS.some((fold) => columns.includes(fold)) && !columns.includes('date'))
    .flatMap((table) => table.columns.filter((name) => YIELD.test(name)).map((column) => ({ table, column })))

const isRainfedCorn = ({ table, column }: YieldColumn): boolean =>
  /^(corn|maize)$/.test(column) && table.columns.some((key) => /^rain/.test(key))

function scoresOf({ table, column }: YieldColumn, minGainPct: number): Score[] {
  const harvests = harvestsOf(table, column)
  const name = `${table.folder.replace(/^yield-/, '')} ${column}`
  const errors = heldOutErrors(harvests)
  if (errors === null)
    return [forComparison(`${name}: too few years to score, harvests`, harvests.length, '', 0)]
  const { trend, model, used } = errors
  const mean = sumBy(harvests, (harvest) => harvest.yield) / harvests.length
  return [
    forComparison(`${name}: RMSE of the trend alone`, (100 * trend) / mean, '% of mean', 1),
    forComparison(`${name}: RMSE of the model, used or not`, (100 * model) / mean, '% of mean', 1),
    atLeast(
      `${name}: lower RMSE than the trend, method chosen in the other years`,
      100 * (1 - used / trend),
      minGainPct,
      '%',
      1,
    ),
  ]
}

interface HeldOutErrors {
  trend: number
  model: number
  used: number // of the method chosen within the other years; of the model where they are too few to choose
}

/** RMSE on left-out years; null with fewer than three. */
export function heldOutErrors(harvests: readonly Harvest[]): HeldOutErrors | null {
  const years = [...groupBy(harvests, ({ fold }) => fold).values()]
  if (years.length < MIN_FOLDS) return null
  const errors = years.flatMap((held) => {
    const others = harvests.filter((harvest) => !held.includes(harvest))
    const skill = crossValidatedSkill(inGroups(others), '')
    const method = skill === null ? 'model' : bestMethod(skill)
    const model = fitYield(others)
    const baselines = baselinesOf(others)
    return held.map((harvest) => {
      const predictions = { model: model.predict(harvest), ...baselines(harvest) }
      return {
        trend: predictions.physics - harvest.yield,
        model: predictions.model - harvest.yield,
        used: predictions[method] - harvest.yield,
      }
    })
  })
  const rmseOf = (key: keyof HeldOutErrors) => errorsOf(errors.map((error) => error[key])).rmse
  return { trend: rmseOf('trend'), model: rmseOf('model'), used: rmseOf('used') }
}

const MIN_FOLDS = 3
const GROUPS = 8

/** Whole years in eight groups, each left out once: the choice is repeated for every year, and need not take a minute. */
function inGroups(harvests: readonly Harvest[]): Harvest[] {
  const folds = [...new Set(harvests.map(({ fold }) => fold))].toSorted()
  return harvests.map((harvest) => ({ ...harvest, fold: String(folds.indexOf(harvest.fold) % GROUPS) }))
}

function harvestsOf(table: DataTable, column: string): Harvest[] {
  const { columns } = table
  const place = PLACES.find((key) => columns.includes(key) && hasRepeats(table, key))
  const fold = FOLDS.find((key) => columns.includes(key))!
  const features = columns.filter((key) => FEATURE.test(key) && key !== column)
  return table.rows.flatMap((row, i): Harvest[] => {
    const value = numberIn(table, i, column)
    const read = features.map((key) => [key, numberIn(table, i, key)] as const)
    if (value === null || read.some(([, number]) => number === null)) return []
    return [
      {
        place: place ? row[place]! : '',
        year: fold === 'year' ? Number(row.year) : 0,
        fold: row[fold]!,
        yield: value,
        features: Object.fromEntries(read as [string, number][]),
      },
    ]
  })
}

/** Whether the names of a column repeat: a name that is new in each row is not a place. */
const hasRepeats = ({ rows }: DataTable, key: string): boolean =>
  new Set(rows.map((row) => row[key])).size < rows.length / 2
