/** Devices, as people see them. */
import Type, { type Static } from 'typebox'
import { ForeignDevice } from '../integrations/foreign-device-schemas.ts'
import { OrNull, OneOf, Num, Text, AtMs, Form, Id } from '../http/validation/schema-primitives.ts'

export const DeviceView = Type.Object({
  id: Id,
  name: Text,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  fieldId: OrNull(Id),
  fieldName: OrNull(Text),
  lastSeenMs: OrNull(AtMs),
  everyS: Num,
  fresh: OneOf('ok', 'late', 'lost', 'never'),
  batteryV: OrNull(Num),
  batteryPercent: OrNull(Num), // as the device states it
  batteryLow: Type.Boolean(), // it has an active alert
  batteryLeft: OrNull(Type.Object({ mid: Num, lo: Num, hi: Num })), // days until it is low; null: unknown
  integrationName: OrNull(Text), // of a device of another make; null: it speaks Tilth's own topics
  outageMs: OrNull(AtMs), // it went silent at that moment together with others, by one cause
  latDeg: OrNull(Num), // its position; null: unknown
  lonDeg: OrNull(Num),
  photoMs: OrNull(AtMs), // time of the photo of its place
  revoked: Type.Boolean(),
  claimableUntilMs: OrNull(AtMs), // its claim code is valid until then
  claimedMs: OrNull(AtMs), // when the current hardware claimed its secret
})
export type DeviceView = Static<typeof DeviceView>

/** The details of one device that its list entry does not have. */
export const DeviceDetail = Type.Object({
  id: Id,
  battery: Type.Object({ lowV: OrNull(Num), atMs: Type.Array(AtMs), v: Type.Array(Num) }), // daily means, 30 days
  foreign: OrNull(ForeignDevice), // of a device of another make
  thumbnail: OrNull(Text), // of the photo: JPEG, base64
})
export type DeviceDetail = Static<typeof DeviceDetail>

export const DevicePhoto = Type.Object({ atMs: AtMs, picture: Text })
export type DevicePhoto = Static<typeof DevicePhoto>

/** POST /api/devices/:id/place: its position to the metre; null: unknown. */
export const DevicePlace = Form({
  at: OrNull(
    Form({
      latDeg: Type.Number({ minimum: -90, maximum: 90 }),
      lonDeg: Type.Number({ minimum: -180, maximum: 180 }),
    }),
  ),
})

/** Shown once: a device's credentials. */
export const DeviceCredentials = Type.Object({
  id: Id,
  org: Text,
  secret: Text,
  commandKey: OrNull(Text),
})
export type DeviceCredentials = Static<typeof DeviceCredentials>
