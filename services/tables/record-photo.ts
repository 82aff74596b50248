/** Photos of what was done, taken on the phone, beside the record that they belong to. */
import type { AtMs } from '../../broker/contract/time.ts'

/** Field work, or the record of a spray. */
export const photoSubjects = ['work', 'treatment'] as const
export type PhotoSubject = (typeof photoSubjects)[number]

/** JPEG, base64. It is never changed; one that was taken back stays, and counts for nothing. */
export interface RecordPhotoRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  kind: PhotoSubject
  recordId: string
  takenMs: AtMs // by the phone; never after it came here
  addedBy: string
  addedAtMs: AtMs
  sha256: string // of the picture's bytes, hex
  thumb: string
  picture: string
  voidedBy: string | null
  voidedAtMs: AtMs | null
  voidReason: string | null
}
