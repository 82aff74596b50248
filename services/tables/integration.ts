/** Integrations with other ecosystems, and what was heard through them. */
import Type from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, type Json } from './json.ts'

/**
 * The ecosystems. Tilth listens at the broker of the first four; the next four come to its own, as a gateway; stations
 * push to it or are asked over HTTP; `generic` is any topic, with a profile of the farm's own.
 */
export const integrationKinds = [
  ...(['chirpstack', 'the-things-stack', 'zigbee2mqtt', 'home-assistant'] as const),
  ...(['tasmota', 'shelly', 'esphome', 'opensprinkler'] as const),
  ...(['ecowitt', 'wunderground', 'weatherlink-live', 'generic'] as const),
] as const
export type IntegrationKind = (typeof integrationKinds)[number]

/**
 * One ecosystem as it is connected. With a secret hash it is a gateway as well: a credential with which foreign devices
 * speak to the broker, whose user name is the id.
 */
export interface IntegrationRow {
  id: string
  org: string
  farmId: string | null
  name: string
  kind: IntegrationKind
  url: string | null // of their broker; null: they come to ours
  userName: string | null // at their broker
  secret: string | null // at their broker; readable, because Tilth signs in with it
  topics: Json<string[]> | null // filters to subscribe to at their broker
  state: 'on' | 'off'
  secretHash: string | null // of the gateway: HMAC-SHA-256 with the server's pepper, hex; null: it is no gateway
  previousSecretHash: string | null // still valid while the secret is being rotated
  createdAtMs: AtMs
  revokedAtMs: AtMs | null
}

export const readTopics = jsonColumn('integration.topics', Type.Array(Type.String()))

/** A message that no device has been assigned to, raw. */
export interface HeardMessageRow {
  integrationId: string
  topic: string
  receivedMs: AtMs
  seq: number // in the journal: the same message is kept once
  org: string
  isRetained: 0 | 1
  payload: string // base64
  bytes: number // that it counts for
}
