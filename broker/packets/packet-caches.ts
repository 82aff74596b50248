/**
 * What mqtt-packet keeps for ever, kept small. It remembers the length bytes of every size of packet below 16 KiB that
 * it has written, each cut from a pool of 8 KiB that stays as long as they do: over the months that is 100 MB and more.
 * Written one after another they share their pools. The 65,536 numbers of two bytes are not kept at all.
 */
import { writeToStream, type Packet } from 'mqtt-packet'

const KEPT_BELOW = 16_384 // lengths of one or two bytes
const TOPIC = 't'
const TOPIC_BYTES = 2 + TOPIC.length

let isPrepared = false

/** To be called before the first packet. Takes some 50 ms, once in a process. */
export function prepareCaches(): void {
  if (isPrepared) return
  isPrepared = true
  Object.assign(writeToStream, { cacheNumbers: false })
  const nowhere = { write: () => true } as unknown as NodeJS.WritableStream
  const payload = Buffer.alloc(KEPT_BELOW)
  for (let length = TOPIC_BYTES; length < KEPT_BELOW; length++) {
    const packet = { cmd: 'publish', topic: TOPIC, payload: payload.subarray(0, length - TOPIC_BYTES) }
    writeToStream(packet as Packet, nowhere)
  }
}
