/**
 * The way of a gateway: its devices come to our own broker with the credential of the integration, and everything lies
 * below its mount.
 */
import { mountOf } from '../../broker/contract/foreign-topics.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Bus, Clock } from '../ports.ts'
import type { IntegrationMessage } from '../ports/integrations.ts'
import type { IntegrationRow } from '../tables.ts'
import { failedWay } from './failed-way.ts'
import { statusKeeper, type StartWay, type Way, type WayEvents } from './way.ts'

/** What the broker reports of gateways. */
export interface GatewayBroker {
  gateways: {
    listen(listener: {
      onMessage(gateway: string, message: Omit<IntegrationMessage, 'isRetained'>): void
      onConnected(gateway: string, isConnected: boolean): void
    }): void
    isConnected(gateway: string): boolean
  }
  retained(org: string, gateway: string): { topic: string; payload: Uint8Array }[]
}

/** `broker`: null while devices connect to an external one, which knows no gateways. */
export function gatewayWays(deps: {
  broker: GatewayBroker | null
  bus: Pick<Bus, 'publish' | 'isConnected'>
  clock: Clock
}): StartWay {
  const { broker, bus, clock } = deps
  const running = new Map<string, GatewayWay>()
  broker?.gateways.listen({
    onMessage: (gateway, message) => running.get(gateway)?.receive(message),
    onConnected: (gateway, isConnected) => running.get(gateway)?.connected(isConnected),
  })

  return (row, events) => {
    if (broker === null)
      return failedWay(() => clock.now(), {
        problem: 'no-own-broker',
        reason: 'devices connect to the broker of BUS; a gateway needs the built-in broker',
      })
    const way = gatewayWay(row, events, { broker, bus, nowMs: () => clock.now() })
    running.set(row.id, way)
    return {
      ...way,
      stop: () => Promise.resolve(void (running.get(row.id) === way && running.delete(row.id))),
    }
  }
}

interface GatewayWay extends Omit<Way, 'stop'> {
  receive(message: Omit<IntegrationMessage, 'isRetained'>): void
  connected(isConnected: boolean): void
}

function gatewayWay(
  { org, id }: Pick<IntegrationRow, 'org' | 'id'>,
  events: WayEvents,
  of: { broker: GatewayBroker; bus: Pick<Bus, 'publish' | 'isConnected'>; nowMs: () => AtMs },
): GatewayWay {
  const { broker, bus, nowMs } = of
  const mount = mountOf(org, id)
  const status = statusKeeper(nowMs)
  const isConnected = () => broker.gateways.isConnected(id)
  if (isConnected()) status.set({ state: 'connected' })
  return {
    async publish({ topic, payload, qos, isStop = false }) {
      if (!isConnected() || !bus.isConnected()) return false
      // after a failure on the way it may have arrived
      await bus.publish(mount + topic, payload, { qos, retain: false, isStop }).catch(() => {})
      return true
    },
    get: () => Promise.resolve(null),
    isConnected,
    status: status.read,
    retained: () =>
      broker.retained(org, id).map((message) => ({ ...message, isRetained: true, receivedMs: nowMs() })),
    receive(message) {
      status.received(message.receivedMs)
      // the flag of a gateway only asks the broker to keep the message
      events.onMessage({ ...message, isRetained: false })
    },
    connected(isNow) {
      status.set({ state: isNow ? 'connected' : 'waiting' })
      events.onConnected(isNow)
    },
  }
}
