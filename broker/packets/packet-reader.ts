/**
 * Splits an MQTT stream into complete packets (MQTT 3.1.1, 2.2) and passes none that the standard or the contract
 * forbids. An oversize packet is refused by its header, before any of it is buffered. Pure.
 */
import { connectFault } from './connect-check.ts'
import { MAX_CATALOGUE_BYTES, MAX_FOREIGN_TOPIC_BYTES } from '../contract/foreign-topics.ts'
import { MAX_PAYLOAD_BYTES } from '../contract/messages.ts'
import { packetFault } from './packet-check.ts'

export const MAX_CONNECT_BYTES = 4_096
/** A payload of the largest size, with topic and packet id. */
export const MAX_PACKET_BYTES = MAX_PAYLOAD_BYTES + 256
/** The same of a gateway; a longer publish is skipped. */
export const MAX_FOREIGN_PACKET_BYTES = MAX_CATALOGUE_BYTES + MAX_FOREIGN_TOPIC_BYTES + 4

const CONNECT = 0x10
const PUBLISH = 3

export interface Packet {
  /** header and body */
  bytes: Buffer
  body: Buffer // a view of the same bytes
}

export type Refusal =
  | { kind: 'oversize'; bytes: number; topic: string | null }
  | { kind: 'malformed'; reason: string }
  /** a CONNECT that receives this return code before the connection is closed */
  | { kind: 'refused'; returnCode: 1 | 2; reason: string }

/** A publish of a gateway that was too long to receive. */
export interface SkippedPublish {
  kind: 'skipped'
  topic: string // its start
  bytes: number
  isRetained: boolean
  messageId: number | null // null with QoS 0
}

export interface PacketReader {
  add(chunk: Buffer): void
  /** The next complete packet, or why there will be none; null if more bytes are needed. */
  next(): Packet | SkippedPublish | Refusal | null
  /** The sender is a gateway: catalogues may be long, and a publish that is longer is skipped instead of refused. */
  acceptForeign(): void
  /** whether there are buffered bytes that `next` has not processed */
  hasMore(): boolean
}

/**
 * For one connection, from its first byte. After a refusal, further bytes are dropped and `next` repeats the refusal.
 */
