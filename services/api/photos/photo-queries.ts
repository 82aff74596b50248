/** Reads the metadata of record photos; pictures are fetched one by one. */
import type { State } from '../../ports.ts'
import type { PhotoSubject } from '../../tables.ts'
import type { RecordPhoto } from './photo-schemas.ts'

/** Photos by record, in order of time, including voided ones. */
export async function readPhotos(
  state: State,
  org: string,
  kind: PhotoSubject,
  recordIds: readonly string[],
): Promise<Map<string, RecordPhoto[]>> {
  const match = new Map<string, RecordPhoto[]>()
  if (recordIds.length === 0) return match
  const rows = await state
    .selectFrom('recordPhoto')
    .select(['id', 'recordId', 'takenMs', 'addedAtMs', 'voidReason'])
    .where('org', '=', org)
    .where('kind', '=', kind)
    .where('recordId', 'in', recordIds)
    .orderBy('takenMs')
    .orderBy('id')
    .execute()
  for (const { recordId, ...photo } of rows) match.set(recordId, [...(match.get(recordId) ?? []), photo])
  return match
}
