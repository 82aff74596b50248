/** Devices, as people see them. */
import Type, { type Static } from 'typebox'
import { OrNull, OneOf, Num, Text, AtMs, Id } from './schema-parts.ts'

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
  revoked: Type.Boolean(),
  claimableUntilMs: OrNull(AtMs), // a claim code waits for it until then
})
export type DeviceView = Static<typeof DeviceView>

/** Shown once: a device's credentials. */
export const DeviceCredentials = Type.Object({
  id: Id,
  org: Text,
  secret: Text,
  commandKey: OrNull(Text),
})
export type DeviceCredentials = Static<typeof DeviceCredentials>
