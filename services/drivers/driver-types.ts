/**
 * What a driver of a foreign valve is, as data: what the valve is sent, what its answers prove, and what bounds a run.
 * Topics are those of the valve's own integration, without the mount of a gateway.
 */
import type { ValveAddress } from '../tables/foreign-valve.ts'
import type { Match } from './match.ts'
import type { NeedKey, RefusalKey, RequirementKey } from './message-keys.ts'

export type { ProofGrade, ValveAddress } from '../tables/foreign-valve.ts'
export type ChirpStackAddress = AddressOf<'chirpstack'>
export type TtsAddress = AddressOf<'the-things-stack'>
export type AddressOf<Via extends ValveAddress['via']> = Extract<ValveAddress, { via: Via }>

/** What every request carries, so that its answer can be distinguished from others. */
export interface RequestIds {
  /** a number that this valve's requests never use twice */
  requestId: number
  /** UUID of the downlink */
  messageId: string
  /** after this time a queued request must not be delivered any more; closing ignores it */
  notAfterMs: number
}

export type DriverIntent = RequestIds &
  (
    | { op: 'open'; seq: number; durMs: number; litres: number | null }
    | { op: 'close' }
    /** withdraws what a network server has not delivered yet */
    | { op: 'withdraw' }
    | { op: 'query' }
    /** once, when the valve is assigned: a second bound in the device, also of runs that others start */
    | { op: 'setup'; capMs: number }
    | { op: 'stop-all' }
  )

/** A message to the valve. `isOpening`: it lets water flow, and leaves at most once. */
export interface PublishStep {
  type: 'publish'
  topic: string
  qos: 0 | 1
  retain: false
  payload: string
  isOpening: boolean
}
export interface HttpStep {
  type: 'http'
  method: 'GET'
  url: string
  isOpening: boolean
}
export type SendStep = PublishStep | HttpStep
/** The next step waits for this message. Without it: `isOptional` continues, else nothing opens. */
export interface WaitStep {
  type: 'wait'
  message: Expected
  withinMs: number
  isOptional: boolean
}
export type DriverStep = SendStep | WaitStep

/** A message on a topic, or the answer to an HTTP request of this URL; `match` null: any content. */
export interface Expected {
  from: { topic: string } | { answerOf: string }
  match: Match | null
}

export type Meaning =
  /** a server or queue has it, the valve is not open */
  | 'queued'
  /** the gateway has transmitted it, no more */
  | 'sent'
  | 'running'
  /** this request opens nothing */
  | 'rejected'
  /** it was open already: closing until it is proved */
  | 'was-open'
  | 'closed'
  /** there was nothing to close */
  | 'idle'

/** What an answer to a request means. `withinMs` null: whenever it comes. */
export interface Acknowledgement {
  message: Expected
  means: Meaning
  withinMs: number | null
}

/** What the valve reports of itself at any time. */
export interface StateReport {
  message: Expected
  says: 'open' | 'closed'
  /** it names its own timer as the reason */
  isByTimer: boolean
}

/** The duration as the device repeats it. One that differs closes the valve and locks the driver. */
export interface BoundProof {
  message: Expected
  withinMs: number
}

export interface ClosedProof {
  message: Expected
  /** after the request, or after opening for a run; null: whenever it comes */
  withinMs: number | null
  isByTimer: boolean
}

/** What ends a run in the device itself. */
export interface Bound {
  isInDevice: true
  stepMs: number
  minMs: number
  maxMs: number
  /** false: owners report valves of this make that stayed open while shown closed */
  isTrusted: boolean
}

/** A fact that must be known before each opening. */
export interface Requirement {
  topic: string
  /** of the entry of a list that has this value there */
  entry: { path: string; equals: string } | null
  path: string
  must: { atLeast: string } | { equalOneOf: readonly string[] }
  why: RequirementKey
  /** the device said it of itself, so it outlives the connection */
  isOfDevice: boolean
}

/** Why a driver never opens this valve. */
export interface Refusal {
  code: 'VALVE_UNBOUNDED'
  why: RefusalKey
  mayClose: boolean
  mayBeRead: boolean
}

export type PlanError =
  | Refusal
  | {
      code:
        | 'VALVE_RUN_TOO_SHORT'
        | 'VALVE_RUN_TOO_LONG'
        | 'VALVE_DURATION_INVALID'
        | 'VALVE_ADDRESS_INVALID'
        | 'VALVE_REQUEST_UNSUPPORTED'
      why: string
    }

/** How one intent is carried out. */
export interface DriverPlan {
  /** questions whose answers must come before the first step leaves */
  before: readonly DriverStep[]
  steps: readonly DriverStep[]
  /** the granted duration of an open; 0 of others */
  runMs: number
  acknowledgements: readonly Acknowledgement[]
  boundProofs: readonly BoundProof[]
  closedProofs: readonly ClosedProof[]
  /** of a close; null: it is repeated at each uplink */
  repeatEveryMs: number | null
}

/** A driver: one way of commanding one kind of valve. */
export interface Driver {
  name: string
  via: readonly ValveAddress['via'][]
  /** as the integration names them */
  models: readonly string[]
  /** null: it never opens, `refused` states why */
  bound: Bound | null
  refused: Refusal | null
  /** what the owner must set up, or add */
  needs: NeedKey | null
  /** the longest run that others can start once `setup` was sent; null: unknown */
  othersBoundMs: number | null
  /** how often it is asked while it is open; null: it reports by itself */
  pollEveryMs: number | null
  /** a close of a valve that is not open does harm: it is sent only after the valve said that it is open */
  closesOnlyOpen: boolean
  /** it receives a message only after it has sent one (LoRaWAN class A); its uplinks come on this topic */
  uplinkTopic(address: ValveAddress): string | null
  requirementsOf(address: ValveAddress): readonly Requirement[]
  reportsOf(address: ValveAddress): readonly StateReport[]
  /** durations are rounded and bounded already; null: it has no such request */
  planOf(address: ValveAddress, intent: DriverIntent): DriverPlan | null
}
