/** The forms of a claim code: adding a device that will claim its credentials itself, and the claim. */
import Type from 'typebox'
import { NewDevice } from './forms.ts'
import { AtMs, Form, Id, Num, OneOf, OrNull, Text, TopicName, ValveName } from './schema-parts.ts'

/** POST /api/claim-codes. A device without an id is given one; `valves` says which zone each valve of it wets. */
export const ClaimableDevice = Form({
  ...NewDevice.properties,
  id: Type.Optional(TopicName),
  valves: Type.Optional(Type.Record(ValveName, Id, { additionalProperties: false, maxProperties: 64 })),
})

/** Shown once: what the person types into the device. */
export const ClaimCode = Type.Object({ id: Id, org: Text, code: Text, expiresMs: AtMs })

/**
 * POST /api/claim, by the device. `nonce`: a text that the device makes by chance before its first try and says again
 * with each; with it the same device may ask again when the answer was lost on the way.
 */
export const Claim = Form({
  code: Type.String({ minLength: 1, maxLength: 64 }),
  nonce: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{16,64}$' })),
})

/** Where devices speak MQTT on the host that they claim at; null: not from another machine. */
export const MqttDoors = Type.Object({
  port: OrNull(Num), // without TLS
  tlsPort: OrNull(Num),
  webSocketPath: OrNull(Text), // on the port of HTTP
})

/** Shown once: who the device is from now on. */
export const Claimed = Type.Object({
  id: Id,
  org: Text,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  name: Text,
  secret: Text,
  commandKey: OrNull(Text), // hex; controllers
  everyS: Num,
  valves: Type.Array(Text), // that zones expect of it
  mqtt: OrNull(MqttDoors), // null: at another broker, which does not know the device by this
})
