/**
 * Publishes the messages of dispatch without waiting: the protocol repeats a lost message, so a slow network must not
 * delay the queue.
 */
import { withMac, type UnsignedCommand, type UnsignedLease } from '../../broker/contract/mac.ts'
import type { Config } from '../../broker/contract/messages.ts'
import { delivery, topicOf, type ServerKind } from '../../broker/contract/topics.ts'
import type { Bus, ChangeEvent, FromStop, Logger } from '../ports.ts'
import { publishChange } from '../runtime/change-events.ts'
import { publishOutcome, type OutcomeEvent } from '../runtime/request-events.ts'

export interface Address {
  org: string
  device: string
}

export interface Outbox {
  command(to: Address, keyHex: string, command: UnsignedCommand, from?: FromStop): void
  lease(to: Address, keyHex: string, lease: UnsignedLease): void
  config(to: Address, config: Config): void
  publishEvent(org: string, event: ChangeEvent): void
  publishOutcome(org: string, event: OutcomeEvent): void
  /** Resolves when every message so far is sent or given up. */
  settled(): Promise<void>
}

/**
 * Signs commands and leases with the key of the device. A message that cannot be published is logged; nothing throws.
 */
export function createOutbox({ bus, log }: { bus: Bus; log: Logger }): Outbox {
  const inFlight = new Set<Promise<void>>()

  function track(context: object, published: Promise<void>): void {
    const settledPublish = published
      .catch((error: unknown) =>
        log.warn({ ...context, error }, 'could not be published; the protocol repeats it when due'),
      )
      .finally(() => inFlight.delete(settledPublish))
    inFlight.add(settledPublish)
  }

  const send = ({ org, device }: Address, kind: ServerKind, message: object, from?: FromStop): void => {
    const topic = topicOf(org, device, kind)
    track({ topic }, bus.publish(topic, JSON.stringify(message), { ...delivery[kind], ...from }))
  }

  return {
    command: (to, keyHex, command, from) => send(to, 'command', withMac(keyHex, command), from),
    lease: (to, keyHex, lease) => send(to, 'lease', withMac(keyHex, lease)),
    config: (to, config) => send(to, 'config', config),
    publishEvent: (org, change) => track({ org, event: change.event }, publishChange(bus, org, change)),
    publishOutcome: (org, outcome) => track({ org, request: outcome.id }, publishOutcome(bus, org, outcome)),
    async settled() {
      while (inFlight.size > 0) await Promise.all(inFlight)
    },
  }
}
