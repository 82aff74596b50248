/** What a field's figures rest on over a span: each kind of note once, as it was last said, and on how many days. */
import { fromJson, type FieldDayRow } from '../../tables.ts'
import type { FieldDetail } from '../schemas.ts'

type Note = FieldDetail['notes'][number]

/** `days` in order. The newest notes first; of one day, what held on most days first. */
export function fieldNotes(days: readonly Pick<FieldDayRow, 'day' | 'notes'>[]): Note[] {
  const found = new Map<string, Note>()
  for (const { day, notes } of days)
    for (const { key, params } of fromJson(notes))
      found.set(key, { message: { key, params }, days: (found.get(key)?.days ?? 0) + 1, lastDay: day })
  return [...found.values()].sort(
    (a, b) => (a.lastDay < b.lastDay ? 1 : a.lastDay > b.lastDay ? -1 : 0) || b.days - a.days,
  )
}
