/** Photos: JPEG in base64 from the phone, their metadata, and their two sizes. */
import Type, { type Static } from 'typebox'
import {
  AtMs,
  Form,
  Id,
  OneOf,
  OrNull,
  NonBlankLine,
  Text,
  Instant,
} from '../http/validation/schema-primitives.ts'

const Base64 = (maxLength: number) =>
  Type.String({
    minLength: 4,
    maxLength,
    pattern: '^[A-Za-z0-9+/]+={0,2}$',
    contentMediaType: 'image/jpeg',
  })

/**
 * A photo as a phone sends it, small and large. It is stored without its metadata: no place, no comments, no orientation
 * (a browser turns it before it sends it).
 */
export const NewPhoto = Form({ thumbnail: Base64(40_000), picture: Base64(900_000) })
export type NewPhoto = Static<typeof NewPhoto>

/** POST /api/field-work/:id/photos, /api/treatments/:id/photos, /api/notes/:id/photos. */
export const NewRecordPhoto = Form({
  ...NewPhoto.properties,
  takenMs: Instant,
})

/** GET /api/photos/:id */
export const PhotoSize = Type.Object({ size: Type.Optional(OneOf('thumbnail', 'picture')) })

/** POST /api/photos/:id/void */
export const VoidPhoto = Form({ reason: NonBlankLine(200) })

export const RecordPhoto = Type.Object({
  id: Id,
  takenMs: AtMs, // by the phone's clock
  addedAtMs: AtMs,
  voidReason: OrNull(Text), // null: not voided
})
export type RecordPhoto = Static<typeof RecordPhoto>
