/**
 * The state of one foreign valve, the events that change it, and what they cause. The state is plain JSON: the caller
 * stores it before it performs the effects, so an open that left is known after any crash.
 */
import type { ForeignValve } from '../tables/foreign-valve.ts'
import type { Driver, ProofGrade, SendStep, ValveAddress } from './driver-types.ts'
import type { NotOpenedCode, NotOpenedParams } from './message-keys.ts'

/** What the farm knows of a valve. */
export interface DriverSetup {
  driver: Driver
  address: ValveAddress
  /** of another make, so that it does not repeat what the valve believes */
  hasMeter: boolean
  /** a master of another make in series */
  hasSecondValve: boolean
  /** the driver's `setup` was sent and read back */
  isSetUp: boolean
  /** the proof of its test run; null: not tested, nothing opens */
  testedProof: ProofGrade | null
  /** class A: it receives a message after its next uplink, at the latest after this time; null: at once */
  wakeMs: number | null
}

export type { DriverRun, ForeignValve } from '../tables/foreign-valve.ts'
export type Phase = ForeignValve['phase']
export type LockReason = NonNullable<ForeignValve['lock']>

export const newForeignValve: ForeignValve = {
  phase: 'idle',
  monoMs: 0,
  isLinkUp: false,
  lastSeq: 0,
  requestId: 0,
  commandId: '00000000-0000-4000-8000-000000000000',
  lock: null,
  facts: {},
  said: null,
  boundWord: null,
  still: null,
  lateUntilMonoMs: 0,
  run: null,
}

/** The wish to open, from the device reducer: its number and its expiry are those of the command. */
export interface OpenWanted {
  type: 'open-wanted'
  seq: number
  commandId: string
  durMs: number
  litres: number | null
  expMonoMs: number
  /** the same as a time of day, for a network server */
  notAfterMs: number
  isByHand: boolean
  /** the test run of 60 s, by a person at the valve */
  isTest: boolean
}

/** `monoMs`: the server's monotonic clock. No wall clock decides anything here. */
export type DriverEvent = { monoMs: number } & (
  | OpenWanted
  /** timer: the duration is over, so the valve closes by itself; boot: the device reducer has started */
  | { type: 'close-wanted'; why: 'command' | 'timer' | 'boot' }
  | { type: 'received'; topic: string; payload: string; isRetained: boolean }
  /** of an HTTP request; `body` null: it failed */
  | { type: 'answered'; url: string; body: string | null }
  | { type: 'flow'; litresPerMinute: number }
  | { type: 'time-passed' }
  /** the process has started: `monoMs` counts from anew, what was in flight is unclear */
  | { type: 'restarted' }
  /** after `up` the topics are subscribed anew, so that retained facts come again */
  | { type: 'link'; isUp: boolean }
  /** a person has looked at the valve */
  | { type: 'unlocked' }
)

export type DriverReport =
  /** the valve said it; nothing else is an opening */
  | { is: 'opened'; seq: number; durMs: number }
  /** nothing of this run flowed */
  | { is: 'not-opened'; seq: number; code: NotOpenedCode; params: NotOpenedParams }
  /** `ranMs`: the longest that it can have run */
  | { is: 'closed'; seq: number | null; proof: ProofGrade; by: 'itself' | 'command' | 'time'; ranMs: number }
  /** unknown, closed at the latest by this time if the device keeps its bound; null: no bound is known */
  | { is: 'unproved'; seq: number | null; latestMonoMs: number | null }
  /** nothing opens until a person unlocks it */
  | { is: 'locked'; reason: LockReason }
  /** opened by others; `isClosing`: no bound is known, so it is closed */
  | { is: 'unordered'; isClosing: boolean }

export type DriverEffect =
  | { type: 'send'; step: SendStep }
  | { type: 'report'; report: DriverReport }
  /** the next `time-passed` is due at the latest; it replaces the one before */
  | { type: 'wake'; atMonoMs: number }

export interface DriverStepped {
  valve: ForeignValve
  effects: DriverEffect[]
}
