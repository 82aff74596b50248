/**
 * The retained messages: the newest of each topic. The in-memory store of aedes scans all of them for each SUBSCRIBE,
 * which takes minutes when ten thousand controllers reconnect; here a filter without a wildcard is one lookup, and one
 * below the mount of a gateway scans that mount only.
 */
import { Readable } from 'node:stream'
import type { PublishPacket } from 'aedes'
import { mountAbove } from '../contract/foreign-topics.ts'
import { matchesFilter } from '../contract/match-filter.ts'

export interface RetainedStore {
  /** An empty message removes the retained one of its topic [MQTT-3.3.1-10]. */
  storeRetained(packet: PublishPacket): Promise<void>
  /** The messages that match these filters, filter by filter. */
  createRetainedStreamCombi(filters: readonly string[]): Readable
  /** Whether there are messages below the mount of this gateway. */
  holdsGateway(gateway: string): boolean
  dropGateway(gateway: string): void
  /** Those below a mount, with topics as its gateway named them. */
  ofMount(mount: string): { topic: string; payload: Uint8Array }[]
}

const hasWildcard = (filter: string): boolean => filter.includes('+') || filter.includes('#')

interface Group {
  messages: Map<string, PublishPacket>
  bytes: number
}

// of a message beyond its topic and payload
const MESSAGE_BYTES = 200
const bytesOf = ({ topic, payload }: PublishPacket): number => payload.length + topic.length + MESSAGE_BYTES

/**
 * Kept in memory: empty after a start of the broker. The messages of one gateway take at most `bytesPerMount`: beyond
 * that a new one is not kept, nor is the older one of its topic.
 */
export function retainedStore(bytesPerMount = Infinity): RetainedStore {
  // by mount; all messages outside of mounts are one group
  const groups = new Map<string, Group>()

  /** The groups with messages that a filter can match. */
  function groupsOf(filter: string): Iterable<Group> {
    const mount = mountAbove(filter)
    if (mount === null && hasWildcard(filter)) return groups.values()
    const group = groups.get(mount ?? '')
    return group === undefined ? [] : [group]
  }

  function* matching(filters: readonly string[]): Generator<PublishPacket> {
    for (const filter of filters)
      for (const { messages } of groupsOf(filter))
        if (hasWildcard(filter)) {
          for (const [topic, packet] of messages) if (matchesFilter(filter, topic)) yield packet
        } else {
          const packet = messages.get(filter)
          if (packet) yield packet
        }
  }

  const mountsOf = (gateway: string) => [...groups.keys()].filter((mount) => mount.endsWith(`/${gateway}/`))

  function remove(mount: string, group: Group, topic: string): void {
    const packet = group.messages.get(topic)
    if (packet === undefined) return
    group.messages.delete(topic)
    group.bytes -= bytesOf(packet)
    if (group.messages.size === 0) groups.delete(mount)
  }

  return {
    async storeRetained(packet) {
      const mount = mountAbove(packet.topic) ?? ''
      const group = groups.get(mount) ?? { messages: new Map<string, PublishPacket>(), bytes: 0 }
      remove(mount, group, packet.topic)
      const bytes = group.bytes + bytesOf(packet)
      if (packet.payload.length === 0 || (mount !== '' && bytes > bytesPerMount)) return
      group.messages.set(packet.topic, { ...packet })
      group.bytes = bytes
      groups.set(mount, group)
    },
    createRetainedStreamCombi: (filters) => Readable.from(matching(filters)),
    holdsGateway: (gateway) => mountsOf(gateway).length > 0,
    dropGateway: (gateway) => mountsOf(gateway).forEach((mount) => groups.delete(mount)),
    ofMount: (mount) =>
      [...(groups.get(mount)?.messages.values() ?? [])].map(({ topic, payload }) => ({
        topic: topic.slice(mount.length),
        payload: Buffer.from(payload),
      })),
  }
}
