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
export const packetReader = (): PacketReader => new Reader()

// of every connection that has received no part of a packet: an array of its own that has been filled once keeps its room
const NO_CHUNKS: Buffer[] = []
const NO_HEADER: number[] = []

// a class: each connection has one, and closures of its own would take four times the memory
class Reader implements PacketReader {
  #chunks: Buffer[] = NO_CHUNKS
  #at = 0 // in the first chunk
  #isConnected = false
  #isForeign = false
  #refusal: Refusal | null = null
  // of the packet that is being read; its length is unknown until its header is complete
  #header: number[] = NO_HEADER
  #length: number | null = null
  #split: { bytes: Buffer; filled: number } | null = null
  #skipping: ReturnType<typeof publishSkipper> | null = null

  add(chunk: Buffer): void {
    if (chunk.length === 0 || this.#refusal !== null) return
    if (this.#chunks.length === 0) this.#chunks = [chunk]
    else this.#chunks.push(chunk)
  }

  hasMore(): boolean {
    return this.#chunks.length > 0
  }

  acceptForeign(): void {
    this.#isForeign = true
  }

  next(): Packet | SkippedPublish | Refusal | null {
    if (this.#refusal !== null) return this.#refusal
    if (this.#skipping !== null) return this.#skipPublish(this.#skipping)
    if (this.#length === null) {
      const read = this.#readHeader()
      if (this.#skipping !== null) return this.#skipPublish(this.#skipping)
      if (typeof read !== 'number') return read
      this.#length = read
    }
    const bytes = this.#readPacket(this.#length)
    if (bytes === null) return null
    const packet = { bytes, body: bytes.subarray(this.#header.length) }
    this.#header = NO_HEADER
    this.#length = this.#split = null
    if (this.#isConnected) {
      const reason = packetFault(bytes[0]!, packet.body)
      return reason === null ? packet : this.#malformed(reason)
    }
    this.#isConnected = true
    const fault = connectFault(packet.body)
    return fault === null ? packet : this.#refuse(fault)
  }

  #refuse(why: Refusal): Refusal {
    this.#chunks = NO_CHUNKS
    this.#at = 0
    return (this.#refusal = why)
  }

  #malformed(reason: string): Refusal {
    return this.#refuse({ kind: 'malformed', reason })
  }

  #skip(count: number): void {
    this.#at += count
    if (this.#at < this.#chunks[0]!.length) return
    if (this.#chunks.length === 1) this.#chunks = NO_CHUNKS
    else this.#chunks.shift()
    this.#at = 0
  }

  #maxBytes(): number {
    if (!this.#isConnected) return MAX_CONNECT_BYTES
    return this.#isForeign ? MAX_FOREIGN_PACKET_BYTES : MAX_PACKET_BYTES
  }

  /** Drops what has arrived of a publish that is too long; returns it when it has passed. */
  #skipPublish(skipping: ReturnType<typeof publishSkipper>): SkippedPublish | null {
    while (this.#chunks.length > 0 && skipping.left() > 0)
      this.#skip(skipping.take(this.#chunks[0]!.subarray(this.#at)))
    if (skipping.left() > 0) return null
    this.#header = NO_HEADER
    this.#skipping = null
    return skipping.result()
  }

  /** Continues with the header; returns the remaining length when it is complete. */
  #readHeader(): number | Refusal | null {
    while (this.#chunks.length > 0) {
      const byte = this.#chunks[0]![this.#at]!
      this.#skip(1)
      if (this.#header.length === 0) {
        this.#header = [byte]
        if (!this.#isConnected && byte !== CONNECT)
          return this.#malformed(`the first packet must be CONNECT, got type ${byte >> 4} [MQTT-3.1.0-1]`)
        if (this.#isConnected && byte >> 4 === CONNECT >> 4)
          return this.#malformed('a second CONNECT [MQTT-3.1.0-2]')
        continue
      }
      this.#header.push(byte)
      if (byte < 0x80) return this.#checkLength()
      if (this.#header.length === 5) return this.#malformed('remaining length over 4 bytes')
    }
    return null
  }

  /** The remaining length of a complete header. */
  #checkLength(): number | Refusal | null {
    const remaining = this.#header
      .slice(1)
      .reduce((sum, seven, place) => sum + (seven & 0x7f) * 128 ** place, 0)
    if (remaining <= this.#maxBytes()) return remaining
    const first = this.#header[0]!
    if (this.#isForeign && first >> 4 === PUBLISH) {
      this.#skipping = publishSkipper(first, remaining)
      return null
    }
    const topic = topicAt(this.#chunks[0]?.subarray(this.#at), first)
    return this.#refuse({ kind: 'oversize', bytes: remaining, topic })
  }

  /** The packet, once it is complete; without a copy if it is in one chunk. */
  #readPacket(remaining: number): Buffer | null {
    const [chunks, header] = [this.#chunks, this.#header]
    const from = this.#at - header.length
    const isInChunk =
      this.#split === null && chunks.length > 0 && from >= 0 && chunks[0]!.length - this.#at >= remaining
    if (isInChunk && remaining > 0) {
      const bytes = chunks[0]!.subarray(from, this.#at + remaining)
      this.#skip(remaining)
      return bytes
    }
    if (this.#split === null) {
      this.#split = { bytes: Buffer.allocUnsafeSlow(header.length + remaining), filled: header.length }
      this.#split.bytes.set(header)
    }
    const { bytes } = this.#split
    while (this.#split.filled < bytes.length && this.#chunks.length > 0) {
      const copied = this.#chunks[0]!.copy(bytes, this.#split.filled, this.#at)
      this.#split.filled += copied
      this.#skip(copied)
    }
    return this.#split.filled === bytes.length ? bytes : null
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
