/** The ports to devices of other makes: their messages, their valves, and what they push. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { FromStop } from '../ports.ts'

/**
 * The ways to devices of other makes, one for each integration. Topics are those of the integration itself, without the
 * mount of a gateway.
 */
export interface IntegrationConnections {
  /** Sends at once or not at all: false if the integration is not connected, and nothing is queued for later. */
  publish(
    integrationId: string,
    message: { topic: string; payload: string | Uint8Array; qos: 0 | 1 } & FromStop,
  ): Promise<boolean>
  /** The body of the answer to an HTTP request in the farm's network; null: it failed. */
  get(integrationId: string, url: string): Promise<string | null>
  /**
   * Every message of an integration in the order of arrival, each after it is on disk; after each connection its retained
   * messages first. `onConnected` is called with the present state at once. Returns what ends it.
   */
  watch(
    integrationId: string,
    watcher: { onMessage(message: IntegrationMessage): void; onConnected(isConnected: boolean): void },
  ): () => void
  /** Whether it is connected now; null: there is no such integration, or it is off. */
  isConnected(integrationId: string): boolean | null
  /** How its connection is; null: there is no such integration, or it is off. */
  statusOf(integrationId: string): IntegrationStatus | null
}

/** Why there is no connection to an integration. */
export const integrationProblems = [
  'unreachable', // there is no answer at its address
  'wrong-password', // user or password are refused
  'certificate', // its TLS certificate is not valid
  'refused', // it refuses the connection for another reason
  'topics', // it refuses a topic filter
  'address', // the address of the integration cannot be used
  'answer', // what it answers over HTTP cannot be used
  'no-own-broker', // gateways need the built-in broker
] as const
export type IntegrationProblem = (typeof integrationProblems)[number]

export interface IntegrationStatus {
  /** `waiting`: not connected yet, and nothing is wrong */
  state: 'connected' | 'waiting' | 'failed'
  problem: IntegrationProblem | null
  /** the problem in one line, for the log and the administrator; null without a problem */
  reason: string | null
  sinceMs: AtMs
  /** of the last message since the start */
  lastMessageMs: AtMs | null
}

export interface IntegrationMessage {
  topic: string
  payload: Uint8Array
  isRetained: boolean
  receivedMs: AtMs
}

/** Valves of other makes, as a person tests and releases them. */
export interface ForeignValveControl {
  /** Opens the valve for a minute, at once; the outcome is stored with the valve, and the event `device` published. */
  startTest(
    org: string,
    deviceId: string,
    valve: string,
    actor: string,
  ): Promise<'started' | 'busy' | 'link-down' | 'unknown'>
  /** Releases a locked valve; false: there is none. */
  unlock(org: string, deviceId: string, valve: string): Promise<boolean>
  isTesting(deviceId: string, valve: string): boolean
}

/** Takes in messages of an integration from outside MQTT: HTTP push and poll. */
export interface MessageIntake {
  /** Resolves when the message is on disk or in the dead letters. STORE_UNAVAILABLE: not stored, must not be acknowledged. */
  accept(message: {
    org: string
    integrationId: string
    /** of HTTP: the method and the path, `GET /jc` */
    topic: string
    payload: Uint8Array
    receivedMs: AtMs
  }): Promise<'stored' | 'dead-lettered' | 'dropped'>
}

/** Takes in what weather stations push over HTTP. */
export interface PushIntake {
  /**
   * Resolves when the message is on disk. `unknown`: no integration of this kind has the token; `too-many`: more than 30
   * a minute. STORE_UNAVAILABLE: not stored, must not be acknowledged.
   */
  receive(push: {
    kind: 'ecowitt' | 'wunderground'
    token: string
    payload: Uint8Array
  }): Promise<'stored' | 'dead-lettered' | 'dropped' | 'unknown' | 'too-many'>
}
