/** The one controller of the farm: the device's own machine behind a real MQTT client, with all that may go wrong with it. */
import mqtt, { type MqttClient } from 'mqtt'
import {
  parseCommand,
  parseConfig,
  parseLease,
  type Ack,
  type Command,
} from '../../../broker/contract/messages.ts'
import { delivery, topicOf, type DeviceKind } from '../../../broker/contract/topics.ts'
import { nextTickMonoMs, startDevice, stepDevice } from '../../../broker/contract/valve-device/device.ts'
import type {
  DeviceEvent,
  DeviceIo,
  DeviceProfile,
  Flash,
  ValveDevice,
} from '../../../broker/contract/valve-device/types.ts'
import type { VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { CONTROLLER, keyHex, ORG } from './farm-rows.ts'
import { disableNagle } from '../../../firmware-sim/devices/link.ts'

export const secret = 'secret-of-the-controller'

export interface Controller {
  connect(): Promise<void>
  /** The network cable is pulled: the device runs on. */
  unplug(): Promise<void>
  /** Power goes for `ms` and comes back; the network with it. */
  powerCut(): Promise<void>
  isOpen(valve?: string): boolean
  /** Each time that the valve was open, ascending; null: still. */
  openings(valve?: string): readonly { openedMs: number; closedMs: number | null }[]
  /** how long the valve was open in all, ms */
  openMs(valve?: string): number
  /** what flows through an open valve instead of its rated flow */
  breakFlow(lpm: number | null): void
  /** Changes each message on its way to the network: damaged memory, or an attacker with its credentials; null: lost. */
  distort(change: (kind: DeviceKind, message: Record<string, unknown>) => object | null): void
  /** Publishes a message of its own making. */
  publish(kind: DeviceKind, message: object): void
  /** acks that never reach the network, while true */
  swallowAcks(swallow: boolean): void
  /** commands that never reach the device, while true */
  isDeaf(deaf: boolean): void
  /** closes that never reach the device, while true */
  loseCloses(lost: boolean): void
  closeByHand(): void
  /** The switch on the valve shows another position. */
  showPosition(valve: string, feedback: 'open' | 'closed' | null): void
  /** A person at the device. */
  clearFault(): void
  commands(): Command[]
  acks(): Ack[]
  device(): ValveDevice
  sent(): number
  heard(): number
  settled(): Promise<void>
}

/** Of the broker on this port. */
export function makeController(
  clock: VirtualClock,
  port: number,
  changes: Partial<DeviceProfile> = {},
): Controller {
  const profile: DeviceProfile = {
    valves: [
      { id: 'V1', ratedLpm: 50 },
      { id: 'V2', ratedLpm: 50 },
    ],
    master: null,
    commandKeyHex: keyHex,
    capMs: 7_200_000,
    kind: 'leased',
    litresPerPulse: 1,
    fw: 'test',
    ...changes,
  }
  let flash: Flash | null = null
  let bootMs = clock.now()
  let client: MqttClient | null = null
  let sent = 0
  let heard = 0
  let flowLpm: number | null = null
  let isSwallowing = false
  let isDeaf = false
  let isLosingCloses = false
  let nonce = 0
  let distorted: Parameters<Controller['distort']>[0] = (_, message) => message
  let metredMs = clock.now()
  const leaving = new Set<Promise<unknown>>()
  const opened = new Map<string, number>()
  const openings = new Map<string, { openedMs: number; closedMs: number | null }[]>()
  const commands: Command[] = []
  const acks: Ack[] = []

  const io: DeviceIo = {
    drive(valve, open) {
      const sinceMs = opened.get(valve)
      const own = openings.get(valve) ?? []
      openings.set(valve, own)
      if (!open && sinceMs !== undefined) {
        own.at(-1)!.closedMs = clock.now()
        opened.delete(valve)
      } else if (open && sinceMs === undefined) {
        own.push({ openedMs: clock.now(), closedMs: null })
        opened.set(valve, clock.now())
      }
    },
    writeFlash: (next) => void (flash = structuredClone(next)),
    publish({ kind, message }) {
      if (kind === 'ack') acks.push(message)
      const sentMessage = distorted(kind, structuredClone(message) as unknown as Record<string, unknown>)
      if (client?.connected && sentMessage !== null && !(kind === 'ack' && isSwallowing))
        publish(kind, sentMessage)
    },
  }
  let device = startDevice(profile, flash, io)
  let cancelTick = () => {}

  function publish(kind: DeviceKind, message: object): void {
    sent++
    const left = client!
      .publishAsync(topicOf(ORG, CONTROLLER, kind), JSON.stringify(message), delivery[kind])
      .catch(() => sent--)
      .finally(() => leaving.delete(left))
    leaving.add(left)
  }

  type Untimed<T> = T extends unknown ? Omit<T, 'monoMs'> : never
  function step(event: Untimed<DeviceEvent>): void {
    const monoMs = clock.now() - bootMs
    if (profile.litresPerPulse !== null && opened.size > 0 && clock.now() > metredMs) {
      const lpm = [...opened.keys()].reduce((sum, id) => sum + (flowLpm ?? ratedOf(id)), 0)
      const litres = (lpm * (clock.now() - metredMs)) / 60_000
      metredMs = clock.now()
      device = stepDevice(device, { type: 'meter', litres, monoMs }, io)
    }
    metredMs = clock.now()
    device = stepDevice(device, { ...event, monoMs } as DeviceEvent, io)
    cancelTick()
    const nextMs = nextTickMonoMs(device)
    cancelTick = nextMs === Infinity ? () => {} : clock.at(bootMs + nextMs, () => step({ type: 'tick' }))
  }
  const ratedOf = (id: string) => profile.valves.find((valve) => valve.id === id)?.ratedLpm ?? 0

  function hear(topic: string, payload: Buffer, retained: boolean): void {
    heard++
    const kind = topic.split('/').at(-1)
    if (kind === 'config') {
      const config = parseConfig(payload)
      if (config.ok) step({ type: 'config', config: config.value })
    }
    if (isDeaf) return
    if (kind === 'lease') {
      const lease = parseLease(payload)
      if (lease.ok) step({ type: 'lease', lease: lease.value })
    }
    if (kind === 'command') {
      const command = parseCommand(payload)
      if (!command.ok) throw new Error(command.error)
      if (isLosingCloses && command.value.op === 'close') return
      commands.push(command.value)
      step({ type: 'command', command: command.value, retained })
    }
  }

  async function connect(): Promise<void> {
    client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: CONTROLLER,
      username: CONTROLLER,
      password: secret,
      protocolVersion: 4,
      clean: true,
      keepalive: 300,
      reconnectPeriod: 0,
    })
    disableNagle(client)
    client.on('message', (topic, payload, packet) => hear(topic, payload, packet.retain))
    await client.subscribeAsync(
      (['command', 'lease', 'config'] as const).map((kind) => topicOf(ORG, CONTROLLER, kind)),
      { qos: 1 },
    )
    step({ type: 'connected', nonce: `n${++nonce}` })
  }

  async function unplug(): Promise<void> {
    const gone = client
    client = null
    step({ type: 'disconnected' })
    await Promise.all(leaving)
    await gone?.endAsync(true)
  }

  return {
    connect,
    unplug,
    async powerCut() {
      await unplug()
      cancelTick()
      for (const valve of [...opened.keys()]) io.drive(valve, false)
      bootMs = clock.now()
      device = startDevice(profile, flash, io)
      await connect()
    },
    isOpen: (valve = 'V1') => opened.has(valve),
    openings: (valve = 'V1') => openings.get(valve) ?? [],
    openMs: (valve = 'V1') =>
      (openings.get(valve) ?? []).reduce(
        (sum, { openedMs, closedMs }) => sum + (closedMs === null ? 0 : closedMs - openedMs),
        0,
      ),
    breakFlow: (lpm) => void (flowLpm = lpm),
    distort: (change) => void (distorted = change),
    publish,
    swallowAcks: (swallow) => void (isSwallowing = swallow),
    isDeaf: (deaf) => void (isDeaf = deaf),
    loseCloses: (lost) => void (isLosingCloses = lost),
    closeByHand: () => step({ type: 'local-close' }),
    showPosition: (valve, feedback) => step({ type: 'feedback', valve, feedback }),
    clearFault: () => step({ type: 'clear-fault' }),
    commands: () => commands,
    acks: () => acks,
    device: () => device,
    sent: () => sent,
    heard: () => heard,
    settled: async () => void (await Promise.all(leaving)),
  }
}
