/** Advice on a field, the decision behind it, and tasks for people. */
import Type, { type Static } from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { StateInput } from './field-state.ts'
import { jsonColumn, OrNull, Message, Params, type Json } from './json.ts'

export type FieldStatus = 'act' | 'soon' | 'ok' | 'wet' | 'unknown'

/**
 * The water that the decision of an upland field compared, mm: what is left until irrigation is due, of the amount when the
 * soil is full. Below 0 the field is drier than its limit. `lo` and `hi` hold eight of ten cases.
 */
const AdviceWater = Type.Object({
  leftMm: Type.Number(),
  loMm: Type.Number(),
  hiMm: Type.Number(),
  ofMm: Type.Number(),
  tawMm: Type.Number(), // between field capacity and the wilting point
})
export type AdviceWater = Static<typeof AdviceWater>

/** Water that an upland field needs and has not got: the limit and the depletion when the need was found, mm. */
const OpenDemand = Type.Object({ lineMm: Type.Number(), depletionMm: Type.Number() })
export type OpenDemand = Static<typeof OpenDemand>

/** The current advice on a field; written by plan. */
export interface AdviceRow {
  fieldId: string
  org: string
  atMs: AtMs
  status: FieldStatus
  key: string // catalogue key of the one-line verdict
  params: Json<Params>
  water: Json<AdviceWater> | null // null: a paddy, or nothing was compared
  demand: Json<OpenDemand> | null // kept while the field is unknown, or rain is expected
  decisionId: string
  nextRunId: string | null
}

export const readAdviceParams = jsonColumn('advice.params', Params)
export const readOpenDemand = jsonColumn('advice.demand', OpenDemand)
export const readAdviceWater = jsonColumn('advice.water', AdviceWater)

const DecisionTerm = Type.Object({
  key: Type.String(),
  mm: OrNull(Type.Number()),
  lo: Type.Optional(Type.Number()),
  hi: Type.Optional(Type.Number()),
  params: Type.Optional(Params),
})
export type DecisionTerm = Static<typeof DecisionTerm>

/** The reasons of one decision, stored with it and never recomputed for display. */
const Decision = Type.Object({
  key: Type.String(), // the verdict: 'irrigate', 'wait', 'rain-coming', 'paddy-fill', 'paddy-hold', 'cannot-judge' ...
  params: Params,
  terms: Type.Array(DecisionTerm), // at most six, in the order of summation
  inputs: Type.Array(StateInput),
  counterfactuals: OrNull(Message), // what would change the decision
  planVersion: Type.String(),
})
export type Decision = Static<typeof Decision>

export interface DecisionRow {
  id: string
  org: string
  fieldId: string
  atMs: AtMs
  body: Json<Decision>
}

export const readDecision = jsonColumn('decision.body', Decision)

/** Work that only a person can do. At most one open task per kind and field. */
export interface TaskRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  kind: string // a key of plan's `taskKeys`
  params: Json<Params>
  state: 'open' | 'done' | 'dropped'
  decisionId: string | null
  dueMs: AtMs | null
  createdAtMs: AtMs
  endedAtMs: AtMs | null
  endedBy: string | null // 'plan' or a user id
}

export const readTaskParams = jsonColumn('task.params', Params)
