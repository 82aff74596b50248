/**
 * Fertiliser and field work of a season's records. Consent covers yields, water and sprays, not field work, so only the
 * organisation's own fields are read.
 */
import type { State } from '../../ports.ts'
import type { FieldWorkRow, SeasonRow } from '../../tables.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import type { SeasonRecord } from '../season/record.ts'
import { daysBetween, type Day } from '../../../broker/contract/time.ts'

export interface WorkRow {
  record: SeasonRecord
  work: FieldWorkRow
  photos: number // valid ones
}

const BATCH_SIZE = 25

/** In the order of the records and days, including drafts and voided work. */
export async function readWork(state: State, records: readonly SeasonRecord[]): Promise<WorkRow[]> {
  const workRows: WorkRow[] = []
  for (const batch of chunks(
    records.filter(({ isOwn }) => isOwn),
    BATCH_SIZE,
  )) {
    const fieldIds = [...new Set(batch.map(({ fieldId }) => fieldId))]
    const seasons = groupBy(await readSeasons(state, fieldIds), ({ fieldId }) => fieldId)
    const rows = await state
      .selectFrom('fieldWork')
      .selectAll()
      .where('fieldId', 'in', fieldIds)
      .orderBy('day')
      .orderBy('enteredAtMs')
      .orderBy('id')
      .execute()
    const photos = await countPhotos(state, fieldIds)
    const bySeason = groupBy(rows, ({ day, fieldId }) => seasonOfWork(day, seasons.get(fieldId) ?? []))
    for (const record of batch)
      workRows.push(
        ...(bySeason.get(record.seasonId) ?? []).map((work) => ({
          record,
          work,
          photos: photos.get(work.id) ?? 0,
        })),
      )
  }
  return workRows
}

const readSeasons = (state: State, fieldIds: readonly string[]): Promise<SeasonRow[]> =>
  state.selectFrom('season').selectAll().where('fieldId', 'in', fieldIds).execute()

/** Number of valid photos by record. */
async function countPhotos(state: State, fieldIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await state
    .selectFrom('recordPhoto')
    .select(({ fn }) => ['recordId', fn.countAll<number>().as('count')])
    .where('fieldId', 'in', fieldIds)
    .where('kind', '=', 'work')
    .where('voidedAtMs', 'is', null)
    .groupBy('recordId')
    .execute()
  return new Map(rows.map(({ recordId, count }) => [recordId, Number(count)]))
}

/**
 * Basal fertiliser, tillage and puddling precede the crop: work this many days before planting belongs to its season.
 */
const BEFORE_PLANTING_D = 183

/**
 * The season growing on a day; between two, the next one if it is planted within half a year. Null: none. `seasons`: of
 * the field.
 */
export function seasonOfWork(
  day: Day,
  seasons: readonly Pick<SeasonRow, 'id' | 'plantedDay' | 'harvestedDay'>[],
): string | null {
  const inOrder = seasons.toSorted((a, b) => (a.plantedDay < b.plantedDay ? -1 : 1))
  const growing = inOrder.findLast(
    ({ plantedDay, harvestedDay }) => plantedDay <= day && (harvestedDay === null || day <= harvestedDay),
  )
  const next = inOrder.find(({ plantedDay }) => plantedDay > day)
  const isNear = next !== undefined && daysBetween(day, next.plantedDay) <= BEFORE_PLANTING_D
  return growing?.id ?? (isNear ? next.id : null)
}
