/**
 * The day of bloom by thermal time: sweet cherry at Klein-Altendorf. Base temperature, start and sum are learned
 * within the training years.
 */
import type { HeatRecord } from '../../../services/agronomy/crops/degree-days.ts'
import { groupBy } from '../../../services/runtime/group-by.ts'
import { sum } from '../../../services/runtime/math.ts'
import { fitThermalTime, stageDayOf, type StageYear } from '../models/thermal-time.ts'
import { numberIn, type DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atMost, errorsOf, missingData, forComparison, type Score } from '../score.ts'

const columns = ['year', 'bloom_doy']
const MAX_RMSE_D = 2.5
const MIN_YEARS = 4 // one to evaluate, three to fit

export const bloom: Line = {
  name: 'bloom',
  about: 'the day of bloom by thermal time, leave one year out: cherry at Klein-Altendorf',
  parts: [
    {
      needs: [
        { columns, like: 'data/phenology-klein-altendorf' },
        { columns: ['date', 'tmin_C', 'tmax_C'], like: 'data/phenology-klein-altendorf' },
      ],
      library: ['test/validate/models/thermal-time.ts'],
      score: (data) => foldersOf(data).flatMap((folder) => scoresOf(folder, yearsOf(data, folder))),
    },
    {
      needs: [{ columns, like: 'data/phenology-klein-altendorf' }],
      score: (data) => foldersOf(data).flatMap((folder) => dateScores(data, folder)),
    },
  ],
}

const foldersOf = (data: DataFolder): string[] => [
  ...new Set(data.tables(columns).map(({ folder }) => folder)),
]

/** Years with a bloom, and with weather on every day from 1 January to it. */
function yearsOf(data: DataFolder, folder: string): StageYear[] {
  const weather = groupBy(data.days(folder, ['tmin_C', 'tmax_C']), ({ day }) => day.slice(0, 4))
  return data.tables(columns, folder).flatMap((table) =>
    table.rows.flatMap((_, i) => {
      const [year, stageDay] = [numberIn(table, i, 'year'), numberIn(table, i, 'bloom_doy')]
      const days = (weather.get(String(year)) ?? []).map(({ tmin_C, tmax_C }): HeatRecord => ({
        tempMinC: tmin_C,
        tempMaxC: tmax_C,
      }))
      const isWhole =
        stageDay !== null &&
        weather.get(String(year))?.[0]?.day === `${year}-01-01` &&
        days.length >= stageDay &&
        days.slice(0, stageDay).every(({ tempMinC, tempMaxC }) => tempMinC !== null && tempMaxC !== null)
      return isWhole ? [{ year: year!, days, stageDay }] : []
    }),
  )
}

function scoresOf(folder: string, years: readonly StageYear[]): Score[] {
  const cases = years.flatMap((left) => {
    const others = years.filter(({ year }) => year !== left.year)
    const model = fitThermalTime(others)
    if (model.length === 0) return []
    return [stageDayOf(model, left.days) - left.stageDay]
  })
  if (cases.length === 0)
    return [
      missingData([
        `data/${folder}: years with a bloom and the weather of each day up to it: got ${years.length}, expected ${MIN_YEARS} at least`,
      ]),
    ]
  return [atMost(`${folder}, ${cases.length} years: RMSE`, errorsOf(cases).rmse, MAX_RMSE_D, 'd', 1)]
}

/** The mean date of the other years, which needs no weather. */
function dateScores(data: DataFolder, folder: string): Score[] {
  const stageDays = data
    .tables(columns, folder)
    .flatMap((table) => table.rows.flatMap((_, i) => numberIn(table, i, 'bloom_doy') ?? []))
  if (stageDays.length < MIN_YEARS) return []
  const total = sum(stageDays)
  const errors = stageDays.map((day) => (total - day) / (stageDays.length - 1) - day)
  return [
    forComparison(
      `${folder}, ${stageDays.length} years: by the mean date alone`,
      errorsOf(errors).rmse,
      'd',
      1,
    ),
  ]
}
