/**
 * Yield from a season's water, heat and stress, against the trend of its place: whole years are left out, and the
 * shape of the model is chosen without them. Any table of yields is scored, by its columns.
 */
import { crossValidatedSkill, type Harvest } from '../../../services/learn/yield/regression.ts'
import { errorOfBest } from '../../../services/learn/fitting/learner.ts'
import { sumBy } from '../../../services/runtime/math.ts'
import { numberIn, type DataFolder, type DataTable } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atLeast, missingData, forComparison, type Score } from '../score.ts'

export const yieldLine: Line = {
  name: 'yield',
  about: 'yield from seasonal weather and water, leave-one-year-out, against the trend alone',
  needs: [{ columns: ['state', 'year', 'corn'], like: 'data/yield-thompson-cornsoy' }],
  score(data) {
    const scores = yieldTables(data).flatMap(({ table, column }) => scoresOf(table, column))
    return scores.length > 0 ? scores : [missingData(['a table of yields (data/yield-thompson-cornsoy)'])]
  },
}

const YIELD = /^(corn|maize|soy|wheat|rice|grain|yield(_\w+)?)$/
const FEATURE = /^(rain|prec|temp|tmax|tmin|heat|gdd|et|water|irr|stress|sun|srad|plants)/
const PLACES = ['state', 'site', 'field', 'plot', 'gen']
const FOLDS = ['year', 'block'] // without a year, a block of the trial is left out

const yieldTables = (data: DataFolder): { table: DataTable; column: string }[] =>
  FOLDS.flatMap((fold) => data.tables([fold]))
    .filter((table, i, all) => all.findIndex(({ path }) => path === table.path) === i)
    .filter(({ columns }) => FOLDS.some((fold) => columns.includes(fold)) && !columns.includes('date'))
    .flatMap((table) => table.columns.filter((name) => YIELD.test(name)).map((column) => ({ table, column })))

// Thompson corn 16.0 % -> 11.3 %; every other table: never worse than the trend
const CORN_GAIN_PCT = 25

function scoresOf(table: DataTable, column: string): Score[] {
  const harvests = harvestsOf(table, column)
  const skill = crossValidatedSkill(harvests, '')
  const name = `${table.folder.replace(/^yield-/, '')} ${column}`
  if (!skill) return [forComparison(`${name}: too few years to score, harvests`, harvests.length, '', 0)]
  const mean = sumBy(harvests, (harvest) => harvest.yield) / harvests.length
  const trend = skill.physics!
  const used = errorOfBest(skill) // a model that does not beat the trend is not used
  const isCorn = /^(corn|maize)$/.test(column) && table.columns.some((key) => /^rain/.test(key))
  return [
    forComparison(`${name}: RMSE of the trend alone`, (100 * trend) / mean, '% of mean', 1),
    forComparison(`${name}: RMSE of the model, used or not`, (100 * skill.rmse) / mean, '% of mean', 1),
    atLeast(
      `${name}: lower RMSE than the trend`,
      100 * (1 - used / trend),
      isCorn ? CORN_GAIN_PCT : 0,
      '%',
      1,
    ),
  ]
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
