/**
 * The retained messages: the newest of each topic. The in-memory store of aedes scans all of them for each SUBSCRIBE,
 * which takes minutes when ten thousand controllers reconnect; here a filter without a wildcard is one lookup.
 */
import { Readable } from 'node:stream'
import type { PublishPacket } from 'aedes'
import { matchesFilter } from '../contract/match-filter.ts'

export interface RetainedStore {
  /** An empty message removes the retained one of its topic [MQTT-3.3.1-10]. */
  storeRetained(packet: PublishPacket): Promise<void>
  /** The messages that match these filters, filter by filter. */
  createRetainedStreamCombi(filters: readonly string[]): Readable
}

const hasWildcard = (filter: string): boolean => filter.includes('+') || filter.includes('#')

/** Kept in memory: empty after a start of the broker. */
export function retainedStore(): RetainedStore {
  const messages = new Map<string, PublishPacket>()

  function* matching(filters: readonly string[]): Generator<PublishPacket> {
    for (const filter of filters)
      if (hasWildcard(filter)) {
        for (const [topic, packet] of messages) if (matchesFilter(filter, topic)) yield packet
      } else {
        const packet = messages.get(filter)
        if (packet) yield packet
      }
  }

  return {
    async storeRetained(packet) {
      if (packet.payload.length === 0) messages.delete(packet.topic)
      else messages.set(packet.topic, { ...packet })
    },
    createRetainedStreamCombi: (filters) => Readable.from(matching(filters)),
  }
}
