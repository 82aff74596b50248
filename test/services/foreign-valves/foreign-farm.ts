/**
 * A farm whose controller is a valve of another make: the real broker, bus, store, connections and dispatch; only the
 * clock is virtual. The valve speaks through the credential of a gateway.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { hashSecret } from '../../../broker/access/authenticate.ts'
import { noLimits } from '../../../broker/access/limits.ts'
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import { internalTopic } from '../../../broker/contract/topics.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { openJournal } from '../../../broker/journal/journal.ts'
import { startBroker } from '../../../broker/server.ts'
import { openMqttBus, type MqttBus } from '../../../services/adapters/bus/mqtt-bus.ts'
import { gatewayWays } from '../../../services/connections/gateway-way.ts'
import { startConnections } from '../../../services/connections/start-connections.ts'
import { startDispatch, type Dispatch } from '../../../services/dispatch/dispatch.ts'
import * as foreign from '../../../services/foreign-valves/start-foreign-valves.ts'
import { shippedProfiles } from '../../../services/integrations/profiles/profile-files.ts'
import { profileReader } from '../../../services/integrations/profiles/profile-reader.ts'
import type { State } from '../../../services/ports.ts'
import type { IntegrationConnections } from '../../../services/ports/integrations.ts'
import {
  readAlertParams,
  toJson,
  type ForeignValveRow,
  type RequestRow,
  type RunRow,
} from '../../../services/tables.ts'
import { integrationRow } from '../../support/integration-row.ts'
import { openTestState } from '../../support/state.ts'
import { CONTROLLER, fillFarm, ORG, START_MS } from '../dispatch/farm-rows.ts'
import { makeZigbeeValve, VALVE, type ZigbeeValve } from './zigbee-valve.ts'

const pepper = 'pepper'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const GATEWAY = 'gateway-1'
const secret = 'secret-of-the-gateway'

/** The module under test; the gate passes a damaged copy. */
export type ForeignModule = Pick<typeof foreign, 'startForeignValves'>

export interface ForeignFarm {
  clock: VirtualClock
  state: State
  bus: MqttBus
  valve: ZigbeeValve
  control(): foreign.ForeignValves
  pass(ms: number): Promise<void>
  /** Tilth ends and starts again; the valve runs on. */
  restart(awayMs?: number): Promise<void>
  /** Tilth ends at the next opening, after it was stored and before it leaves, or just after. */
  crashAtOpening(when: 'before it leaves' | 'after it has left'): void
  isCrashed(): boolean
  addRun(changes?: Partial<RunRow>): Promise<void>
  run(): Promise<RunRow>
  request(changes: Partial<RequestRow>): Promise<RequestRow>
  row(): Promise<ForeignValveRow>
  alerts(): Promise<{ cause: string; params: object; isActive: boolean }[]>
  /** positions of the valve in the states on the bus, each change once */
  shown(): string[]
  stop(): Promise<void>
}

