/**
 * Field capacity and lower limit as learned from sensors: whether they are in order, within the measured range, and
 * reproducible between the halves of a record.
 */
import { learnLimits, type LearnedLimits } from '../../../services/agronomy/water/soil-limits.ts'
import { medianOf } from '../../../services/agronomy/math.ts'
import { numberIn, type DataFolder, type DataTable } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atMost, missingData, forComparison } from '../score.ts'

// sm_rel is relative to the driest and the wettest value: according to SOURCE.md of the data, 0.25-0.35 m³/m³
const RELATIVE_RANGE = 0.3
const TEXTURE = 0.25 // an unknown field capacity: the middle of FAO-56 Table 19

export const soilLimits: Line = {
  name: 'soil-limits',
  about: 'field capacity and lower limit learned from the wettings and dry-downs of real sensors',
  parts: [
    {
      needs: [
        {
          anyOf: [
            { columns: ['time', 'sm_rel'], like: 'data/soil-sm2rain-hourly' },
            { columns: ['local_time', 'rain_mm'], like: 'data/soil-scan-forddrylake-hourly' },
            { columns: ['date', 'plot', 'vwc_pct_first'], like: 'data/soil-drummondville' },
          ],
        },
      ],
      score(data) {
        const sensors = sensorsOf(data).map((hours) => ({ hours, limits: learnLimits(hours, TEXTURE) }))
        if (sensors.length === 0) return [missingData(['a sensor of soil moisture'])]
        const withCapacity = sensors.filter(({ limits }) => limits.fieldCapacity !== null)
        const dry = sensors.filter(({ limits }) => limits.wiltingPoint !== null)
        const halves = sensors.map(({ hours }) => halvesOf(hours))
        const apart = (of: (limits: LearnedLimits) => number | null) =>
          medianOrNone(
            halves.flatMap(([a, b]) => (of(a) === null || of(b) === null ? [] : [Math.abs(of(a)! - of(b)!)])),
          )
        return [
          forComparison('sensors', sensors.length, '', 0),
          forComparison('field capacity learned', withCapacity.length, '', 0),
          forComparison('lower limit learned', dry.length, '', 0),
          atMost('limits out of order or never measured', sensors.filter(isWrong).length, 0, '', 0),
          forComparison(
            'field capacity, one half of a record from the other',
            apart((limits) => limits.fieldCapacity),
            'm³/m³',
            3,
          ),
          forComparison(
            'lower limit, one half of a record from the other',
            apart((limits) => limits.wiltingPoint),
            'm³/m³',
            3,
          ),
          forComparison(
            'doubt of a field capacity, median',
            medianOrNone(withCapacity.map((sensor) => sensor.limits.fieldCapacitySd!)),
            'm³/m³',
            3,
          ),
        ]
      },
    },
  ],
}

/** NaN without a learned limit: there is no figure. */
const medianOrNone = (values: readonly number[]): number => (values.length === 0 ? NaN : medianOf(values))

function isWrong({ hours, limits }: { hours: Hours; limits: LearnedLimits }): boolean {
  const measured = hours.filter((value) => value !== null).toSorted((a, b) => a - b)
  const { fieldCapacity, wiltingPoint } = limits
  if (fieldCapacity !== null && (fieldCapacity < measured[0]! || fieldCapacity > measured.at(-1)!))
    return true
  if (wiltingPoint !== null && (wiltingPoint < 0 || wiltingPoint > medianOf(measured))) return true
  return fieldCapacity !== null && wiltingPoint !== null && wiltingPoint > fieldCapacity - 0.03
}

type Hours = (number | null)[]

function halvesOf(hours: Hours): [LearnedLimits, LearnedLimits] {
  const middle = Math.floor(hours.length / 48) * 24
  return [learnLimits(hours.slice(0, middle), TEXTURE), learnLimits(hours.slice(middle), TEXTURE)]
}

/** Every sensor as hours: of hourly records, and of daily ones as 24 equal hours. Frozen days are excluded. */
function sensorsOf(data: DataFolder): Hours[] {
  const relative = data.tables(['time', 'sm_rel']).map((table) => columnOf(table, 'sm_rel', RELATIVE_RANGE))
  const hourly = data
    .tables(['local_time'])
    .flatMap((table) =>
      table.columns
        .filter((column) => /^sm_\d+cm_pct$/.test(column))
        .map((column) => columnOf(table, column, 0.01)),
    )
  const daily = data
    .tables(['date', 'plot', 'vwc_pct_first'])
    .flatMap((table) =>
      table.columns
        .filter((column) => column.startsWith('vwc_pct_'))
        .flatMap((column) => plotsOf(table, column)),
    )
  return [...relative, ...hourly, ...daily].filter((hours) => hours.some((value) => value !== null))
}

const columnOf = (table: DataTable, column: string, unit: number): Hours =>
  table.rows.map((_, row) => scaled(numberIn(table, row, column), unit))

const scaled = (value: number | null, unit: number): number | null => (value === null ? null : value * unit)

function plotsOf(table: DataTable, column: string): Hours[] {
  const temperature = column.replace('vwc_pct', 'st_C')
  return [...new Set(table.rows.map((row) => row['plot']!))].map((plot) =>
    table.rows.flatMap((row, i) => {
      if (row['plot'] !== plot) return []
      const isFrozen = !((numberIn(table, i, temperature) ?? -1) > 1)
      return Array<number | null>(24).fill(isFrozen ? null : scaled(numberIn(table, i, column), 0.01))
    }),
  )
}
