/**
 * Publishes the messages of dispatch. Nothing here waits: the protocol repeats a lost message, so the queue need not
 * wait for a slow network.
 */
import { withMac, type UnsignedCommand, type UnsignedLease } from '../../broker/contract/mac.ts'
import type { Config } from '../../broker/contract/messages.ts'
import { delivery, topicOf, type ServerKind } from '../../broker/contract/topics.ts'
import type { Bus, ChangeEvent, Logger } from '../ports.ts'
import { publishChange } from '../runtime/change-events.ts'
import { publishOutcome, type OutcomeEvent } from '../runtime/request-events.ts'

export interface Address {
  org: string
  device: string
}

export interface Outbox {
  command(to: Address, keyHex: string, command: UnsignedCommand): void
  lease(to: Address, keyHex: string, lease: UnsignedLease): void
  config(to: Address, config: Config): void
  publishEvent(org: string, event: ChangeEvent): void
  publishOutcome(org: string, event: OutcomeEvent): void
  /** Resolves when every message so far is sent or given up. */
  settled(): Promise<void>
}

export function createOutbox({ bus, log }: { bus: Bus; log: Logger }): Outbox {
  const leaving = new Set<Promise<void>>()

  function track(what: object, published: Promise<void>): void {
    const left = published
      .catch((error: unknown) =>
        log.warn({ ...what, error }, 'could not be published; the protocol repeats it when due'),
      )
      .finally(() => leaving.delete(left))
    leaving.add(left)
  }

  const send = ({ org, device }: Address, kind: ServerKind, message: object): void => {
    const topic = topicOf(org, device, kind)
    track({ topic }, bus.publish(topic, JSON.stringify(message), delivery[kind]))
  }

  return {
    command: (to, keyHex, command) => send(to, 'command', withMac(keyHex, command)),
    lease: (to, keyHex, lease) => send(to, 'lease', withMac(keyHex, lease)),
    config: (to, config) => send(to, 'config', config),
    publishEvent: (org, change) => track({ org, event: change.event }, publishChange(bus, org, change)),
    publishOutcome: (org, outcome) => track({ org, request: outcome.id }, publishOutcome(bus, org, outcome)),
    async settled() {
      while (leaving.size > 0) await Promise.all(leaving)
    },
  }
}
