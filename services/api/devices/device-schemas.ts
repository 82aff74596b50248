/** Devices, as people see them. */
import Type, { type Static } from 'typebox'
import { OrNull, OneOf, Num, Text, AtMs, Form, Id } from '../http/schema-primitives.ts'

export const DeviceView = Type.Object({
  id: Id,
  name: Text,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  fieldId: OrNull(Id),
  fieldName: OrNull(Text),
  lastHeardMs: OrNull(AtMs),
  everyS: Num,
  fresh: OneOf('ok', 'late', 'lost', 'never'),
  batteryV: OrNull(Num),
  batteryLow: Type.Boolean(), // an alert of it stands
  batteryLeft: OrNull(Type.Object({ mid: Num, lo: Num, hi: Num })), // days until it is low; null: nobody can say
  outageMs: OrNull(AtMs), // it fell silent with others at that moment, by one cause
  latDeg: OrNull(Num), // where it stands; null: nobody has said
  lonDeg: OrNull(Num),
  photoMs: OrNull(AtMs), // when its place was photographed
  revoked: Type.Boolean(),
  claimableUntilMs: OrNull(AtMs), // a claim code waits for it until then
  claimedMs: OrNull(AtMs), // since when its hardware is what it is, where that claimed its secret
})
export type DeviceView = Static<typeof DeviceView>

/** One device, beyond its line in the list. */
export const DeviceDetail = Type.Object({
  id: Id,
  battery: Type.Object({ lowV: OrNull(Num), atMs: Type.Array(AtMs), v: Type.Array(Num) }), // a mean a day, 30 days
  thumb: OrNull(Text), // of the photo: JPEG, base64
})
export type DeviceDetail = Static<typeof DeviceDetail>

export const DevicePhoto = Type.Object({ atMs: AtMs, picture: Text })
export type DevicePhoto = Static<typeof DevicePhoto>

/** POST /api/devices/:id/place: where it stands, to the metre; null: not known any more. */
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
