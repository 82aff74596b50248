/** What mqtt-packet remembers of the packets it has written costs little memory. */
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { generate } from 'mqtt-packet'
import { expect, it } from 'vitest'
import { prepareCaches } from '../../../broker/packets/packet-caches.ts'

v8.setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const MB = 1e6

/** Buffers are freed outside the program's control, some time after the collection that found them. */
async function settled(): Promise<void> {
  for (let last = Infinity, round = 0; round < 50; round++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
    const { arrayBuffers } = process.memoryUsage()
    if (arrayBuffers >= last) return
    last = arrayBuffers
  }
}

it('packets of every size, between other work on the same pools, leave no pool behind', async () => {
  prepareCaches()
  await settled()
  const before = process.memoryUsage().arrayBuffers
  for (let bytes = 0; bytes < 12_000; bytes++) {
    Buffer.allocUnsafe(4_000)
    const packet = generate({
      cmd: 'publish',
      topic: 't',
      payload: Buffer.alloc(bytes),
      qos: 1,
      messageId: bytes + 1,
      dup: false,
      retain: false,
    })
    // the bytes are those of the protocol: type and flags, remaining length, topic, packet identifier
    const rest = bytes + 5
    const length = rest < 128 ? [rest] : [(rest % 128) | 0x80, rest >> 7]
    const id = [(bytes + 1) >> 8, (bytes + 1) & 0xff]
    expect([...packet.subarray(0, length.length + 6)]).toEqual([0x32, ...length, 0, 1, 0x74, ...id])
  }
  await settled()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MB) // 60 MB without
})
