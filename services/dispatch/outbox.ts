/**
 * What dispatch says on the bus. Nothing here waits: a word that is lost is said again by the protocol, so the next
 * event need not stand in line behind a slow network.
 */
import { withMac, type UnsignedCommand, type UnsignedLease } from '../../broker/contract/mac.ts'
import type { Config } from '../../broker/contract/messages.ts'
import { delivery, internalTopic, topicOf } from '../../broker/contract/topics.ts'
import type { Bus, ChangeEvent, Logger } from '../ports.ts'

export interface Address {
  org: string
  device: string
}

export interface Outbox {
  command(to: Address, keyHex: string, command: UnsignedCommand): void
  lease(to: Address, keyHex: string, lease: UnsignedLease): void
  config(to: Address, config: Config): void
  publishEvent(org: string, event: ChangeEvent): void
  /** Resolves when everything said so far has left, or was given up. */
  settled(): Promise<void>
}

export function createOutbox({ bus, log }: { bus: Bus; log: Logger }): Outbox {
  const leaving = new Set<Promise<void>>()

  function say(topic: string, message: object, how: { qos: 0 | 1; retain: boolean }): void {
    const left = bus
      .publish(topic, JSON.stringify(message), how)
      .catch((error: unknown) => log.warn({ topic, error }, 'could not be sent; it is said again when due'))
      .finally(() => leaving.delete(left))
    leaving.add(left)
  }

  return {
    command: ({ org, device }, keyHex, command) =>
      say(topicOf(org, device, 'command'), withMac(keyHex, command), delivery.command),
    lease: ({ org, device }, keyHex, lease) =>
      say(topicOf(org, device, 'lease'), withMac(keyHex, lease), delivery.lease),
    config: ({ org, device }, config) => say(topicOf(org, device, 'config'), config, delivery.config),
    publishEvent: (org, event) => say(internalTopic(org, 'event'), event, { qos: 1, retain: false }),
    async settled() {
      while (leaving.size > 0) await Promise.all(leaving)
    },
  }
}
