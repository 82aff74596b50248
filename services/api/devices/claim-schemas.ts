/** The forms of a claim code: adding a device that will claim its credentials itself, and the claim. */
import Type, { type Static } from 'typebox'
import { NewDevice } from './provisioning-schemas.ts'
import { AtMs, Form, Id, Num, OneOf, OrNull, Text, TopicName, ValveName } from '../http/schema-primitives.ts'

/** A code that stands on the device already, in any spelling; absent: a new one is made. */
const OwnCode = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }))

/** POST /api/claim-codes. A device without an id is given one; `valves` says which zone each valve of it wets. */
export const ClaimableDevice = Form({
  code: OwnCode,
  ...NewDevice.properties,
  id: Type.Optional(TopicName),
  valves: Type.Optional(Type.Record(ValveName, Id, { additionalProperties: false, maxProperties: 64 })),
})

/** POST /api/devices/:id/claim-code */
export const RenewedCode = Form({ code: OwnCode })

const SIDE = Type.Integer({ minimum: 1, maximum: 1_024 })
/** POST /api/labels/read: a picture in grey, a byte a pixel, row by row, as base64. */
export const LabelPicture = Form({
  width: SIDE,
  height: SIDE,
  grey: Type.String({
    minLength: 4,
    maxLength: 900_000,
    pattern: '^[A-Za-z0-9+/]+={0,2}$',
    contentMediaType: 'application/octet-stream',
  }),
})

/** What the label says. */
export const LabelRead = Type.Object({
  code: Text,
  kind: OrNull(OneOf('probe', 'station', 'trap', 'gauge', 'controller')),
  valves: Type.Array(Text),
})
export type LabelRead = Static<typeof LabelRead>

/** Shown once: what the person types into the device. */
export const ClaimCode = Type.Object({ id: Id, org: Text, code: Text, expiresMs: AtMs })
export type ClaimCode = Static<typeof ClaimCode>

/**
 * POST /api/claim, by the device. `nonce`: a text that the device makes by chance before its first try and says again
 * with each; with it the same device may ask again when the answer was lost on the way.
 */
export const Claim = Form({
  code: Type.String({ minLength: 1, maxLength: 64 }),
  nonce: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{16,64}$' })),
})

/** Where devices speak MQTT on the host that they claim at; null: not from another machine. */
export const MqttEndpoints = Type.Object({
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
  mqtt: OrNull(MqttEndpoints), // null: at another broker, which does not know the device by this
})
