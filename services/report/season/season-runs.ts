/** Every irrigation of some seasons. Records that a member withholds are not read. */
import type { State } from '../../ports.ts'
import { isInSeason } from '../../domain/season-span.ts'
import type { IrrigationRow } from '../../tables.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import type { SeasonRecord } from './season-records.ts'

const BATCH_SIZE = 25

/** By season, in time order, from planting to the last day in the farm's time zone. */
export async function readSeasonRuns(
  state: State,
  records: readonly SeasonRecord[],
): Promise<Map<string, IrrigationRow[]>> {
  const runs = new Map<string, IrrigationRow[]>()
  const open = records.filter(({ withheld }) => !withheld.includes('water'))
  for (const batch of chunks(open, BATCH_SIZE)) {
    const rows = await state
      .selectFrom('irrigation')
      .selectAll()
      .where(
        'fieldId',
        'in',
        batch.map(({ fieldId }) => fieldId),
      )
      .where('voidedAtMs', 'is', null)
      .orderBy('commandedAtMs')
      .orderBy('id')
      .execute()
    const ofField = groupBy(rows, ({ fieldId }) => fieldId)
    for (const record of batch)
      runs.set(
        record.seasonId,
        (ofField.get(record.fieldId) ?? []).filter((run) => isInSeason(record, run)),
      )
  }
  return runs
}
