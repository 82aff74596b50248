/** What people see in the field. */
import type { AtMs } from '../../broker/contract/time.ts'

/** A count of insects, or a note in words, as a person entered it on the spot. It never changes. */
export interface ScoutingCountRow {
  id: string // the phone's own key: the same sighting sent twice is one row
  org: string
  farmId: string
  fieldId: string
  kind: 'trap' | 'plants' | 'note' // counted in a trap or on the plants, or said in words
  subject: string | null // of a count: a pest of agronomy/pests.ts
  count: number | null
  text: string | null // of a note
  atMs: AtMs // when it was seen
  actor: string
  receivedMs: AtMs
}
