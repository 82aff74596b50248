/**
 * Limits the permanent caches of mqtt-packet. It caches the length bytes of every packet size below 16 KiB that it has
 * written, each as a slice of an 8 KiB pool that lives as long as the slice: over months that is 100 MB and more.
 * Written one after another the slices share their pools. The 65,536 two-byte numbers are not cached at all.
 */
import { writeToStream, type Packet } from 'mqtt-packet'

const CACHED_BELOW = 16_384 // lengths of one or two bytes
const TOPIC = 't'
const TOPIC_BYTES = 2 + TOPIC.length

let isPrepared = false

/** Call it before the first packet. Takes about 50 ms, once in a process. */
export function prepareCaches(): void {
  if (isPrepared) return
  isPrepared = true
  Object.assign(writeToStream, { cacheNumbers: false })
  const nowhere = { write: () => true } as unknown as NodeJS.WritableStream
  const payload = Buffer.alloc(CACHED_BELOW)
  for (let length = TOPIC_BYTES; length < CACHED_BELOW; length++) {
    const packet = { cmd: 'publish', topic: TOPIC, payload: payload.subarray(0, length - TOPIC_BYTES) }
    writeToStream(packet as Packet, nowhere)
  }
}
