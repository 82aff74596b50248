import { duplexPair } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { onFirstPacket } from '../../../broker/packets/first-packet.ts'

// CONNECT of client id "a", keepalive 60
const connect = Buffer.from([0x10, 13, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, 1, 0x61])
const ping = Buffer.from([0xc0, 0])

function arrived() {
  const [device, connection] = duplexPair()
  device.resume()
  device.on('error', () => {})
  const first: Buffer[] = []
  onFirstPacket(connection, () => {
    connection.on('data', (chunk: Buffer) => first.push(chunk))
    connection.resume()
  })
  return { device, connection, heard: () => Buffer.concat(first) }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a new connection', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['at once, with more behind it', [Buffer.concat([connect, ping])]],
    ['byte by byte', [...connect].map((byte) => Buffer.from([byte])).concat(ping)],
  ])('is passed on from its first byte when its CONNECT has arrived %s', async (_how, chunks) => {
    const { device, heard } = arrived()
    for (const chunk of chunks) {
      device.write(chunk)
      await turns()
    }
    expect(heard()).toEqual(Buffer.concat([connect, ping]))
  })

  it('is passed on before the CONNECT is complete only if its bytes cannot be one', async () => {
    const [half, wrong] = [arrived(), arrived()]
    half.device.write(connect.subarray(0, -1))
    wrong.device.write(ping)
    await turns()
    expect(half.heard()).toHaveLength(0)
    expect(wrong.heard()).toEqual(ping)
  })

  it('is closed after 5 s without a complete CONNECT, and not after one', async () => {
    const [silent, dripping, spoken] = [arrived(), arrived(), arrived()]
    dripping.device.write(connect.subarray(0, 3))
    spoken.device.write(connect)
    await turns()
    vi.advanceTimersByTime(4_999)
    expect([silent, dripping, spoken].map(({ connection }) => connection.destroyed)).not.toContain(true)
    vi.advanceTimersByTime(1)
    expect([silent, dripping, spoken].map(({ connection }) => connection.destroyed)).toEqual([
      true,
      true,
      false,
    ])
  })

  it('is closed when it disconnects before its CONNECT', async () => {
    const { device, connection } = arrived()
    device.end(connect.subarray(0, 5))
    await turns()
    expect(connection.destroyed).toBe(true)
  })
})