export function packetReader(): PacketReader {
  const chunks: Buffer[] = []
  let at = 0 // in the first chunk
  let isConnected = false
  let isForeign = false
  let refusal: Refusal | null = null
  // of the packet that is being read; its length is unknown until its header is complete
  let header: number[] = []
  let length: number | null = null
  let split: { bytes: Buffer; filled: number } | null = null
  let skipping: ReturnType<typeof publishSkipper> | null = null

  function refuse(why: Refusal): Refusal {
    chunks.length = at = 0
    return (refusal = why)
  }
  const malformed = (reason: string) => refuse({ kind: 'malformed', reason })

  function skip(count: number): void {
    at += count
    if (at < chunks[0]!.length) return
    chunks.shift()
    at = 0
  }

  const maxBytes = () =>
    !isConnected ? MAX_CONNECT_BYTES : isForeign ? MAX_FOREIGN_PACKET_BYTES : MAX_PACKET_BYTES

  /** Drops what has arrived of a publish that is too long; returns it when it has passed. */
  function skipPublish(): SkippedPublish | null {
    while (chunks.length > 0 && skipping!.left() > 0) skip(skipping!.take(chunks[0]!.subarray(at)))
    if (skipping!.left() > 0) return null
    const skipped = skipping!.result()
    header = []
    skipping = null
    return skipped
  }

  /** Continues with the header; returns the remaining length when it is complete. */
  function readHeader(): number | Refusal | null {
    while (chunks.length > 0) {
      const byte = chunks[0]![at]!
      skip(1)
      header.push(byte)
      if (header.length === 1) {
        if (!isConnected && byte !== CONNECT)
          return malformed(`the first packet must be CONNECT, got type ${byte >> 4} [MQTT-3.1.0-1]`)
        if (isConnected && byte >> 4 === CONNECT >> 4) return malformed('a second CONNECT [MQTT-3.1.0-2]')
      } else if (byte < 0x80) {
        const remaining = header
          .slice(1)
          .reduce((sum, seven, place) => sum + (seven & 0x7f) * 128 ** place, 0)
        if (remaining <= maxBytes()) return remaining
        if (isForeign && header[0]! >> 4 === PUBLISH) {
          skipping = publishSkipper(header[0]!, remaining)
          return null
        }
        return refuse({
          kind: 'oversize',
          bytes: remaining,
          topic: topicAt(chunks[0]?.subarray(at), header[0]!),
        })
      } else if (header.length === 5) return malformed('remaining length over 4 bytes')
    }
    return null
  }

  /** The packet, once it is complete; without a copy if it is in one chunk. */
  function readPacket(remaining: number): Buffer | null {
    const from = at - header.length
    const isInChunk = split === null && chunks.length > 0 && from >= 0 && chunks[0]!.length - at >= remaining
    if (isInChunk && remaining > 0) {
      const bytes = chunks[0]!.subarray(from, at + remaining)
      skip(remaining)
      return bytes
    }
    if (split === null) {
      split = { bytes: Buffer.allocUnsafeSlow(header.length + remaining), filled: header.length }
      split.bytes.set(header)
    }
    const { bytes } = split
    while (split.filled < bytes.length && chunks.length > 0) {
      const copied = chunks[0]!.copy(bytes, split.filled, at)
      split.filled += copied
      skip(copied)
    }
    return split.filled === bytes.length ? bytes : null
  }

  return {
    add: (chunk) => void (chunk.length > 0 && refusal === null && chunks.push(chunk)),
    hasMore: () => chunks.length > 0,
    acceptForeign: () => void (isForeign = true),
    next() {
      if (refusal !== null) return refusal
      if (skipping !== null) return skipPublish()
      if (length === null) {
        const read = readHeader()
        if (skipping !== null) return skipPublish()
        if (typeof read !== 'number') return read
        length = read
      }
      const bytes = readPacket(length)
      if (bytes === null) return null
      const packet = { bytes, body: bytes.subarray(header.length) }
      header = []
      length = split = null
      if (isConnected) {
        const reason = packetFault(bytes[0]!, packet.body)
        return reason === null ? packet : malformed(reason)
      }
      isConnected = true
      const fault = connectFault(packet.body)
      return fault === null ? packet : refuse(fault)
    },
  }
}

/** Takes the bytes of a publish and keeps its topic and packet id only. */
export function publishSkipper(first: number, bytes: number) {
  const hasId = (first & 0x06) !== 0
  let head = Buffer.alloc(0)
  let taken = 0
  return {
    left: () => bytes - taken,
    take(chunk: Buffer): number {
      const count = Math.min(chunk.length, bytes - taken)
      if (head.length < MAX_HEAD_BYTES)
        head = Buffer.concat([head, chunk.subarray(0, Math.min(count, MAX_HEAD_BYTES - head.length))])
      taken += count
      return count
    },
    result(): SkippedPublish {
      const idAt = 2 + head.readUInt16BE(0)
      return {
        kind: 'skipped',
        topic: topicAt(head, first) ?? '',
        bytes,
        isRetained: (first & 1) !== 0,
        messageId: hasId ? head.readUInt16BE(idAt) : null,
      }
    },
  }
}
// two bytes of length, the longest topic, two bytes of packet id: a publish that is skipped is longer
const MAX_HEAD_BYTES = 2 + 65_535 + 2

/** The topic of a PUBLISH whose body starts with the chunk, if the chunk contains all of it. */
function topicAt(chunk: Buffer | undefined, first: number): string | null {
  if (first >> 4 !== PUBLISH || chunk === undefined || chunk.length < 2) return null
  const end = 2 + chunk.readUInt16BE(0)
  return end > chunk.length ? null : chunk.toString('utf8', 2, Math.min(end, 202))
}
