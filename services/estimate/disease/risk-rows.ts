/** Rows of `diseaseDay`: the history that a season's days depend on, and the writes. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { DISEASES_VERSION, type Disease } from '../../agronomy/disease/catalogue.ts'
import { figuresFrom, wasAssessed } from '../../agronomy/disease/assess-day.ts'
import type { Figures, Past } from '../../agronomy/disease/model.ts'
import { modelOf } from '../../agronomy/disease/models.ts'
import type { State } from '../../ports.ts'
import { readDiseaseReason, type DiseaseDayRow } from '../../tables.ts'

const keyOf = (fieldId: string, disease: string): string => `${fieldId} ${disease}`

/** The newest day since `sinceDay` of each field and disease that was computed with the current parameters. */
export async function newestDays(
  state: State,
  org: string,
  sinceDay: Day,
  lastDay: Day,
): Promise<(fieldId: string, disease: string) => Day | undefined> {
  const rows = await state
    .selectFrom('diseaseDay')
    .select(['fieldId', 'disease', (row) => row.fn.max('day').as('day')])
    .where('org', '=', org)
    .where('paramsVersion', '=', DISEASES_VERSION)
    .where('day', '>=', sinceDay)
    .where('day', '<=', lastDay)
    .groupBy(['fieldId', 'disease'])
    .execute()
  const newest = new Map(rows.map((row) => [keyOf(row.fieldId, row.disease), row.day]))
  return (fieldId, disease) => newest.get(keyOf(fieldId, disease))
}

export interface DiseaseHistory {
  row(fieldId: string, disease: string, day: Day): DiseaseDayRow | undefined
  store(row: DiseaseDayRow): void
  /** figures of the previous days, back to `fromDay` at most */
  past(fieldId: string, disease: Disease, fromDay: Day, day: Day): Past
}

/** The rows of these diseases that days from `firstDay` on depend on or replace. */
export async function readHistory(
  state: State,
  org: string,
  diseases: readonly Disease[],
  firstDay: Day,
  lastDay: Day,
): Promise<DiseaseHistory> {
  const rowsByKey = new Map<string, Map<Day, StoredRow>>()
  const store = (row: DiseaseDayRow): void => {
    const key = keyOf(row.fieldId, row.disease)
    const days = rowsByKey.get(key)
    if (days) days.set(row.day, { row })
    else rowsByKey.set(key, new Map([[row.day, { row }]]))
  }
  for (const disease of diseases) {
    const rows = await state
      .selectFrom('diseaseDay')
      .selectAll()
      .where('org', '=', org)
      .where('disease', '=', disease.id)
      .where('day', '>=', addDays(firstDay, -Math.max(1, modelOf(disease).daysBack)))
      .where('day', '<=', lastDay)
      .execute()
    rows.forEach(store)
  }
  return {
    row: (fieldId, disease, day) => rowsByKey.get(keyOf(fieldId, disease))?.get(day)?.row,
    store,
    past(fieldId, disease, fromDay, day) {
      const rows = rowsByKey.get(keyOf(fieldId, disease.id))
      const count = Math.min(modelOf(disease).daysBack, daysBetween(fromDay, day))
      const days = Array.from({ length: count }, (_, i) => {
        const before = figuresOf(rows?.get(addDays(day, i - count)))
        return before?.wasJudged ? before.numbers : null
      })
      const yesterday = day > fromDay ? figuresOf(rows?.get(addDays(day, -1))) : null
      return { days, carried: yesterday?.numbers ?? null }
    },
  }
}

interface StoredRow {
  row: DiseaseDayRow
  left?: { numbers: Figures; wasJudged: boolean } // of `reason`, parsed once
}

function figuresOf(stored: StoredRow | undefined): StoredRow['left'] | null {
  if (!stored) return null
  if (!stored.left) {
    const { params } = readDiseaseReason(stored.row.reason)
    stored.left = { numbers: figuresFrom(params), wasJudged: wasAssessed(params) }
  }
  return stored.left
}

/** Compares every column of `b`; false where no row is stored. */
export const isSameRow = (a: DiseaseDayRow | undefined, b: DiseaseDayRow): boolean =>
  a !== undefined && (Object.keys(b) as (keyof DiseaseDayRow)[]).every((key) => a[key] === b[key])

const BATCH_SIZE = 500 // 10 values each; SQLite takes 32,766 in a statement

/** Inserts or replaces by field, disease and day, 500 rows per statement. All rows must have the same columns. */
export async function writeRows(state: State, rows: readonly DiseaseDayRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH_SIZE)
    await state
      .insertInto('diseaseDay')
      .values(rows.slice(from, from + BATCH_SIZE))
      .onConflict((conflict) =>
        conflict
          .columns(['fieldId', 'disease', 'day'])
          .doUpdateSet((row) =>
            Object.fromEntries(
              Object.keys(rows[0]!).map((key) => [key, row.ref(`excluded.${key as keyof DiseaseDayRow}`)]),
            ),
          ),
      )
      .execute()
}
