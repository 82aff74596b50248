/** What Tilth says of a field, why, and what only a person can do. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { StateInput } from './field-state.ts'
import type { Json } from './json.ts'

export type FieldStatus = 'act' | 'soon' | 'ok' | 'wet' | 'unknown'

/** What Tilth says of a field at this moment; written by plan. */
export interface AdviceRow {
  fieldId: string
  org: string
  atMs: AtMs
  status: FieldStatus
  key: string // catalogue key of the one-line verdict
  params: Json<Record<string, string | number | null>>
  decisionId: string
  nextRunId: string | null
}

/** The reasons of one decision, stored with it and never computed again for display. */
export interface Decision {
  key: string // the verdict: 'irrigate', 'wait', 'rain-coming', 'paddy-fill', 'paddy-hold', 'cannot-judge' ...
  params: Record<string, string | number | null>
  terms: DecisionTerm[] // six at the most, in the order they are added up
  inputs: StateInput[]
  counterfactuals: { key: string; params: Record<string, string | number | null> } | null // what would change the decision
  planVersion: string
}

export interface DecisionTerm {
  key: string
  mm: number | null
  lo?: number
  hi?: number
  params?: Record<string, string | number | null>
}

export interface DecisionRow {
  id: string
  org: string
  fieldId: string
  atMs: AtMs
  body: Json<Decision>
}

/** Work that only a person can do. One of a kind stands open for a field at a time. */
export interface TaskRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  kind: string // a key of plan's `taskKeys`
  params: Json<Record<string, string | number | null>>
  state: 'open' | 'done' | 'dropped'
  decisionId: string | null
  dueMs: AtMs | null
  createdAtMs: AtMs
  endedAtMs: AtMs | null
  endedBy: string | null // 'plan' or a user id
}
