/**
 * A farm with one controller for the tests of dispatch: the real broker and bus, a real SQLite file, a real MQTT client
 * that runs the device's own machine; only the clock is virtual. `pass` steps time and waits until nothing is under way.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import mqtt, { type MqttClient } from 'mqtt'
import { hashSecret } from '../../../broker/authenticate.ts'
import { standardTiming, type Timing } from '../../../broker/contract/command-life.ts'
import type { Clock } from '../../../broker/contract/time.ts'
import {
  parseCommand,
  parseConfig,
  parseLease,
  type Ack,
  type Command,
} from '../../../broker/contract/messages.ts'
import { delivery, internalTopic, topicOf, type DeviceKind } from '../../../broker/contract/topics.ts'
import {
  nextTickMonoMs,
  startDevice,
  stepDevice,
  type DeviceEvent,
  type DeviceIo,
  type DeviceProfile,
  type Flash,
  type ValveDevice,
} from '../../../broker/contract/valve-device.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { openJournal } from '../../../broker/journal.ts'
import { noLimits } from '../../../broker/limits.ts'
import { startBroker, type Broker } from '../../../broker/server.ts'
import { openMqttBus, type MqttBus } from '../../../services/adapters/bus/mqtt-bus.ts'
import { openSqliteState, type OpenState } from '../../../services/adapters/sqlite/state.ts'
import { startDispatch, type Dispatch } from '../../../services/dispatch/dispatch.ts'
import { toJson, type RequestRow, type RunRow, type ZoneRow } from '../../../services/tables.ts'

export const START_MS = Date.UTC(2026, 6, 6, 20) // 05:00 on 7 July in Japan
export const ORG = 'green-coop'
export const CONTROLLER = 'controller-1'
const keyHex = '5a'.repeat(32)
const pepper = 'pepper'
const secret = 'secret-of-the-controller'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

export interface Farm {
  clock: VirtualClock
  state: OpenState['state']
  bus: MqttBus
  controller: Controller
  dispatch(): Dispatch
  /** Steps time, everything settled at each instant. */
  pass(ms: number): Promise<void>
  settle(): Promise<void>
  /** The server's clock is set: so far is it off from now on. Time passes as before. */
  setClock(offMs: number): void
  /** The services die between two instants and start again. */
  restart(awayMs?: number): Promise<void>
  stopDispatch(): Promise<void>
  startDispatch(): Promise<void>
  addRun(changes?: Partial<RunRow>): Promise<RunRow>
  run(id?: string): Promise<RunRow>
  ask(changes: Partial<RequestRow>): Promise<RequestRow>
  /** The row alone: the word of it is lost. */
  askUnheard(changes: Partial<RequestRow>): Promise<RequestRow>
  /** While it lasts the store refuses these changes of the table. Gives what ends it. */
  breakTable(table: string, changes?: ('insert' | 'update')[]): Promise<() => Promise<void>>
  /** The services lose the bus, and find it again a second (of the wall's clock) later. */
  dropBus(): void
  heardEvents(): { event: string; id?: string; fields?: string[] }[]
  stop(): Promise<void>
}

