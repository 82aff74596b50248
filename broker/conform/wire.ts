/** The connection between conform and the controller: its own broker, or another running one. */
import type { DeviceKind, ServerKind } from '../contract/topics.ts'

/** An event of the controller, as the broker records it. */
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
      /** retained by the broker, not sent by the controller now */
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
  listen(listener: (event: WireEvent) => void): void
  /** Publishes to the controller; resolves when the broker has accepted it. */
  send(kind: ServerKind, text: string, retain?: boolean): Promise<void>
  /** The retained message of a kind, as a new subscriber receives it; null: there is none. */
  retained(kind: DeviceKind): Promise<Uint8Array | null>
  /** null: a foreign broker, without controls */
  own: OwnBrokerControls | null
  close(): Promise<void>
}

/** Controls that only conform's own broker has. */
export interface OwnBrokerControls {
  /** Cuts the connection without a DISCONNECT. */
  disconnect(): void
  /** While true no connection is accepted. */
  refuseConnections(isShut: boolean): void
  /** While true no telemetry is acknowledged. */
  holdTelemetry(isHeld: boolean): void
  /** Sends a command with the retain flag, as if the broker had retained it. */
  sendAsRetained(text: string): Promise<void>
  /** Messages received from the controller and delivered to it, for tests with a virtual clock. */
  messageCounts(): { received: number; delivered: number }
}
