/** The way of an integration that Tilth listens to at its own broker: ChirpStack, The Things Stack, Zigbee2MQTT ... */
import type { Clock } from '../ports.ts'
import type { IntegrationMessage, IntegrationProblem } from '../ports/integrations.ts'
import { readTopics, type IntegrationRow } from '../tables.ts'
import { defaultTopics } from './default-topics.ts'
import { failedWay } from './failed-way.ts'
import { statusKeeper, type StartWay, type Way } from './way.ts'

/** A client at another broker, with a session that outlives a connection. */
export interface OtherBroker extends Pick<Way, 'publish' | 'isConnected' | 'stop'> {
  retained(): IntegrationMessage[]
}

/** Connects, and reconnects until it is stopped. */
export type OpenOtherBroker = (options: {
  org: string
  integration: string
  url: string
  userName: string | null
  password: string | null
  version: 4 | 5
  filters: readonly string[]
  onMessage(message: IntegrationMessage): void
  /** null: connected */
  onState(problem: { problem: IntegrationProblem; reason: string } | null): void
}) => OtherBroker | null

const MAX_FILTERS = 64

/** `open`: null for an address that names no broker. `onConnected`: called after each connection. */
export function brokerWays(deps: {
  open: OpenOtherBroker
  clock: Clock
  onConnected?(row: IntegrationRow): void
}): StartWay {
  const { open, clock, onConnected } = deps
  return (row, events) => {
    const status = statusKeeper(() => clock.now())
    const filters = row.topics === null ? defaultTopics(row) : readTopics(row.topics)
    if (filters.length === 0 || filters.length > MAX_FILTERS)
      return failedWay(() => clock.now(), {
        problem: 'topics',
        reason: `expected 1 to ${MAX_FILTERS} topics, got ${filters.length}`,
      })
    const other = open({
      org: row.org,
      integration: row.id,
      url: row.url!,
      userName: row.userName,
      password: row.secret,
      // ChirpStack's own integration speaks MQTT 5, the others speak 3.1.1
      version: row.kind === 'chirpstack' ? 5 : 4,
      filters,
      onMessage(message) {
        status.received(message.receivedMs)
        events.onMessage(message)
      },
      onState(problem) {
        const was = status.read().state
        if (!status.set(problem === null ? { state: 'connected' } : { state: 'failed', ...problem })) return
        const isNow = problem === null
        if (isNow !== (was === 'connected')) events.onConnected(isNow)
        if (isNow) onConnected?.(row)
      },
    })
    if (other === null)
      return failedWay(() => clock.now(), {
        problem: 'address',
        reason: 'expected an address such as mqtt://HOST:1883 or mqtts://HOST:8883',
      })
    return { ...other, get: () => Promise.resolve(null), status: status.read }
  }
}