export async function startFarm(
  options: { timing?: Timing; profile?: Partial<DeviceProfile> } = {},
): Promise<Farm> {
  const folder = await mkdtemp(join(tmpdir(), 'tilth-dispatch-'))
  const clock = virtualClock(START_MS)
  let offMs = 0
  const serverClock: Clock = {
    now: () => clock.now() + offMs,
    at: (atMs, run) => clock.at(atMs - offMs, run),
    monoMs: () => clock.now(),
  }
  const timing = options.timing ?? standardTiming
  const store = await openSqliteState(join(folder, 'state.db'))
  const { state } = store
  await fill(state)
  const journal = openJournal({ path: join(folder, 'journal.db'), clock, log: quiet })
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    findDevice: async (id) =>
      id === CONTROLLER ? { id, org: ORG, secretHashes: [hashSecret(secret, pepper)] } : null,
    pepper,
    journal,
    clock,
    log: quiet,
    limits: noLimits,
  })
  let stream: Duplex | null = null
  const bus = await openMqttBus({ openStream: () => (stream = broker.openInternal()) }, { log: quiet })
  const events: { event: string }[] = []
  await bus.subscribe(internalTopic(ORG, 'event'), ({ payload }) => {
    events.push(JSON.parse(new TextDecoder().decode(payload)) as { event: string })
  })
  const controller = makeController(clock, broker.port, options.profile)
  let dispatch: Dispatch | null = null
  let runCount = 0
  let requestCount = 0

  const settle = async () => {
    for (let calm = 0; calm < 3;) {
      await turn()
      await dispatch?.settled()
      await bus.settled()
      await controller.settled()
      calm = isCalm(broker, bus, controller) ? calm + 1 : 0
    }
  }
  clock.onSettle(settle)
  const pass = async (ms: number) => {
    await settle()
    await clock.advanceTo(clock.now() + ms)
    await settle()
  }
  const start = async () => {
    dispatch = await startDispatch({ state, bus, clock: serverClock, log: quiet, timing })
    await settle()
  }
  const stopDispatch = async () => {
    await dispatch?.stop()
    dispatch = null
  }
  await start()

  const askUnheard: Farm['askUnheard'] = async (changes) => {
    const row: RequestRow = {
      id: `request-${++requestCount}`,
      org: ORG,
      kind: 'start',
      zoneId: 'zone-1',
      runId: null,
      deviceId: null,
      minutes: null,
      actor: 'user-sato',
      atMs: serverClock.now(),
      state: 'new',
      reason: null,
      resultId: null,
      alertId: null,
      ...changes,
    }
    await state.insertInto('request').values(row).execute()
    return row
  }

  return {
    clock,
    state,
    bus,
    controller,
    dispatch: () => dispatch!,
    pass,
    settle,
    setClock: (ms) => void (offMs = ms),
    stopDispatch,
    startDispatch: start,
    async restart(awayMs = 0) {
      await stopDispatch()
      await clock.advanceTo(clock.now() + awayMs)
      await start()
    },
    async addRun(changes = {}) {
      const row: RunRow = {
        id: `run-${++runCount}`,
        org: ORG,
        farmId: 'farm-1',
        fieldId: 'field-1',
        zoneId: 'zone-1',
        day: '2026-07-07',
        startMs: serverClock.now(),
        minutes: 10,
        netMm: 0.8,
        grossMm: 1,
        litres: null,
        state: 'approved',
        cause: 'balance',
        skipIf: null,
        whyId: 'why-1',
        planVersion: 'p7',
        actor: 'plan',
        approvedBy: null,
        endedWhy: null,
        updatedAtMs: serverClock.now(),
        ...changes,
      }
      await state.insertInto('run').values(row).execute()
      await bus.publish(internalTopic(ORG, 'event'), JSON.stringify({ event: 'plan', atMs: clock.now() }), {
        qos: 1,
        retain: false,
      })
      await settle()
      return row
    },
    run: (id = 'run-1') => state.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    async breakTable(table, changes = ['insert', 'update']) {
      for (const change of changes)
        await sql
          .raw(
            `create trigger broken_${table}_${change} before ${change} on "${table}" begin select raise(abort, 'disk'); end`,
          )
          .execute(state)
      return async () => {
        for (const change of changes) await sql.raw(`drop trigger broken_${table}_${change}`).execute(state)
      }
    },
    async ask(changes) {
      const { id } = await askUnheard(changes)
      await bus.publish(internalTopic(ORG, 'request'), JSON.stringify({ id }), { qos: 1, retain: false })
      await settle()
      return state.selectFrom('request').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    },
    askUnheard,
    dropBus: () => void stream?.destroy(),
    heardEvents: () => events,
    async stop() {
      await stopDispatch()
      await controller.unplug()
      await bus.close()
      await broker.stop()
      journal.close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every message that was handed over has been taken. */
function isCalm(broker: Broker, bus: MqttBus, controller: Controller): boolean {
  const devices = broker.traffic()
  const services = broker.internalTraffic()
  const { published, heard } = bus.counts()
  return (
    devices.received === controller.sent() &&
    devices.forwarded === controller.heard() &&
    services.received === published &&
    services.forwarded === heard
  )
}

export interface Controller {
  connect(): Promise<void>
  /** The network cable is pulled: the device runs on. */
  unplug(): Promise<void>
  /** Power goes for `ms` and comes back; the network with it. */
  powerCut(): Promise<void>
  isOpen(valve?: string): boolean
  /** how long the valve was open in all, ms */
  openMs(valve?: string): number
  /** what flows through an open valve instead of its rated flow */
  breakFlow(lpm: number | null): void
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

function makeController(clock: VirtualClock, port: number, changes: Partial<DeviceProfile> = {}): Controller {
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
  let metredMs = clock.now()
  const leaving = new Set<Promise<unknown>>()
  const opened = new Map<string, number>()
  const openMs = new Map<string, number>()
  const commands: Command[] = []
  const acks: Ack[] = []

  const io: DeviceIo = {
    drive(valve, open) {
      const sinceMs = opened.get(valve)
      if (!open && sinceMs !== undefined) {
        openMs.set(valve, (openMs.get(valve) ?? 0) + clock.now() - sinceMs)
        opened.delete(valve)
      } else if (open && sinceMs === undefined) opened.set(valve, clock.now())
    },
    writeFlash: (next) => void (flash = structuredClone(next)),
    say({ kind, message }) {
      if (kind === 'ack') acks.push(message)
      if (client?.connected && !(kind === 'ack' && isSwallowing)) publish(kind, message)
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
    openMs: (valve = 'V1') => openMs.get(valve) ?? 0,
    breakFlow: (lpm) => void (flowLpm = lpm),
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

export const zone: ZoneRow = {
  id: 'zone-1',
  org: ORG,
  farmId: 'farm-1',
  fieldId: 'field-1',
  name: 'North',
  areaM2: 500,
  method: 'drip',
  applicationRateMmH: 6, // 50 L/min
  efficiency: 0.8,
  wettedFraction: 1,
  mode: 'auto',
  madFraction: null,
  maxDepthMm: 30,
  minMinutes: 2,
  maxMinutes: 240,
  windowFromMin: 0,
  windowToMin: 1440,
  controllerId: CONTROLLER,
  valve: 'V1',
  pumpId: 'pump-1',
  adjustPercent: 0,
  pausedUntilMs: null,
  dailyMaxLitres: null,
}

async function fill(state: OpenState['state']): Promise<void> {
  await state
    .insertInto('farm')
    .values({
      id: 'farm-1',
      org: ORG,
      name: 'Sato',
      memberCode: null,
      timeZone: 'Asia/Tokyo',
      latDeg: 36,
      lonDeg: 140,
      elevationM: 20,
      createdAtMs: 0,
    })
    .execute()
  await state
    .insertInto('pump')
    .values({
      id: 'pump-1',
      org: ORG,
      farmId: 'farm-1',
      name: 'Well',
      capacityLpm: 120,
      dailyM3: null,
      maxOpenValves: 2,
    })
    .execute()
  await state
    .insertInto('zone')
    .values([zone, { ...zone, id: 'zone-2', fieldId: 'field-2', name: 'South', valve: 'V2' }])
    .execute()
  await state
    .insertInto('device')
    .values({
      id: CONTROLLER,
      org: ORG,
      farmId: 'farm-1',
      fieldId: null,
      kind: 'controller',
      name: 'Pump house',
      secretHash: '',
      previousSecretHash: null,
      commandKey: keyHex,
      windHeightM: null,
      everyS: 60,
      counterModulus: toJson({}),
      createdAtMs: 0,
      revokedAtMs: null,
      lastHeardMs: null,
      batteryV: null,
    })
    .execute()
}
