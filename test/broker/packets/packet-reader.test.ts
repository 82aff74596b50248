import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import {
  MAX_CONNECT_BYTES,
  MAX_PACKET_BYTES,
  packetReader,
  type PacketReader,
} from '../../../broker/packets/packet-reader.ts'
import { runs } from '../../support/runs.ts'

const connect = generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: 'probe1',
  keepalive: 60,
})
const publish = (bytes: number) =>
  generate({
    cmd: 'publish',
    topic: 'tilth/v1/coop/probe1/telemetry',
    payload: Buffer.alloc(bytes),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  })
const ping = generate({ cmd: 'pingreq' })

function connected(): PacketReader {
  const reader = packetReader()
  reader.add(connect)
  expect(reader.next()).toMatchObject({ bytes: connect })
  return reader
}

/** The results of the reader for these bytes, packet after packet. */
function read(reader: PacketReader, bytes: Buffer) {
  reader.add(bytes)
  const found = []
  for (let next = reader.next(); next !== null; next = reader.next()) {
    found.push(next)
    if ('kind' in next) break
  }
  return found
}

describe('the packet reader', () => {
  it('finds the same packets however the network cuts the stream', () => {
    const packets = [ping, publish(300), publish(20_000), ping, publish(0), ping]
    const stream = Buffer.concat(packets)
    for (const size of [1, 2, 3, 7, 100, 4_096, stream.length]) {
      const reader = connected()
      const found: Buffer[] = []
      for (let at = 0; at < stream.length; at += size)
        for (const each of read(reader, stream.subarray(at, at + size)))
          if ('bytes' in each && 'body' in each) found.push(each.bytes)
      expect(found).toEqual(packets)
      expect(reader.hasMore()).toBe(false)
    }
  })

  it('finds the same packets in any cut (property)', () => {
    const packets = [connect, ping, publish(200), ping, ping, publish(3)]
    const stream = Buffer.concat(packets)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1 }), (sizes) => {
        const reader = packetReader()
        const found: Buffer[] = []
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const end = at + sizes[turn % sizes.length]!
          for (const each of read(reader, stream.subarray(at, end)))
            if ('body' in each) found.push(each.bytes)
          at = end
        }
        expect(found).toEqual(packets)
      }),
    )
  })

  it('never throws and never returns an invalid packet, for any bytes (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (chunks) => {
        const reader = connected()
        let isRefused = false
        for (const chunk of chunks) {
          const found = read(reader, Buffer.from(chunk))
          if (isRefused) expect(found.every((each) => 'kind' in each)).toBe(true)
          isRefused ||= found.some((each) => 'kind' in each)
          for (const each of found) if ('body' in each) expect(each.bytes.length).toBeGreaterThanOrEqual(2)
        }
      }),
      { numRuns: runs(1_000) },
    )
  })

  it('accepts a payload of 64 KiB and rejects a larger one before its first byte', () => {
    expect(read(connected(), publish(65_536))).toMatchObject([{ bytes: publish(65_536) }])
    const large = publish(10_000_000)
    const stream = Buffer.concat([ping, large.subarray(0, 1_000)])
    expect(read(connected(), stream)).toMatchObject([
      { bytes: ping },
      { kind: 'oversize', bytes: 10_000_034, topic: 'tilth/v1/coop/probe1/telemetry' },
    ])
    expect(large.length - 5).toBe(10_000_034)
  })

  it('returns no topic before it has arrived', () => {
    const [found] = read(connected(), publish(MAX_PACKET_BYTES).subarray(0, 20))
    expect(found).toMatchObject({ kind: 'oversize', topic: null })
  })

  it('a CONNECT has 4 KiB at most', () => {
    const long = Buffer.from([0x10, 0xff, 0xff, 0x7f, 0, 4])
    expect(read(packetReader(), long)).toMatchObject([{ kind: 'oversize', bytes: 128 ** 3 - 1 }])
    expect(MAX_CONNECT_BYTES).toBe(4_096)
  })
})
