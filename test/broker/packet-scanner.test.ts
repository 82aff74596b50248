import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { MAX_CONNECT_BYTES, MAX_PACKET_BYTES, packetScanner } from '../../broker/packet-scanner.ts'

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

function connected() {
  const scan = packetScanner()
  expect(scan(connect)).toEqual({ end: connect.length, stop: { kind: 'connect' } })
  return scan
}

describe('the packet scanner', () => {
  it('stops behind CONNECT, which has to be answered first', () => {
    const both = Buffer.concat([connect, ping])
    expect(packetScanner()(both)).toEqual({ end: connect.length, stop: { kind: 'connect' } })
  })

  it('finds the same packets however the network cuts the stream', () => {
    const stream = Buffer.concat([ping, publish(300), publish(20_000), ping, publish(0)])
    for (const size of [1, 2, 3, 7, 100, 4_096]) {
      const scan = connected()
      for (let at = 0; at < stream.length; at += size) {
        const chunk = stream.subarray(at, at + size)
        expect(scan(chunk)).toEqual({ end: chunk.length, stop: null })
      }
    }
  })

  it('lets a payload of 64 KiB pass and stops what is larger before its first byte', () => {
    expect(connected()(publish(65_536)).stop).toBeNull()
    const large = publish(10_000_000)
    const stream = Buffer.concat([ping, large.subarray(0, 1_000)])
    expect(connected()(stream)).toEqual({
      end: ping.length,
      stop: { kind: 'oversize', bytes: 10_000_034, topic: 'tilth/v1/coop/probe1/telemetry' },
    })
    expect(large.length - 5).toBe(10_000_034)
  })

  it('says no topic where it has not come yet', () => {
    expect(connected()(publish(MAX_PACKET_BYTES).subarray(0, 20)).stop).toMatchObject({
      kind: 'oversize',
      topic: null,
    })
  })

  it('a CONNECT has 4 KiB at the most', () => {
    const long = Buffer.from([0x10, 0xff, 0xff, 0x7f, 0, 4])
    expect(packetScanner()(long).stop).toMatchObject({ kind: 'oversize', bytes: 128 ** 3 - 1 })
    expect(MAX_CONNECT_BYTES).toBe(4_096)
  })

  it('the first packet is CONNECT [MQTT-3.1.0-1], and there is only one [MQTT-3.1.0-2]', () => {
    expect(packetScanner()(ping).stop).toMatchObject({ kind: 'malformed' })
    expect(connected()(connect).stop).toMatchObject({ kind: 'malformed' })
  })

  it('a remaining length has 4 bytes at the most (MQTT 3.1.1, 2.2.3)', () => {
    expect(connected()(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1])).stop).toMatchObject({
      kind: 'malformed',
    })
  })
})
