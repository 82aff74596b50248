/** What became of the messages of each kind of integration since the start. */
import type { JournalRecord } from '../../../broker/contract/journal.ts'
import type { IntegrationKind } from '../../tables.ts'
import type { ForeignBatch } from './read-foreign.ts'

export const foreignOutcomes = [
  'received',
  'stored',
  'unassigned',
  'repeats',
  'nothing',
  'dead-letters',
] as const
export type ForeignOutcome = (typeof foreignOutcomes)[number]
export type KindCounts = Record<ForeignOutcome, number>

/** Counts of batches. */
export function kindCounters() {
  const byKind = new Map<IntegrationKind, KindCounts>()

  function countsOf(kind: IntegrationKind): KindCounts {
    const counts =
      byKind.get(kind) ?? (Object.fromEntries(foreignOutcomes.map((name) => [name, 0])) as KindCounts)
    byKind.set(kind, counts)
    return counts
  }

  return {
    /** `isNew`: the message has come now, and was not kept or replayed. */
    count(batch: ForeignBatch, isNew: (record: JournalRecord) => boolean): void {
      const { received, unassigned, repeats, nothing, deadLetters } = batch
      const others = new Map<JournalRecord, ForeignOutcome>()
      for (const { record } of unassigned) others.set(record, 'unassigned')
      for (const record of repeats) others.set(record, 'repeats')
      for (const record of nothing) others.set(record, 'nothing')
      for (const record of deadLetters.keys()) others.set(record, 'dead-letters')
      for (const [record, kind] of received) {
        const counts = countsOf(kind)
        if (isNew(record)) counts.received++
        counts[others.get(record) ?? 'stored']++
      }
    },
    read: (): ReadonlyMap<IntegrationKind, Readonly<KindCounts>> => byKind,
  }
}
