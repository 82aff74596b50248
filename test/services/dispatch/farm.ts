/**
 * A farm with one controller for the tests of dispatch: the real broker and bus, a real SQLite file, a real MQTT client
 * that runs the device's own machine; only the clock is virtual. `pass` steps time and waits until nothing is under way.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { hashSecret } from '../../../broker/access/authenticate.ts'
import { standardTiming, type Timing } from '../../../broker/contract/command-lifecycle/timing.ts'
import type { Clock } from '../../../broker/contract/time.ts'
import { internalTopic } from '../../../broker/contract/topics.ts'
import type { DeviceProfile } from '../../../broker/contract/valve-device/types.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { noLimits } from '../../../broker/access/limits.ts'
import { startBroker, type Broker } from '../../../broker/server.ts'
import { openMqttBus, type MqttBus } from '../../../services/adapters/bus/mqtt-bus.ts'
import type { OpenState } from '../../../services/adapters/state.ts'
import { startDispatch, type Dispatch } from '../../../services/dispatch/dispatch.ts'
import type { RequestRow, RunRow } from '../../../services/tables.ts'
import { makeController, secret, type Controller } from './farm-controller.ts'
import { CONTROLLER, fillFarm, ORG, START_MS } from './farm-rows.ts'
import { breakTable } from '../../support/broken-table.ts'
import { openTestState } from '../../support/state.ts'

const pepper = 'pepper'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

export interface Farm {
  clock: VirtualClock
  state: OpenState['state']
  bus: MqttBus
  journal: BrokerJournal
  controller: Controller
  dispatch(): Dispatch
  /** Steps time, everything settled at each instant. */
  pass(ms: number): Promise<void>
  settle(): Promise<void>
  /** as the services read it */
  serverClock: Clock
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
  const store = await openTestState(join(folder, 'state.db'))
  const { state } = store
  await fillFarm(state)
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
    dispatch = await startDispatch({ state, bus, clock: serverClock, log: quiet, timing, journal })
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
    journal,
    controller,
    dispatch: () => dispatch!,
    pass,
    settle,
    serverClock,
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
        rainSkip: null,
        decisionId: 'why-1',
        planVersion: 'p7',
        actor: 'plan',
        approvedBy: null,
        endReason: null,
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
    breakTable: (table, changes = ['insert', 'update']) => breakTable(state, table, changes),
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
      void journal.close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every message that was handed over has been taken. */
function isCalm(broker: Broker, bus: MqttBus, controller: Controller): boolean {
  const devices = broker.traffic()
  const services = broker.internalTraffic()
  const { published, received } = bus.counts()
  return (
    devices.received === controller.sent() &&
    devices.forwarded === controller.heard() &&
    services.received === published &&
    services.forwarded === received
  )
}