export async function startForeignFarm(
  changes: Partial<ForeignValveRow> = {},
  module: ForeignModule = foreign,
): Promise<ForeignFarm> {
  const folder = await mkdtemp(join(tmpdir(), 'tilth-foreign-'))
  const clock = virtualClock(START_MS)
  const store = await openTestState(join(folder, 'state.db'))
  const { state } = store
  await fillFarm(state)
  await fillValve(state, changes)
  const journal = openJournal({ path: join(folder, 'journal.db'), clock, log: quiet })
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    findDevice: (id) =>
      Promise.resolve(
        id === GATEWAY ? { id, org: ORG, secretHashes: [hashSecret(secret, pepper)], isGateway: true } : null,
      ),
    pepper,
    journal,
    clock,
    log: quiet,
    limits: noLimits,
  })
  const bus = await openMqttBus({ openStream: () => broker.openInternal() }, { log: quiet })
  const ways = gatewayWays({ broker, bus, clock })
  const connections = await startConnections({ state, bus, log: quiet, wayOf: () => ways })
  const valve = makeZigbeeValve(clock, () => broker.port, { username: GATEWAY, password: secret })
  const shown: string[] = []
  await bus.subscribe(`tilth/v1/${ORG}/${CONTROLLER}/state`, ({ payload }) => {
    const { valves } = JSON.parse(new TextDecoder().decode(payload)) as { valves: { pos: string }[] }
    if (shown.at(-1) !== valves[0]!.pos) shown.push(valves[0]!.pos)
  })
  let dispatch: Dispatch | null = null
  let control: foreign.ForeignValves | null = null
  let crash: 'before it leaves' | 'after it has left' | null = null
  let isCrashed = false

  /** The connections of the process that lives: a crashed one sends nothing more. */
  const connectionsOfProcess = (): IntegrationConnections => {
    let isDead = false
    return {
      ...connections,
      publish(id, message) {
        const isOpening = /"ON"/.test(String(message.payload))
        if (isOpening && crash === 'before it leaves') isDead = isCrashed = true
        if (isDead) return Promise.resolve(false)
        if (isOpening && crash === 'after it has left') isDead = isCrashed = true
        return connections.publish(id, message)
      },
      watch: (id, watcher) =>
        connections.watch(id, {
          onConnected: (isConnected) => isDead || watcher.onConnected(isConnected),
          onMessage: (message) => isDead || watcher.onMessage(message),
        }),
    }
  }

  const settle = async () => {
    for (let calm = 0; calm < 4;) {
      await turn()
      await dispatch?.settled()
      await control?.settled()
      await bus.settled()
      await valve.settled()
      const { published, received } = bus.counts()
      const isCalm =
        broker.traffic().received === valve.sent() &&
        broker.traffic().forwarded === valve.received() &&
        broker.internalTraffic().received === published &&
        broker.internalTraffic().forwarded === received
      calm = isCalm ? calm + 1 : 0
    }
  }
  clock.onSettle(settle)
  const pass = async (ms: number) => {
    await settle()
    await clock.advanceTo(clock.now() + ms)
    await settle()
  }
  const profiles = profileReader({ folders: [shippedProfiles], clock, log: quiet })
  const start = async () => {
    crash = null
    isCrashed = false
    control = await module.startForeignValves({
      state,
      bus,
      clock,
      log: quiet,
      connections: connectionsOfProcess(),
      profiles,
    })
    dispatch = await startDispatch({ state, bus, clock, log: quiet, timing: standardTiming, journal })
    await settle()
  }
  const end = async () => {
    await dispatch?.stop()
    await control?.stop()
    dispatch = control = null
  }
  await start()
  let requests = 0

  return {
    clock,
    state,
    bus,
    valve,
    control: () => control!,
    pass,
    async restart(awayMs = 0) {
      await end()
      await pass(awayMs)
      await start()
    },
    crashAtOpening: (when) => void (crash = when),
    isCrashed: () => isCrashed,
    async addRun(changes = {}) {
      await state.insertInto('run').values(runRow(clock.now(), changes)).execute()
      const event = JSON.stringify({ event: 'plan', atMs: clock.now() })
      await bus.publish(internalTopic(ORG, 'event'), event, { qos: 1, retain: false })
      await settle()
    },
    run: () => state.selectFrom('run').selectAll().executeTakeFirstOrThrow(),
    async request(changes) {
      const row: RequestRow = {
        id: `request-${++requests}`,
        org: ORG,
        kind: 'start',
        zoneId: 'zone-1',
        runId: null,
        deviceId: null,
        minutes: null,
        actor: 'user-sato',
        atMs: clock.now(),
        state: 'new',
        reason: null,
        resultId: null,
        alertId: null,
        ...changes,
      }
      await state.insertInto('request').values(row).execute()
      const payload = JSON.stringify({ id: row.id })
      await bus.publish(internalTopic(ORG, 'request'), payload, { qos: 1, retain: false })
      await settle()
      return state.selectFrom('request').selectAll().where('id', '=', row.id).executeTakeFirstOrThrow()
    },
    row: () => state.selectFrom('foreignValve').selectAll().executeTakeFirstOrThrow(),
    alerts: async () =>
      (await state.selectFrom('alert').selectAll().execute()).map(({ cause, params, clearedMs }) => ({
        cause,
        params: readAlertParams(params),
        isActive: clearedMs === null,
      })),
    shown: () => shown,
    async stop() {
      await end()
      await valve.disconnect()
      await connections.stop()
      await bus.close()
      await broker.stop()
      void journal.close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The valve of the farm, assigned and tested. */
async function fillValve(state: State, changes: Partial<ForeignValveRow>): Promise<void> {
  await state
    .insertInto('integration')
    .values(integrationRow({ id: GATEWAY, org: ORG, farmId: 'farm-1', kind: 'zigbee2mqtt', secretHash: 'x' }))
    .execute()
  const definitions = toJson({ [VALVE]: { model: 'SWV', units: { flow: 'm³/h' } } })
  await state.updateTable('integration').set({ definitions }).execute()
  await state
    .insertInto('assignedAddress')
    .values({
      deviceId: CONTROLLER,
      org: ORG,
      integrationId: GATEWAY,
      address: `z2m:${VALVE}`,
      profile: 'z2m-sonoff-swv',
      answers: toJson({}),
    })
    .execute()
  await state
    .insertInto('foreignController')
    .values({ deviceId: CONTROLLER, org: ORG, integrationId: GATEWAY, flash: null })
    .execute()
  await state
    .insertInto('foreignValve')
    .values({
      deviceId: CONTROLLER,
      valve: 'V1',
      org: ORG,
      driver: 'z2m-sonoff-swv',
      address: toJson({ via: 'zigbee2mqtt' as const, root: 'zigbee2mqtt', name: VALVE, outlet: 1 }),
      meterDeviceId: null,
      hasSecondValve: 0,
      wakeS: null,
      isSetUp: 0,
      testedProof: 'P2',
      testedVersion: '2.14.1',
      testedAtMs: 0,
      test: null,
      state: null,
      ...changes,
    })
    .execute()
}

const runRow = (atMs: number, changes: Partial<RunRow>): RunRow => ({
  id: 'run-1',
  org: ORG,
  farmId: 'farm-1',
  fieldId: 'field-1',
  zoneId: 'zone-1',
  day: '2026-07-07',
  startMs: atMs,
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
  updatedAtMs: atMs,
  ...changes,
})
