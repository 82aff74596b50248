/**
 * A ChirpStack v4 as its MQTT integration shows it: a broker of its own (MQTT 5, QoS 1, one account), and the JSON of its
 * events. It forwards only uplinks, and has no queue: what it publishes while nobody listens is lost.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { generate, parser, type Packet } from 'mqtt-packet'
import type { Clock } from '../../broker/contract/time.ts'

const APPLICATION = '6f1f6c3e-0d4b-4d0e-9a53-3b1f2c7d5e10'
const TENANT = '52f14cd4-c6f1-4fbd-8f87-4025e1d49242'
const BAD_ACCOUNT = 0x86
const VERSION = { protocolVersion: 5 }

/** A device as it is registered at the network server. */
export interface LorawanDevice {
  devEui: string
  devAddr: string
  name: string
  /** the name of its device profile, by which Tilth recognises the model */
  model: string
}

export interface ChirpStack {
  /** of its broker */
  url: string
  /** Publishes an uplink; the frame counter rises by one. */
  uplink(device: LorawanDevice, fPort: number, frame: Uint8Array): void
  stop(): Promise<void>
}

/** Listens on a free port of this machine. */
export async function startChirpstack(
  clock: Clock,
  account: { userName: string; secret: string },
): Promise<ChirpStack> {
  const sockets = new Set<Socket>()
  const subscribers = new Set<Socket>()
  const counters = new Map<string, number>()
  let messageId = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    const leave = () => [sockets, subscribers].forEach((set) => set.delete(socket))
    socket.on('close', leave).on('error', () => socket.destroy())
    const read = parser(VERSION)
    read.on('packet', (packet: Packet) => answer(socket, packet))
    read.on('error', () => socket.destroy())
    socket.on('data', (chunk) => void read.parse(chunk))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const send = (socket: Socket, packet: Packet) => void socket.write(generate(packet, VERSION))

  function answer(socket: Socket, packet: Packet): void {
    switch (packet.cmd) {
      case 'connect': {
        const isKnown = packet.username === account.userName && packet.password?.toString() === account.secret
        send(socket, { cmd: 'connack', reasonCode: isKnown ? 0 : BAD_ACCOUNT, sessionPresent: false })
        if (!isKnown) socket.end()
        return
      }
      case 'subscribe':
        send(socket, {
          cmd: 'suback',
          messageId: packet.messageId!,
          granted: packet.subscriptions.map(({ qos }) => qos),
        })
        return void subscribers.add(socket)
      case 'publish':
        // a downlink; its sensors take none
        if (packet.qos === 1) send(socket, { cmd: 'puback', messageId: packet.messageId!, reasonCode: 0 })
        return
      case 'pingreq':
        return send(socket, { cmd: 'pingresp' })
      case 'disconnect':
        return void socket.end()
      default:
        // acknowledgements
        return
    }
  }

  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uplink(device, fPort, frame) {
      const fCnt = counters.get(device.devEui) ?? 0
      counters.set(device.devEui, fCnt + 1)
      const payload = JSON.stringify(upEvent(device, { fCnt, fPort, frame, atMs: clock.now() }))
      const topic = `application/${APPLICATION}/device/${device.devEui}/event/up`
      messageId = (messageId % 65_535) + 1
      for (const socket of subscribers)
        send(socket, { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId })
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The event `up` of api/integration.proto, as JSON; its device profile has no decoder, so there is no `object`. */
function upEvent(
  { devEui, devAddr, name, model }: LorawanDevice,
  { fCnt, fPort, frame, atMs }: { fCnt: number; fPort: number; frame: Uint8Array; atMs: number },
): object {
  const time = new Date(atMs).toISOString()
  return {
    deduplicationId: randomUUID(),
    time,
    deviceInfo: {
      tenantId: TENANT,
      tenantName: 'Shinano Hills',
      applicationId: APPLICATION,
      applicationName: 'fields',
      deviceProfileId: '9b0c1f52-6a57-4a29-8f2e-7f4f0d6f3c11',
      deviceProfileName: model,
      deviceName: name,
      devEui,
      deviceClassEnabled: 'CLASS_A',
      tags: {},
    },
    devAddr,
    adr: true,
    dr: 3,
    fCnt,
    fPort,
    confirmed: false,
    data: Buffer.from(frame).toString('base64'),
    rxInfo: [
      {
        gatewayId: '24e124fffef0a1b2',
        uplinkId: fCnt + 1,
        gwTime: time,
        rssi: -97,
        snr: 7.2,
        channel: 2,
        location: {},
        crcStatus: 'CRC_OK',
      },
    ],
    txInfo: {
      frequency: 923_400_000,
      modulation: { lora: { bandwidth: 125_000, spreadingFactor: 9, codeRate: 'CR_4_5' } },
    },
  }
}
