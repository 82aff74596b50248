/** Devices, how they are let in, and what a controller last said of its valves. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export type DeviceKindName = 'probe' | 'station' | 'trap' | 'gauge' | 'controller'

export interface DeviceRow {
  id: string
  org: string
  farmId: string | null
  fieldId: string | null
  kind: DeviceKindName
  name: string
  secretHash: string // HMAC-SHA-256 with the server's pepper, hex
  previousSecretHash: string | null // still valid while a secret is being changed
  commandKey: string | null // hex, controllers only
  windHeightM: number | null
  everyS: number // how often it is expected to speak
  counterModulus: Json<Record<string, number>> | null // by quantity: where its counters roll over
  calibration: Json<Record<string, Calibration>> | null // by quantity and depth, 'soil.raw@30', or by quantity
  createdAtMs: AtMs
  revokedAtMs: AtMs | null
  lastHeardMs: AtMs | null
  batteryV: number | null
  batteryLowV: number | null // below it the battery wants changing; null: as usual for its voltage
  latDeg?: number | null | undefined // where it stands; null: in its field, nobody has said where
  lonDeg?: number | null | undefined
  claimedMs?: AtMs | null | undefined // since when its hardware is what it is, where that claimed its secret
  photoMs?: AtMs | null | undefined // when the place was photographed; the picture is a devicePhoto
}

/** What the place of a device looks like: JPEG, base64. */
export interface DevicePhotoRow {
  deviceId: string
  org: string
  atMs: AtMs
  actor: string
  thumb: string
  picture: string
}

/** The one code with which a device gets its credentials. A new code takes the place of the one before. */
export interface ClaimRow {
  deviceId: string
  org: string
  codeHash: string // HMAC-SHA-256 with the server's pepper, hex
  expiresMs: AtMs
  usedMs: AtMs | null
  nonceHash: string | null // of the device's own text: with it the same device may ask again after a lost answer
}

/** How a raw reading becomes soil moisture; `temp`: what a degree adds to it, m³/m³, to be taken away. */
export type Calibration = { temp?: { perC: number; refC: number } } & (
  | { kind: 'topp' | 'hydra' } // from permittivity
  | { kind: '10hs' | 'ec5' } // from mV, from counts; unconfirmed
  | { kind: 'two-point'; rawDry: number; rawWet: number; vwcDry: number; vwcWet: number } // m³/m³
)

/** What a controller last reported of one valve. */
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
  boundMs: AtMs | null // closed at the latest by then, whatever happens
  capMs: number | null // the longest opening that the controller allows
  isTimed: 0 | 1 | null // 1: it sleeps, and is not expected to be heard every few seconds; null: not known
  kind?: string | null | undefined // what it drives, by its own word, where it is no water valve
}

/** What is known of a valve's numbers beside its orders. */
export interface ValveSequenceRow {
  deviceId: string
  valve: string
  org: string
  usedSeq: number // used up at the device though no order stands here: an older backup was restored, or another server
  lockoutClearedSeq: number // failures up to this number count no more: a person has looked
}
