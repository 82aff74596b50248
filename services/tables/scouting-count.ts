/** Scouting observations. */
import type { AtMs } from '../../broker/contract/time.ts'

/** A pest count or a note, as entered in the field. Immutable. */
export interface ScoutingCountRow {
  id: string // the client's idempotency key: the same observation sent twice is one row
  org: string
  farmId: string
  fieldId: string
  kind: 'trap' | 'plants' | 'note' // counted in a trap or on plants, or a note
  subject: string | null // of a count: a pest of agronomy/pests.ts
  count: number | null
  text: string | null // of a note
  atMs: AtMs // when it was observed
  actor: string
  receivedMs: AtMs
}
