/** What stands between conform and the controller: its own broker, or another that runs already. */
import type { DeviceKind, ServerKind } from '../contract/topics.ts'

/** What comes from the controller, as the broker sees it. */
export type WireEvent =
  | { type: 'connect'; connect: ConnectDetails }
  | { type: 'subscribe'; filter: string; qos: number }
  | { type: 'gone' }
  | {
      type: 'message'
      topic: string
      payload: Uint8Array
      qos: number
      /** null: this broker does not show it */
      retain: boolean | null
      /** the broker's memory, not the controller's word of now */
      isRetained: boolean
    }

export interface ConnectDetails {
  clean: boolean
  keepaliveS: number
  clientId: string
  userName: string
  will: { topic: string; qos: number; retain: boolean; payload: Uint8Array } | null
}

export interface Wire {
  /** The address to put into the controller. */
  addresses: readonly string[]
  listen(take: (word: WireEvent) => void): void
  /** Said to the controller; resolves when the broker has taken it. */
  send(kind: ServerKind, text: string, retain?: boolean): Promise<void>
  /** The retained message of a kind, as a new subscriber hears it; null: there is none. */
  retained(kind: DeviceKind): Promise<Uint8Array | null>
  /** null: a broker of somebody else, which does as it likes */
  own: OwnBrokerControls | null
  close(): Promise<void>
}

/** What only a broker of our own can be made to do. */
export interface OwnBrokerControls {
  /** The connection is cut without a word. */
  disconnect(): void
  /** While true no connection is accepted. */
  refuseConnections(isShut: boolean): void
  /** While true no telemetry is acknowledged. */
  holdTelemetry(isHeld: boolean): void
  /** A command that carries the retain flag, as if it had waited in the broker. */
  sendAsRetained(text: string): Promise<void>
  /** Messages taken from the controller and given to it, for a test that steps in time. */
  messageCounts(): { received: number; given: number }
}
