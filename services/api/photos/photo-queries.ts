/** What is told of the photos of records; the pictures themselves are asked for one by one. */
import type { State } from '../../ports.ts'
import type { PhotoSubject } from '../../tables.ts'
import type { RecordPhoto } from './photo-schemas.ts'

/** By record, in the order in which they were taken; those too that were taken back. */
export async function readPhotos(
  state: State,
  org: string,
  kind: PhotoSubject,
  recordIds: readonly string[],
): Promise<Map<string, RecordPhoto[]>> {
  const found = new Map<string, RecordPhoto[]>()
  if (recordIds.length === 0) return found
  const rows = await state
    .selectFrom('recordPhoto')
    .select(['id', 'recordId', 'takenMs', 'addedAtMs', 'voidReason'])
    .where('org', '=', org)
    .where('kind', '=', kind)
    .where('recordId', 'in', recordIds)
    .orderBy('takenMs')
    .orderBy('id')
    .execute()
  for (const { recordId, ...photo } of rows) found.set(recordId, [...(found.get(recordId) ?? []), photo])
  return found
}
