/** Photos of field work, sprays and notes, attached to their record. */
import type { AtMs } from '../../broker/contract/time.ts'

/** Records that can have photos. */
export const photoSubjects = ['work', 'treatment', 'note'] as const
export type PhotoSubject = (typeof photoSubjects)[number]

/** JPEG, base64. Immutable; a voided photo stays on record but does not count. */
export interface RecordPhotoRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  kind: PhotoSubject
  recordId: string
  takenMs: AtMs // by the phone's clock, at the latest its arrival
  addedBy: string
  addedAtMs: AtMs
  sha256: string // of the picture's bytes, hex
  thumbnail: string
  picture: string
  voidedBy: string | null
  voidedAtMs: AtMs | null
  voidReason: string | null
}
