/** What the programs of the server learn of gateways: their messages, and whether a client of each is connected. */
import type { AtMs } from '../contract/time.ts'

/** A message of a gateway; the topic is without its mount. */
export interface GatewayMessage {
  topic: string
  payload: Uint8Array
  receivedMs: AtMs
}

export interface GatewayListener {
  /** Called for each message and will after it is on disk, in the order of arrival. */
  onMessage(gateway: string, message: GatewayMessage): void
  /** Called when the first client of a gateway connects, and when the last one is gone. */
  onConnected(gateway: string, isConnected: boolean): void
}

export interface GatewayEvents {
  listen(listener: GatewayListener): void
  isConnected(gateway: string): boolean
}

/** The events, and the part of the broker that reports them. */
export function gatewayEvents(): GatewayEvents & {
  message: GatewayListener['onMessage']
  connected(gateway: string): void
  disconnected(gateway: string): void
} {
  const listeners: GatewayListener[] = []
  const clients = new Map<string, number>()

  function change(gateway: string, by: 1 | -1): void {
    const before = clients.get(gateway) ?? 0
    const now = before + by
    if (now === 0) clients.delete(gateway)
    else clients.set(gateway, now)
    if (before === 0 || now === 0) for (const { onConnected } of listeners) onConnected(gateway, now > 0)
  }

  return {
    listen: (listener) => void listeners.push(listener),
    isConnected: (gateway) => clients.has(gateway),
    message: (gateway, message) => listeners.forEach(({ onMessage }) => onMessage(gateway, message)),
    connected: (gateway) => change(gateway, 1),
    disconnected: (gateway) => change(gateway, -1),
  }
}
