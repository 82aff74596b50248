/**
 * What is kept for who comes later: the newest message of each topic. aedes' own memory looks through all of it at
 * each SUBSCRIBE, so that ten thousand controllers that come back would keep it busy for minutes; a filter without a
 * wildcard names its topic, and that one is looked up.
 */
import { Readable } from 'node:stream'
import type { PublishPacket } from 'aedes'
import { matchesFilter } from '../contract/match-filter.ts'

export interface RetainedStore {
  /** An empty message ends what was kept of its topic [MQTT-3.3.1-10]. */
  storeRetained(packet: PublishPacket): Promise<void>
  /** All that falls under these filters, for each filter by itself. */
  createRetainedStreamCombi(filters: readonly string[]): Readable
}

const hasWildcard = (filter: string): boolean => filter.includes('+') || filter.includes('#')

export function retainedStore(): RetainedStore {
  const kept = new Map<string, PublishPacket>()

  function* matching(filters: readonly string[]): Generator<PublishPacket> {
    for (const filter of filters)
      if (hasWildcard(filter)) {
        for (const [topic, packet] of kept) if (matchesFilter(filter, topic)) yield packet
      } else {
        const packet = kept.get(filter)
        if (packet) yield packet
      }
  }

  return {
    async storeRetained(packet) {
      if (packet.payload.length === 0) kept.delete(packet.topic)
      else kept.set(packet.topic, { ...packet })
    },
    createRetainedStreamCombi: (filters) => Readable.from(matching(filters)),
  }
}
