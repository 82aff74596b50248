/** What the journal of the broker holds, as the services read it. */
import type { AtMs } from './time.ts'

/** Where a message in the format of another ecosystem came in. */
export interface ForeignOrigin {
  integration: string
  /** as its sender named it, without the mount of the gateway */
  topic: string
  isRetained: boolean
}

/** One acknowledged message. */
export interface JournalRecord {
  seq: number
  receivedMs: AtMs
  org: string
  device: string // of a foreign message the integration: its devices are known only after decoding
  payload: Uint8Array
  replayedMs: AtMs | null // when a person replayed it from the dead letters; null for a message from a device
  foreign: ForeignOrigin | null // null: telemetry of the contract
}

/** A message that can never be stored, kept with its reason for a person to inspect and replay. */
export interface DeadLetter {
  id: number
  receivedMs: AtMs
  org: string
  device: string // of a foreign message the integration
  topic: string
  reason: string
  payload: Uint8Array // truncated to 64 KiB
  bytes: number // original size
  foreign: ForeignOrigin | null // it is replayed as what it was
}

export interface DeadLetterQuery {
  org?: string
  reason?: string
  afterId?: number
  limit?: number
  /** limit of each payload, bytes; default: the whole payload */
  payloadBytes?: number
}

/** All dead letters of an organisation for one reason. */
export interface DeadLetterGroup {
  reason: string
  count: number
  devices: number
  newestId: number
  newestMs: AtMs
}
