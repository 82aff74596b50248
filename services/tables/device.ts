/** Devices, their claim codes, and the last report of each valve. */
import Type, { type Static } from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, type Json } from './json.ts'

export type DeviceKindName = 'probe' | 'station' | 'trap' | 'gauge' | 'controller'

export interface DeviceRow {
  id: string
  org: string
  farmId: string | null
  fieldId: string | null
  kind: DeviceKindName
  name: string
  secretHash: string // HMAC-SHA-256 with the server's pepper, hex
  previousSecretHash: string | null // still valid while a secret is being rotated
  brokerHash?: string | null | undefined // of the same secret, for an external broker (runtime/salted-hash.ts)
  commandKey: string | null // hex, controllers only
  windHeightM: number | null
  everyS: number // expected interval of messages
  counterModulus: Json<Record<string, number>> | null // by quantity: where its counters roll over
  calibration: Json<Record<string, Calibration>> | null // by quantity and depth, 'soil.raw@30', or by quantity
  createdAtMs: AtMs
  revokedAtMs: AtMs | null
  lastSeenMs: AtMs | null
  batteryV: number | null
  batteryLowV: number | null // below this the battery needs changing; null: default for its voltage
  latDeg?: number | null | undefined // location; null: in its field, exact place unknown
  lonDeg?: number | null | undefined
  batteryPercent?: number | null | undefined // as the device states it; never converted to volts
  batteryMs?: AtMs | null | undefined // the newest message with a battery level; null: unknown, so that of the last one
  claimedMs?: AtMs | null | undefined // when its current hardware claimed its secret; null: not claimed
  photoMs?: AtMs | null | undefined // when its place was photographed; the picture is a devicePhoto
}

/** Photo of the place of a device: JPEG, base64. */
export interface DevicePhotoRow {
  deviceId: string
  org: string
  atMs: AtMs
  actor: string
  thumbnail: string
  picture: string
}

/** The claim code with which a device gets its credentials. A new code replaces the previous one. */
export interface ClaimRow {
  deviceId: string
  org: string
  codeHash: string // HMAC-SHA-256 with the server's pepper, hex
  expiresMs: AtMs
  usedMs: AtMs | null
  nonceHash: string | null // of the device's own nonce, with which the same device may repeat the request after a lost response
}

const temp = Type.Optional(Type.Object({ perC: Type.Number(), refC: Type.Number() }))
/** How a raw reading is converted to soil moisture; `temp`: temperature effect per degree, m³/m³, to subtract. */
const Calibration = Type.Union([
  Type.Object({ kind: Type.Enum(['topp', 'hydra']), temp }), // from permittivity
  Type.Object({ kind: Type.Enum(['10hs', 'ec5']), temp }), // from mV, from counts; unconfirmed
  Type.Object({
    kind: Type.Literal('two-point'),
    rawDry: Type.Number(),
    rawWet: Type.Number(),
    vwcDry: Type.Number(), // m³/m³
    vwcWet: Type.Number(),
    temp,
  }),
])
export type Calibration = Static<typeof Calibration>

export const readCalibration = jsonColumn('device.calibration', Type.Record(Type.String(), Calibration))
export const readCounterModulus = jsonColumn(
  'device.counterModulus',
  Type.Record(Type.String(), Type.Number()),
)

/** The last report of a controller on one valve. */
export interface ValveStateRow {
  deviceId: string
  valve: string
  org: string
  pos: 'open' | 'closed'
  feedback: 'open' | 'closed' | null
  seq: number
  ranMs: number
  litres: number | null
  why: string
  sess: string
  reportedAtMs: AtMs
  heartbeatAtMs: AtMs | null
  boundMs: AtMs | null // closed at the latest by then, in any case
  capMs: number | null // the longest opening that the controller allows
  isTimed: 0 | 1 | null // 1: it sleeps between reports; null: unknown
  kind?: string | null | undefined // the load of the output as reported by the controller, if not a water valve
}

/** Sequence numbers of a valve that no command row accounts for. */
export interface ValveSequenceRow {
  deviceId: string
  valve: string
  org: string
  usedSeq: number // already used at the device without a command here: an older backup was restored, or another server sent it
  lockoutClearedSeq: number // failures up to this number were cleared by a person
}

/** The copy of a rejected message of the journal of a node, where another node may take over. */
export interface DeadLetterRow {
  node: string
  id: number // in that journal
  org: string
  deviceId: string // of a foreign message the integration
  receivedMs: AtMs
  topic: string
  reason: string
  payload: string // base64
  bytes: number
  isForeign: number
  isRetained: number
}

/** What ingest remembers of a device between messages, where the journal is not the place for it. */
export interface IngestNoteRow {
  deviceId: string
  org: string
  text: string // read by ingest/device-memory.ts
}
