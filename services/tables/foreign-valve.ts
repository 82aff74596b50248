/** Valves of other makes: how each is reached and driven, and what must survive a restart of Tilth. */
import Type, { type Static } from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

/** How much a closing is worth, best first: a meter at 0 for 60 s; closed by itself; it answered our close; time alone. */
export const proofGrades = ['P3', 'P2', 'P1', 'P0'] as const
export type ProofGrade = (typeof proofGrades)[number]

/** Why nothing opens until a person unlocks the valve: what it repeated, or did not repeat, of what it was sent. */
export const lockReasons = ['BOUND_DIFFERS', 'BOUND_UNREAD', 'READ_BACK_DIFFERS'] as const

const Outlet = Type.Integer({ minimum: 1 })
const litresPerPulse = OrNull(Type.Number())
/** Where a valve is reached, by its way of commanding. `outlet`: its output, counted from 1. */
export const ValveAddress = Type.Union([
  Type.Object({
    via: Type.Literal('zigbee2mqtt'),
    root: Type.String(),
    name: Type.String(),
    outlet: Outlet,
  }),
  Type.Object({ via: Type.Literal('tasmota'), topic: Type.String(), relay: Outlet }),
  Type.Object({ via: Type.Literal('esphome'), prefix: Type.String(), id: Type.String() }),
  Type.Object({ via: Type.Literal('shelly'), id: Type.String(), channel: Type.Integer({ minimum: 0 }) }),
  // `station`: counted from 0. `isParallel`: its group (255) waits for no other station
  Type.Object({
    via: Type.Literal('opensprinkler'),
    httpBase: Type.String(),
    passwordDigest: Type.String(),
    station: Type.Integer({ minimum: 0 }),
    topicRoot: Type.String(),
    isParallel: Type.Boolean(),
  }),
  // `subscribedTopic`: the one topic that its firmware subscribes to (SUBTOPIC)
  Type.Object({
    via: Type.Literal('opensprinkler-mqtt'),
    subscribedTopic: Type.String(),
    passwordDigest: Type.String(),
    station: Type.Integer({ minimum: 0 }),
    topicRoot: Type.String(),
  }),
  Type.Object({
    via: Type.Literal('chirpstack'),
    applicationId: Type.String(),
    devEui: Type.String(),
    outlet: Outlet,
    litresPerPulse,
  }),
  // `application`: `app@tenant`
  Type.Object({
    via: Type.Literal('the-things-stack'),
    application: Type.String(),
    deviceId: Type.String(),
    outlet: Outlet,
    litresPerPulse,
  }),
])
export type ValveAddress = Static<typeof ValveAddress>

const MonoMs = OrNull(Type.Number())
/** A run, from the wish to open until its closing is proved. */
const DriverRun = Type.Object({
  seq: MonoMs, // null: opened by others
  commandId: Type.String(),
  durMs: Type.Number(),
  litres: OrNull(Type.Number()),
  requestId: Type.Number(),
  notAfterMs: Type.Number(),
  expMonoMs: Type.Number(),
  step: Type.Number(), // the next step, and until when its answer may come
  waitUntilMonoMs: MonoMs,
  hasWaitDiffered: Type.Boolean(),
  leftMonoMs: MonoMs, // the open leaves once: after this it never leaves again; null: it has not left
  openedMonoMs: MonoMs,
  isWithdrawn: Type.Boolean(),
  mayResume: Type.Boolean(), // false after a restart: nothing resumes
  untilMonoMs: MonoMs, // when the current phase gives up
  askMonoMs: MonoMs, // when the valve is asked next
  latestMonoMs: MonoMs, // the water has ended by then, if the device keeps its bound; null: no bound is known
  bound: Type.Enum(['unread', 'differs', 'proved']),
  boundBefore: OrNull(Type.String()), // the duration that the device repeated before this run: a gateway repeats it within the run
  boundUntilMonoMs: MonoMs,
  unclearSinceMonoMs: MonoMs,
  isNotified: Type.Boolean(),
  closeRequestId: OrNull(Type.Number()),
  closeMonoMs: MonoMs,
  hasSaidOpenSinceClose: Type.Boolean(),
})
export type DriverRun = Static<typeof DriverRun>

