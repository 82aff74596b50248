/** Forms of claim codes: adding a device that claims its credentials itself, and the claim. */
import Type, { type Static } from 'typebox'
import { NewDevice } from './provisioning-schemas.ts'
import {
  AtMs,
  Form,
  Id,
  Num,
  OneOf,
  OrNull,
  Text,
  TopicName,
  ValveName,
} from '../http/validation/schema-primitives.ts'

/** A code printed on the device, in any spelling; without it a new code is created. */
const OwnCode = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }))

/** POST /api/claim-codes. A device without an id gets one; `valves` assigns each valve to a zone. */
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

/** The content of a label. */
export const LabelRead = Type.Object({
  code: Text,
  kind: OrNull(OneOf('probe', 'station', 'trap', 'gauge', 'controller')),
  valves: Type.Array(Text),
})
export type LabelRead = Static<typeof LabelRead>

/** Shown once: the code that a person enters on the device. */
export const ClaimCode = Type.Object({ id: Id, org: Text, code: Text, expiresMs: AtMs })
export type ClaimCode = Static<typeof ClaimCode>

/**
 * POST /api/claim, by the device. `nonce`: a random text that the device creates before its first attempt and
 * repeats with each one; it allows the same device to retry when a response was lost.
 */
export const Claim = Form({
  code: Type.String({ minLength: 1, maxLength: 64 }),
  nonce: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{16,64}$' })),
})

/** The MQTT endpoints on the host that received the claim; null: not reachable from another machine. */
export const MqttEndpoints = Type.Object({
  port: OrNull(Num), // without TLS
  tlsPort: OrNull(Num),
  webSocketPath: OrNull(Text), // over WebSocket on the HTTP port
})

/** Shown once: the identity of the device. */
export const Claimed = Type.Object({
  id: Id,
  org: Text,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  name: Text,
  secret: Text,
  commandKey: OrNull(Text), // hex; controllers
  everyS: Num,
  valves: Type.Array(Text), // that zones expect on it
  mqtt: OrNull(MqttEndpoints), // null: another broker, which does not share these credentials
})
