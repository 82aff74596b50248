/**
 * Reads the frames of an MQTT stream without keeping them: each packet's first byte and remaining length
 * (MQTT 3.1.1, 2.2), so that a packet that is too large is refused before anything is buffered. Pure.
 */
import { MAX_PAYLOAD_BYTES } from './contract/messages.ts'

export const MAX_CONNECT_BYTES = 4_096
/** A payload at its limit, with topic and packet id. */
export const MAX_PACKET_BYTES = MAX_PAYLOAD_BYTES + 256

const CONNECT = 0x10
const PUBLISH = 3

export interface Scan {
  /** how many bytes of the chunk may go on */
  end: number
  /** why the rest may not: the CONNECT is complete and has to be answered first, or the stream is refused */
  stop:
    | null
    | { kind: 'connect' }
    | { kind: 'oversize'; bytes: number; topic: string | null }
    | { kind: 'malformed'; reason: string }
}

export function packetScanner(): (chunk: Uint8Array) => Scan {
  let isConnected = false
  let phase: 'first' | 'length' | 'body' = 'first'
  let first = 0
  let length = 0
  let lengthBytes = 0
  let left = 0

  function refuseFirst(): string | null {
    if (!isConnected && first !== CONNECT) return `the first packet must be CONNECT, got type ${first >> 4}` // [MQTT-3.1.0-1]
    if (isConnected && first >> 4 === CONNECT >> 4) return 'a second CONNECT' // [MQTT-3.1.0-2]
    return null
  }

  return (chunk) => {
    let at = 0
    let packetAt = 0
    while (at < chunk.length) {
      if (phase === 'first') {
        packetAt = at
        first = chunk[at++]!
        length = lengthBytes = 0
        const reason = refuseFirst()
        if (reason !== null) return { end: packetAt, stop: { kind: 'malformed', reason } }
        phase = 'length'
      } else if (phase === 'length') {
        const byte = chunk[at++]!
        length += (byte & 0x7f) * 128 ** lengthBytes++
        if (byte & 0x80) {
          if (lengthBytes === 4)
            return { end: packetAt, stop: { kind: 'malformed', reason: 'remaining length over 4 bytes' } }
          continue
        }
        if (length > (isConnected ? MAX_PACKET_BYTES : MAX_CONNECT_BYTES))
          return {
            end: packetAt,
            stop: { kind: 'oversize', bytes: length, topic: topicAt(chunk, at, first) },
          }
        left = length
        phase = left === 0 ? 'first' : 'body'
      } else {
        const taken = Math.min(left, chunk.length - at)
        at += taken
        left -= taken
        if (left > 0) continue
        phase = 'first'
        if (isConnected) continue
        isConnected = true
        return { end: at, stop: { kind: 'connect' } }
      }
    }
    return { end: at, stop: null }
  }
}

/** The topic of a PUBLISH whose body begins at `at`, when the chunk holds all of it. */
function topicAt(chunk: Uint8Array, at: number, first: number): string | null {
  if (first >> 4 !== PUBLISH || chunk.length < at + 2) return null
  const end = at + 2 + chunk[at]! * 256 + chunk[at + 1]!
  return end > chunk.length ? null : new TextDecoder().decode(chunk.subarray(at + 2, Math.min(end, at + 202)))
}