/**
 * The state of one valve (drivers/driver-reducer.ts). Phases: `preparing`, the steps before the open, each waiting for
 * its answer; `opening`, the open has left, and is not answered; `asking`, unclear: it is asked once, then closed;
 * `unordered`, opened by others, within a known bound.
 */
const ForeignValve = Type.Object({
  phase: Type.Enum(['idle', 'preparing', 'opening', 'running', 'asking', 'closing', 'unordered']),
  monoMs: Type.Number(),
  isLinkUp: Type.Boolean(),
  lastSeq: Type.Number(), // the highest run number that an open was wanted for
  requestId: Type.Number(), // the last number given to a request
  commandId: Type.String(), // of the last run; messages of others are numbered from it
  lock: OrNull(Type.Enum(lockReasons)),
  facts: Type.Record(Type.String(), Type.String()), // by topic and path, as the integration said them
  said: OrNull(Type.Enum(['open', 'closed'])), // the last word of the valve
  boundWord: OrNull(Type.String()), // the duration that it repeated last
  still: OrNull(Type.Object({ fromMonoMs: Type.Number(), untilMonoMs: Type.Number() })), // the meter has said 0 from and until; null: water flows, or it has not said
  lateUntilMonoMs: Type.Number(), // until then an opening may be our own, late
  run: OrNull(DriverRun),
})
export type ForeignValve = Static<typeof ForeignValve>

/** What survives a restart of the controller that Tilth runs for a device of another make (ValveDevice, `Flash`). */
const Flash = Type.Object({
  boot: Type.Number(),
  last: Type.Record(Type.String(), Type.Number()),
  open: Type.Record(
    Type.String(),
    Type.Object({ seq: Type.Number(), durMs: Type.Number(), litres: OrNull(Type.Number()) }),
  ),
  journal: Type.Array(
    Type.Object({
      valve: Type.String(),
      seq: Type.Number(),
      ranMs: Type.Number(),
      litres: Type.Optional(OrNull(Type.Number())),
      why: Type.String(),
    }),
  ),
  fault: OrNull(Type.String()),
  faultNo: Type.Number(),
})

/** The test run: the open valve, its closing and the proof; `failure`: why it proved nothing (drivers/message-keys.ts). */
const ValveTest = Type.Object({
  openedAfterS: OrNull(Type.Number()),
  closedAfterS: OrNull(Type.Number()),
  proof: OrNull(Type.Enum(proofGrades)),
  by: OrNull(Type.Enum(['itself', 'command', 'time'])),
  failure: OrNull(
    Type.Object({
      code: Type.String(),
      params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()])),
    }),
  ),
})
export type ValveTest = Static<typeof ValveTest>

/** A controller of another make. Tilth runs the machine of a controller for it (foreign-valves/). */
export interface ForeignControllerRow {
  deviceId: string
  org: string
  integrationId: string
  flash: Json<Static<typeof Flash>> | null // null: it has not started yet
}

/** A valve of another make. */
export interface ForeignValveRow {
  deviceId: string
  valve: string
  org: string
  driver: string // by its name
  address: Json<ValveAddress>
  meterDeviceId: string | null // a meter of another make on its pipe; null: none
  hasSecondValve: 0 | 1 // a master of another make in series
  wakeS: number | null // class A: it receives a message at the latest after this time; null: at once
  isSetUp: 0 | 1 // the setup of its driver was sent, and it has passed a test run since
  testedProof: ProofGrade | null // null: not tested, nothing opens
  testedVersion: string | null // of its gateway at that time; null: it publishes none
  testedAtMs: AtMs | null
  test: Json<ValveTest> | null // of the last test run
  state: Json<ForeignValve> | null // null: it has not started yet
}

export const readFlash = jsonColumn('foreignController.flash', Flash)
export const readValveAddress = jsonColumn('foreignValve.address', ValveAddress)
export const readForeignValve = jsonColumn('foreignValve.state', ForeignValve)
export const readValveTest = jsonColumn('foreignValve.test', ValveTest)
