/** Integrations with other ecosystems, and what came through them. */
import Type, { type Static } from 'typebox'
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
  definitions: Json<Record<string, { model: string; units: Record<string, string> }>> | null // of its devices, as Zigbee2MQTT lists them
  homeAssistant?: Json<HomeAssistantOptions> | null | undefined // what Home Assistant gets from Tilth; null: nothing
}

/** What Tilth publishes to the broker that Home Assistant uses. */
const HomeAssistantOptions = Type.Object({
  base: Type.String(), // of Tilth's own topics there
  mayOpenValves: Type.Boolean(), // whether Home Assistant may open valves, by hand, at most half an hour
})
export type HomeAssistantOptions = Static<typeof HomeAssistantOptions>

export const readDefinitions = jsonColumn(
  'integration.definitions',
  Type.Record(
    Type.String(),
    Type.Object({ model: Type.String(), units: Type.Record(Type.String(), Type.String()) }),
  ),
)
export const readHomeAssistantOptions = jsonColumn('integration.homeAssistant', HomeAssistantOptions)
export const readTopics = jsonColumn('integration.topics', Type.Array(Type.String()))

/** What has come through an integration since it was added. */
export interface IntegrationTrafficRow {
  integrationId: string
  org: string
  messages: number
  lastMessageMs: AtMs
}

/** A device of another make: the address of an integration that a person has assigned to it. */
export interface AssignedAddressRow {
  deviceId: string
  org: string
  integrationId: string
  address: string // unique within the integration
  profile: string // by its name
  answers: Json<Record<string, unknown>> // what the profile asked: depths, litres per pulse, what hangs on an input
  receivedMs?: AtMs | null | undefined // of the message that the next columns describe, at most a minute old
  topic?: string | null | undefined // on which it came: a valve is reached below it
  rssiDbm?: number | null | undefined
  snrDb?: number | null | undefined
  ignored?: Json<string[]> | null | undefined // fields that came and that nothing uses
  alarms?: Json<string[]> | null | undefined // that the device has reported and not ended, by the names of its profile
}

export const readAlarms = jsonColumn('assignedAddress.alarms', Type.Array(Type.String()))
export const readIgnored = jsonColumn('assignedAddress.ignored', Type.Array(Type.String()))
export const readAnswers = jsonColumn('assignedAddress.answers', Type.Record(Type.String(), Type.Unknown()))

/** A message of a device of another make that has been stored: a repeat of it is dropped. */
export interface StoredMessageRow {
  deviceId: string
  key: string // equal for two copies of one message
  org: string
  seq: number // in the journal: the same record again is no repeat
  receivedMs: AtMs
}

/** A message that no device has been assigned to, raw. */
export interface UnassignedMessageRow {
  integrationId: string
  address: string
  topic: string
  receivedMs: AtMs
  seq: number // in the journal: the same message is kept once
  org: string
  isRetained: 0 | 1
  payload: string // base64
  bytes: number // that it counts for
}

/** An address that a person does not want in the list of unassigned devices. */
export interface HiddenAddressRow {
  integrationId: string
  address: string
  org: string
}
