/**
 * Fertiliser and field work of a season's records. Members agree to share yields, water and sprays, and nothing is said
 * of this: it is read of the organisation's own fields alone.
 */
import type { State } from '../../ports.ts'
import type { FieldWorkRow, SeasonRow } from '../../tables.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import type { SeasonRecord } from '../season/season-records.ts'
import { seasonOfWork } from './season-work.ts'

export interface WorkRow {
  record: SeasonRecord
  work: FieldWorkRow
  photos: number // that stand
}

const BATCH_SIZE = 25

/** In the order of the records and of the days; drafts and what was voided too. */
export async function readWork(state: State, records: readonly SeasonRecord[]): Promise<WorkRow[]> {
  const found: WorkRow[] = []
  for (const some of chunks(
    records.filter(({ isOwn }) => isOwn),
    BATCH_SIZE,
  )) {
    const fieldIds = [...new Set(some.map(({ fieldId }) => fieldId))]
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
    for (const record of some)
      found.push(
        ...(bySeason.get(record.seasonId) ?? []).map((work) => ({
          record,
          work,
          photos: photos.get(work.id) ?? 0,
        })),
      )
  }
  return found
}

const readSeasons = (state: State, fieldIds: readonly string[]): Promise<SeasonRow[]> =>
  state.selectFrom('season').selectAll().where('fieldId', 'in', fieldIds).execute()

/** By record how many photos of it stand. */
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
