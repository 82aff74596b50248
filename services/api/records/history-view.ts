/** What was done on a field, by day. Pure. */
import { dayOf } from '../../../broker/contract/time.ts'
import type { Static } from 'typebox'
import type { FieldHistory } from '../schemas.ts'
import type { RecordLine } from './record-lines-view.ts'

type Days = Static<typeof FieldHistory>['days']

/** The newest day first; within a day what has a time before what has none, in the order of time. */
export function historyDays(lines: readonly RecordLine[], timeZone: string): Days {
  const days = new Map<string, Days[number]['lines']>()
  const inOrder = lines.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
  const timed = [...inOrder.filter(({ day }) => day === null), ...inOrder.filter(({ day }) => day !== null)]
  for (const { what, id, atMs, day, message } of timed) {
    const of = day ?? dayOf(atMs, timeZone)
    const line = { what, id, atMs: day === null ? atMs : null, message }
    days.set(of, [...(days.get(of) ?? []), line])
  }
  return [...days].map(([day, own]) => ({ day, lines: own })).sort((a, b) => (a.day < b.day ? 1 : -1))
}
