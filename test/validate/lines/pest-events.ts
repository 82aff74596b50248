/**
 * Days on which a degree-day sum is reached, cumulative curves of catches, and the pests of the table of parameters:
 * each is a row, run by the same code. A new pest, place or year is a row, never code.
 */
import type { Day } from '../../../broker/contract/time.ts'
import { shareAt } from '../../../services/agronomy/pests/catch-curve.ts'
import type { HeatModel, HeatRecord } from '../../../services/agronomy/crops/degree-days.ts'
import { dayOfSum, heatSum } from '../../../services/agronomy/crops/heat-sum.ts'
import { calendarBiofix } from '../../../services/agronomy/pests/biofix.ts'
import { parsePest } from '../../../services/agronomy/pests/parse-pest.ts'
import type { Pest } from '../../../services/agronomy/pests/pest.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { numberAt, textAt, type Vector } from '../read-vectors.ts'
import { allOf, missingData, forComparison, type Score, type Trial } from '../score.ts'
import { cOf, cutoffs, F_PER_C, LOST_HILLS, methods } from './degree-days.ts'

const COLUMNS = ['date', 'tmin_F', 'tmax_F', 'dd_F']

export const pestEvents: Line = {
  name: 'pest-events',
  about:
    'the day on which a heat sum of an insect is reached, its catches by heat, and its row of parameters',
  parts: [
    { needs: ['vectors/pest_events.json'], score: eventScores },
    {
      needs: ['vectors/params_pests.json', { columns: COLUMNS, like: `data/${LOST_HILLS}` }],
      score: rowScores,
    },
  ],
}

/** The vectors whose folder and row are there; the others are named. */
function eventScores(data: DataFolder): Score[] {
  const rows = pestRows(data)
  const calendarOf = calendars(data)
  const vectors = data.vectors('pest_events')
  const trials = vectors.map((vector) => pestEventTrial(vector, rows, calendarOf))
  const notBuilt = vectors.filter((_, i) => trials[i]!.got === null)
  const folderOf = (vector: Vector) => textAt(vector, 'inputs', 'data')
  const noFolders = [...new Set(notBuilt.map(folderOf))].filter((folder) => calendarOf(folder).size === 0)
  return [
    allOf('days of heat sums and curves of catches', trials),
    ...(noFolders.length === 0
      ? []
      : [missingData(noFolders.map((name) => `data/${name} with date, tmin_F, tmax_F or tmin_C, tmax_C`))]),
    {
      ...forComparison('of years that the data does not have, left out', notBuilt.length, '', 0),
      missed: notBuilt.map(
        (vector) => `${vector.id}: no ${String(vector.inputs.year)} in data/${folderOf(vector)}`,
      ),
    },
  ]
}

function rowScores(data: DataFolder): Score[] {
  const [folder] = data.tables(COLUMNS).map((table) => table.folder)
  const [year, days] = [...calendars(data)(folder!)][0]!
  return [
    allOf(
      `rows of parameters, read and run on ${year}`,
      pestRows(data).map((row) => rowTrial(row, days)),
    ),
  ]
}

interface PestDay extends HeatRecord {
  day: Day
}

/** Every row of every table of pests among the vectors. */
const pestRows = (data: DataFolder): Record<string, unknown>[] =>
  data.jsons('vectors').flatMap(({ root }) => (root as { pests?: Record<string, unknown>[] }).pests ?? [])

/** The days of a folder by their year, each folder read once. */
type CalendarOf = (folder: string) => ReadonlyMap<string, PestDay[]>

function calendars(data: DataFolder): CalendarOf {
  const cache = new Map<string, Map<string, PestDay[]>>()
  return (folder) => {
    let years = cache.get(folder)
    if (years) return years
    cache.set(folder, (years = new Map()))
    for (const day of daysOf(data, folder)) {
      const year = day.day.slice(0, 4)
      const days = years.get(year)
      if (days) days.push(day)
      else years.set(year, [day])
    }
    return years
  }
}

/** Extremes by day; the columns are in °F or °C. */
function daysOf(data: DataFolder, folder: string): PestDay[] {
  const c = (degreesF: number | null) => (degreesF === null ? null : cOf(degreesF))
  return [
    ...data
      .days(folder, ['tmin_F', 'tmax_F'])
      .map(({ day, tmin_F, tmax_F }) => ({ day, tempMinC: c(tmin_F), tempMaxC: c(tmax_F) })),
    ...data
      .days(folder, ['tmin_C', 'tmax_C'])
      .map(({ day, tmin_C, tmax_C }) => ({ day, tempMinC: tmin_C, tempMaxC: tmax_C })),
  ]
}

