/** From the intended run to the water that was given: runs, requests, orders and what came of them. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export type RunState =
  | 'proposed' // waits for a person
  | 'approved' // dispatch opens it at its time
  | 'sent'
  | 'running'
  | 'done'
  | 'skipped' // by a stated condition, or its window was missed
  | 'failed'
  | 'cancelled' // by a person, or by a newer plan

/** A run is skipped when at least `mm` of rain are measured by `byMs`, counted from `baseMm` of `sinceDay`'s rain on. */
export interface RainSkip {
  key: string
  mm: number
  byMs: AtMs
  sinceDay?: Day
  baseMm?: number
  /** what had fallen when it was judged, and when that was: by the time of the run, or when it was reached */
  measuredMm?: number
  judgedMs?: AtMs
}

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
  doseId?: string | null | undefined // the first run of a dose that is given in parts; each part is a run of its own
}

/** A person has said that the rest of a run that was cut short is not wanted. */
export interface UnfinishedRunDecisionRow {
  runId: string
  org: string
  userId: string
  atMs: AtMs
}

/** What a person asks for; dispatch and plan carry it out under the same interlocks as the plan's own runs. */
export interface RequestRow {
  id: string // the phone's idempotency key
  org: string
  kind: 'start' | 'test' | 'stop' | 'stop-all' | 'approve' | 'skip-run' | 'clear-fault' | 'unlock'
  zoneId: string | null
  runId: string | null
  deviceId: string | null // clear-fault: the controller
  alertId: string | null // clear-fault: what is cleared; null: whatever the controller is held for
  minutes: number | null // to open for; approve: of the run as the person saw it
  expectedStartMs?: AtMs | null | undefined // approve: the start of the run as the person saw it; null: they did not say
  decidedOfflineAtMs?: AtMs | null | undefined // approve: when it was said, of a yes that has waited on a phone without signal
  actor: string
  atMs: AtMs
  state: 'new' | 'accepted' | 'refused'
  reason: string | null // catalogue key when refused
  resultId: string | null // the run or command that came of it
}

/** One order to one valve, and its whole life. */
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
  life: Json<unknown> // of reduce.ts, whole
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

/**
 * Water that was given: a run as commanded, confirmed and metered, or what a person wrote down (`cause` 'hand'), which has
 * no order. It is never edited: what is taken back counts nowhere, and stays to be read.
 */
export interface IrrigationRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  zoneId: string // by hand on a field without a zone: the field's own id
  runId: string // without a run and an order: the row's own id, as is `commandId`
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
  volumeSource: 'metered' | 'rate' | 'reported' | 'unknown' // told: by a person, as litres or as a depth
  grossMm: number | null
  netMm: number | null
  endReason: string
  failure: string | null
  batch?: string | null | undefined // by hand: the phone's key, of all fields that were entered with it
  enteredAtMs?: AtMs | null | undefined // by hand
  confirmedBy?: string | null | undefined
  confirmedAtMs?: AtMs | null | undefined // by hand: as it was entered
  voidedBy?: string | null | undefined
  voidedAtMs?: AtMs | null | undefined
  voidReason?: string | null | undefined
}
