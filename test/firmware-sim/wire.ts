/** A plain broker and a subscriber for the tests of devices: it receives their messages as a server would. */
import { Aedes } from 'aedes'
import mqtt, { type MqttClient } from 'mqtt'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { deviceKinds, parseTopic, type Kind } from '../../broker/contract/topics.ts'
import { disableNagle } from '../../firmware-sim/devices/link.ts'

export interface Heard {
  device: string
  kind: Kind
  // the tests look into what came
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  message: any
  retained: boolean
}

export interface Wire {
  url: string
  port: number
  /** Holds every PUBACK of telemetry while true. */
  hold(isHeld: boolean): void
  heard: Heard[]
  /** Messages of a device itself, without its will. */
  countOf(device: string): number
  of(device: string, kind: Kind): Heard['message'][]
  /** Resolves with the first message, past or future, that fits. */
  when(fits: (heard: Heard) => boolean): Promise<Heard>
  /** Calls for each message, as a scripted server would. */
  on(run: (heard: Heard) => void): void
  say(topic: string, message: object, retain?: boolean): Promise<void>
  /** The broker goes away without a word; `up` brings it back on the same port. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export async function startWire(): Promise<Wire> {
  const heard: Heard[] = []
  const counts = new Map<string, number>()
  const listeners = new Set<(heard: Heard) => void>()
  const held: (() => void)[] = []
  let isHeld = false
  let port = 0
  let broker: Aedes
  let server: Server
  let ear: MqttClient

  async function up(): Promise<void> {
    broker = await Aedes.createBroker({
      authorizePublish(client, packet, done) {
        const isTelemetry = packet.topic.endsWith('/telemetry')
        if (isHeld && isTelemetry) held.push(() => done(null))
        else done(null)
      },
    })
    server = createServer({ noDelay: true }, broker.handle)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
    ear = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'ear', reconnectPeriod: 0 })
    ear.on('message', (topic, payload, packet) => {
      const address = parseTopic(topic)
      if (!address.ok) return
      const { device, kind } = address.value
      const one = { device, kind, message: JSON.parse(payload.toString()), retained: packet.retain }
      heard.push(one)
      if (isSaidByDevice(one)) counts.set(device, (counts.get(device) ?? 0) + 1)
      for (const run of listeners) run(one)
    })
    disableNagle(ear)
    await ear.subscribeAsync('tilth/v1/+/+/#', { qos: 1 })
  }

  async function down(): Promise<void> {
    ear.end(true)
    await new Promise<void>((resolve) => broker.close(() => resolve()))
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  await up()
  return {
    get url() {
      return `mqtt://127.0.0.1:${port}`
    },
    get port() {
      return port
    },
    hold(now) {
      isHeld = now
      if (!now) for (const go of held.splice(0)) go()
    },
    heard,
    countOf: (device) => counts.get(device) ?? 0,
    of: (device, kind) => heard.filter((h) => h.device === device && h.kind === kind).map((h) => h.message),
    when: (fits) =>
      new Promise((resolve) => {
        const past = heard.find(fits)
        if (past) return resolve(past)
        const run = (one: Heard) => {
          if (!fits(one)) return
          listeners.delete(run)
          resolve(one)
        }
        listeners.add(run)
      }),
    on: (run) => void listeners.add(run),
    say: async (topic, message, retain = false) => {
      await ear.publishAsync(topic, JSON.stringify(message), { qos: 1, retain })
    },
    down,
    up,
    close: down,
  }
}

const isSaidByDevice = ({ kind, message }: Heard): boolean =>
  (deviceKinds as readonly string[]).includes(kind) && message.on !== 0