/** Tilth's result for one vector; null where its folder does not have its year. */
export function pestEventTrial(
  vector: Vector,
  rows: readonly Record<string, unknown>[],
  calendarOf: CalendarOf,
): Trial {
  const isCurve = 'gamma' in vector.inputs && 'lambda_' in vector.inputs
  return {
    name: vector.id,
    model: textAt(vector, 'model'),
    got: isCurve ? shareOf(vector) : dayOf(vector, rows, calendarOf),
    expected: typeof vector.expected === 'number' ? vector.expected : String(vector.expected),
    tolerance: typeof vector.tolerance === 'number' ? vector.tolerance : 0,
  }
}

function shareOf(vector: Vector): number {
  const isF = 'dd_F_from_jan1' in vector.inputs
  const sum = numberAt(vector, 'inputs', isF ? 'dd_F_from_jan1' : 'dd_C_from_jan1')
  const [gamma, delta, xi, lambda] = ['gamma', 'delta', 'xi', 'lambda_'].map((key) =>
    numberAt(vector, 'inputs', key),
  ) as [number, number, number, number]
  return shareAt({ kind: 'johnson-sb', gamma, delta, xi, lambda }, sum / (isF ? F_PER_C : 1))
}

/**
 * The first day of the vector's year, or from its biofix on, with the sum; 'never'; otherwise the missing part of the
 * vector.
 */
function dayOf(
  vector: Vector,
  rows: readonly Record<string, unknown>[],
  calendarOf: CalendarOf,
): Day | string | null {
  const year = String(vector.inputs.year)
  const days = calendarOf(textAt(vector, 'inputs', 'data')).get(year)
  if (!days) return null
  const name = vector.inputs.pest
  const pest = pestOf(rows.find(({ id }) => id === name))
  if (name !== undefined && !pest) return `no row that can be read of the pest ${String(name)}`
  const model = pest?.heat ?? modelOf(vector)
  if (!model) return 'no method, cutoff and lower threshold'
  const needCd =
    pest && 'event' in vector.inputs
      ? eventCd(vector, pest)
      : degrees(vector, 'target_dd', (dd) => dd / F_PER_C)
  if (needCd === null) return `no sum for ${textAt(vector, 'inputs', 'event') || 'target_dd'}`
  const fixed = pest ? calendarBiofix(pest.biofix) : null
  const biofix = textAt(vector, 'inputs', 'biofix') || (fixed === null ? '' : `${year}-${fixed}`)
  const counted = days.filter(({ day }) => day >= biofix)
  const at = dayOfSum(heatSum(model, counted).dailyCd, needCd)
  return at === null ? 'never' : counted[at]!.day
}

const pestOf = (row: unknown): Pest | undefined => {
  const read = parsePest(row)
  return read.ok ? read.value : undefined
}

function eventCd(vector: Vector, pest: Pest): number | null {
  const key = textAt(vector, 'inputs', 'event').replaceAll('_', '-')
  return pest.events.find((event) => event.key === key)?.sumCd ?? null
}

function modelOf(vector: Vector): HeatModel | null {
  const method = methods[textAt(vector, 'inputs', 'method')]
  const cutoff = cutoffs[textAt(vector, 'inputs', 'cutoff')]
  const lowerC = degrees(vector, 'lower', cOf)
  return method && cutoff && lowerC !== null
    ? { method, cutoff, lowerC, upperC: degrees(vector, 'upper', cOf) }
    : null
}

/** `KEY_C`, or `KEY_F` converted; null where the vector has neither. */
function degrees(vector: Vector, key: string, fromF: (value: number) => number): number | null {
  if (vector.inputs[`${key}_C`] != null) return numberAt(vector, 'inputs', `${key}_C`)
  return vector.inputs[`${key}_F`] == null ? null : fromF(numberAt(vector, 'inputs', `${key}_F`))
}

/** A row passes when each of its sums is reached on a day, in their order, or not in this year. */
function rowTrial(row: Record<string, unknown>, days: readonly PestDay[]): Trial {
  const read = parsePest(row)
  const trial = { name: String(row.id), model: String(row.method), expected: 'read and run', tolerance: 0 }
  if (!read.ok) return { ...trial, got: read.error }
  const { dailyCd } = heatSum(read.value.heat, days)
  const reached = read.value.events.map(({ sumCd }) => dayOfSum(dailyCd, sumCd) ?? Infinity)
  const isInOrder = reached.every((at, i) => i === 0 || at >= reached[i - 1]!)
  return { ...trial, got: isInOrder && !dailyCd.includes(NaN) ? 'read and run' : `events on days ${reached}` }
}
