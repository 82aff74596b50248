/** Runs, requests, commands and records of irrigation. */
import Type, { type Static } from 'typebox'
import type { CommandLifecycle } from '../../broker/contract/command-lifecycle/types.ts'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

export type RunState =
  | 'proposed' // waits for approval
  | 'approved' // dispatch opens it at its time
  | 'sent'
  | 'running'
  | 'done'
  | 'skipped' // by its skip condition, or its window was missed
  | 'failed'
  | 'cancelled' // by a person, or by a newer plan

/** A run is skipped when at least `mm` of rain are measured by `byMs`, counted from `baseMm` of `sinceDay`'s rain. */
const RainSkip = Type.Object({
  key: Type.String(),
  mm: Type.Number(),
  byMs: Type.Number(),
  sinceDay: Type.Optional(Type.String()),
  baseMm: Type.Optional(Type.Number()),
  /** rain measured at the evaluation, and its instant: at the time of the run, or when the threshold was reached */
  measuredMm: Type.Optional(Type.Number()),
  judgedMs: Type.Optional(Type.Number()),
})
export type RainSkip = Static<typeof RainSkip>
export const readRainSkip = jsonColumn('run.rainSkip', RainSkip)

/** One intended run of one zone. */
export interface RunRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  zoneId: string
  day: Day
  startMs: AtMs
  minutes: number
  netMm: number
  grossMm: number
  litres: number | null // dose, if the controller has a meter
  state: RunState
  cause: 'balance' | 'paddy' | 'manual'
  rainSkip: Json<RainSkip> | null
  decisionId: string | null
  planVersion: string
  actor: string // 'plan' or a user id
  approvedBy: string | null
  endReason: string | null
  updatedAtMs: AtMs
  doseId?: string | null | undefined // the first run of a dose split into several runs
}

/** A person's decision that the rest of an interrupted run is not needed. */
export interface UnfinishedRunDecisionRow {
  runId: string
  org: string
  userId: string
  atMs: AtMs
}

/** A person's request; dispatch and plan carry it out under the same interlocks as planned runs. */
export interface RequestRow {
  id: string // the client's idempotency key
  org: string
  kind: 'start' | 'test' | 'stop' | 'stop-all' | 'approve' | 'skip-run' | 'clear-fault' | 'unlock'
  zoneId: string | null
  runId: string | null
  deviceId: string | null // clear-fault: the controller
  alertId: string | null // clear-fault: the alert; null: every fault of the controller
  minutes: number | null // opening time; approve: of the run as displayed
  expectedStartMs?: AtMs | null | undefined // approve: the displayed start of the run; null: not sent
  decidedOfflineAtMs?: AtMs | null | undefined // approve: when it was decided offline, for an approval queued on the phone
  pressedAtMs?: AtMs | null | undefined // start, test: when the person pressed it, by the farm's time on the phone
  undoesStop?: string | null | undefined // start: the STOP that the person withdraws
  actor: string
  atMs: AtMs
  state: 'new' | 'accepted' | 'refused'
  reason: string | null // catalogue key of a refusal
  resultId: string | null // the resulting run or command
}

/** One command to one valve, with its complete state. */
export interface CommandRow {
  id: string
  org: string
  deviceId: string
  valve: string
  seq: number
  op: 'open' | 'close'
  ofSeq: number | null
  runId: string | null
  requestId: string | null
  durMs: number | null
  litres: number | null
  state: string // of reduce.ts
  lifecycle: Json<Partial<CommandLifecycle>> // of an open: the complete state of reduce.ts; of a close: empty
  outcome: string | null // why it ended
  actor: string // 'plan:<version>', a user id, or 'fence'
  reason: string
  expiresAtMs: AtMs
  createdAtMs: AtMs
  sentAtMs: AtMs | null
  confirmedAtMs: AtMs | null
  endedAtMs: AtMs | null
  ranMs: number | null
  ranLitres: number | null
}

const OrNumber = OrNull(Type.Number())
/** CommandLifecycle of the contract. */
const Lifecycle = Type.Object({
  id: Type.String(),
  valve: Type.String(),
  seq: Type.Number(),
  durMs: Type.Number(),
  litres: OrNumber,
  expiresAtMs: Type.Number(),
  isTimed: Type.Optional(Type.Boolean()),
  state: Type.Enum([
    ...(['new', 'sent', 'running', 'done', 'aborted'] as const),
    ...(['expired', 'rejected', 'unknown', 'fencing', 'resolved'] as const),
  ]),
  sess: OrNull(Type.String()),
  sentAtMs: OrNumber,
  resentAtMs: OrNumber,
  firstMonoMs: OrNumber,
  expMonoMs: OrNumber,
  leaseMonoMs: OrNumber,
  confirmedAtMs: OrNumber,
  openedAtMs: Type.Optional(OrNumber),
  seenOpenAtMs: Type.Optional(OrNumber),
  boundAtMs: OrNumber,
  leaseEndAtMs: Type.Optional(OrNumber),
  unknownAtMs: OrNumber,
  unknownReason: OrNull(Type.Enum(['unconfirmed', 'overdue', 'link', 'restart', 'journal'])),
  inconclusiveStateAtMs: Type.Optional(OrNumber),
  isStopped: Type.Boolean(),
  closeSeq: OrNumber,
  closeSentAtMs: OrNumber,
  fencedAtMs: OrNumber,
  lastSeq: Type.Number(),
  rejectReason: OrNull(Type.String()),
  outcome: OrNull(Type.String()),
  ranMs: OrNumber,
  ranLitres: OrNumber,
  isBound: Type.Boolean(),
  endedAtMs: OrNumber,
})
const readComplete: (text: Json<CommandLifecycle>) => CommandLifecycle = jsonColumn(
  'command.lifecycle',
  Lifecycle,
)
/** The complete state of a command that opens a valve. */
export const readLifecycle = (text: CommandRow['lifecycle']): CommandLifecycle =>
  readComplete(text as Json<CommandLifecycle>)
/** The opening and the latest closing instant alone, of any command: a close has none. */
export const readCommandBound = jsonColumn(
  'command.lifecycle',
  Type.Object({ boundAtMs: Type.Optional(OrNumber), openedAtMs: Type.Optional(OrNumber) }),
)

/**
 * A record of irrigation: a run as commanded, confirmed and metered, or a manual entry (`cause` 'manual-entry') without a
 * command. Immutable: a voided record stays readable but does not count.
 */
export interface IrrigationRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  zoneId: string // manual on a field without a zone: the field's own id
  runId: string // manual: the row's own id, as is `commandId`
  commandId: string
  cause: string
  decisionId: string | null
  actor: string
  commandedAtMs: AtMs
  commandedMinutes: number
  openedAtMs: AtMs | null
  closedAtMs: AtMs | null
  ranMs: number
  litres: number | null
  volumeSource: 'metered' | 'rate' | 'reported' | 'unknown' // reported: by a person, as litres or as a depth
  grossMm: number | null
  netMm: number | null
  endReason: string
  failure: string | null
  batch?: string | null | undefined // manual: the client's key, shared by all fields entered together
  enteredAtMs?: AtMs | null | undefined // manual
  confirmedBy?: string | null | undefined
  confirmedAtMs?: AtMs | null | undefined // manual: when entered
  voidedBy?: string | null | undefined
  voidedAtMs?: AtMs | null | undefined
  voidReason?: string | null | undefined
}
