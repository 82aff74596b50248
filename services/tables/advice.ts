/** Advice on a field, the decision behind it, and tasks for people. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { StateInput } from './field-state.ts'
import type { Json } from './json.ts'

export type FieldStatus = 'act' | 'soon' | 'ok' | 'wet' | 'unknown'

/** The current advice on a field; written by plan. */
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

/** The reasons of one decision, stored with it and never recomputed for display. */
export interface Decision {
  key: string // the verdict: 'irrigate', 'wait', 'rain-coming', 'paddy-fill', 'paddy-hold', 'cannot-judge' ...
  params: Record<string, string | number | null>
  terms: DecisionTerm[] // at most six, in the order of summation
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

/** Work that only a person can do. At most one open task per kind and field. */
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
