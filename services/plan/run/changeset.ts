/**
 * The changes of a farm's plan to the rows: runs, advice and the decisions of both, and only new ones. Pure.
 */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { RAIN_CHECKED_BEFORE_MS } from '../../domain/rain-condition-check.ts'
import { runSync, type CooperativeTask } from '../../runtime/cooperative.ts'
import { toJson, type AdviceRow, type RunRow, type Decision, type DecisionRow } from '../../tables.ts'
import { inputsOf, describeAdvice, termsOf, openingMode, type ZoneOutcome } from '../advice/advice.ts'
import type { FarmPlan } from './plan-farm.ts'
import { taskChanges, type TaskChanges } from '../paddy/paddy-tasks.ts'
import { reconcileRunsTask, type PlanContext, type RunChanges } from './reconcile.ts'
import { isSameAdvice } from '../advice/is-same-advice.ts'
import { rowBy, rowsBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import { isUnderWay } from '../active-runs.ts'

export interface Changeset {
  org: string
  farmId: string
  nowMs: AtMs
  changes: RunChanges
  decisions: DecisionRow[]
  advice: AdviceRow[]
  tasks: TaskChanges
  /** fields with any change */
  fields: string[]
  /** when to plan the farm again before its next hour; null: not needed */
  checkAtMs: AtMs | null
}

export const planChanges = (farm: FarmSnapshot, plan: FarmPlan, context: PlanContext): Changeset =>
  runSync(planChangesTask(farm, plan, context))

/** As `planChanges`, cooperatively. */
export function* planChangesTask(
  farm: FarmSnapshot,
  plan: FarmPlan,
  context: PlanContext,
): CooperativeTask<Changeset> {
  const changes = yield* reconcileRunsTask(farm, plan.outcomes, context)
  const nextRuns = [...changes.nextRunByZone.values()]
  const decisions: DecisionRow[] = []
  const advice: AdviceRow[] = []
  for (const field of plan.advice) {
    yield
    const next = nextRunId(farm, field.fieldId, nextRuns, context.nowMs)
    const last = rowBy(farm.advice, 'fieldId', field.fieldId)
    const isNew = rowBy(changes.insert, 'fieldId', field.fieldId) !== undefined
    const isSame = last && !isNew && last.nextRunId === next && isSameAdvice(last, field, context.nowMs)
    if (isSame) continue
    const decision = decisionRow(farm, field.fieldId, field.decision, context)
    decisions.push(decision)
    advice.push({
      fieldId: field.fieldId,
      org: farm.farm.org,
      atMs: context.nowMs,
      status: field.status,
      key: field.decision.key,
      params: toJson(field.decision.params),
      water: field.water && toJson(field.water),
      demand: field.demand === 'unknown' ? (last?.demand ?? null) : field.demand && toJson(field.demand),
      decisionId: decision.id,
      nextRunId: next,
    })
  }
  const decisionByField = new Map(decisions.map((decision) => [decision.fieldId, decision]))
  const outcomeOf = new Map(plan.outcomes.map((outcome) => [outcome.need.zone?.id, outcome]))
  for (const run of changes.insert) {
    yield
    const isSpeaking = rowBy(plan.advice, 'zoneId', run.zoneId) !== undefined
    const shared = isSpeaking ? decisionByField.get(run.fieldId) : undefined
    const decision = shared ?? zoneDecision(farm, outcomeOf.get(run.zoneId)!, context)
    if (!shared) decisions.push(decision)
    run.decisionId = decision.id
  }
  const decisionIdOf = (fieldId: string): string | null =>
    (rowBy(advice, 'fieldId', fieldId) ?? rowBy(farm.advice, 'fieldId', fieldId))?.decisionId ?? null
  const tasks = taskChanges(farm, plan.outcomes, decisionIdOf, context)
  const touched = new Set(changes.update.map(({ id }) => id))
  const fields = [
    ...advice.map((row) => row.fieldId),
    ...changes.insert.map((run) => run.fieldId),
    ...farm.runs.filter((run) => touched.has(run.id)).map((run) => run.fieldId),
    ...tasks.fields,
  ]
  return {
    org: farm.farm.org,
    farmId: farm.farm.id,
    nowMs: context.nowMs,
    changes,
    decisions,
    advice,
    tasks,
    fields: [...new Set(fields)],
    checkAtMs: nextCheckMs(farm, changes, context.nowMs),
  }
}

// dispatch accepts an approval up to 15 minutes after a run's start; a waiting proposal moves on before that
const AFTER_PROPOSAL_MS = 10 * MINUTE_MS

/** Just before a run with a rain condition, and soon after the start of a proposal without an approval. */
function nextCheckMs(farm: FarmSnapshot, changes: RunChanges, nowMs: AtMs): AtMs | null {
  const looks = [...changes.nextRunByZone.values()].flatMap((run) => {
    const zone = rowBy(farm.zones, 'id', run.zoneId)
    const beforeMs = run.rainSkip === null ? 0 : run.startMs - RAIN_CHECKED_BEFORE_MS
    const needsPerson = run.state === 'proposed' && zone !== undefined && openingMode(zone) !== 'manual'
    return [beforeMs, needsPerson ? run.startMs + AFTER_PROPOSAL_MS : 0].filter((atMs) => atMs > nowMs)
  })
  return looks.length > 0 ? looks.reduce((a, b) => Math.min(a, b)) : null
}

const decisionRow = (
  farm: FarmSnapshot,
  fieldId: string,
  decision: Omit<Decision, 'planVersion'>,
  { nowMs, newId, planVersion }: PlanContext,
): DecisionRow => ({
  id: newId(),
  org: farm.farm.org,
  fieldId,
  atMs: nowMs,
  body: toJson<Decision>({ ...decision, planVersion }),
})

/** For a zone that does not represent its field. */
function zoneDecision(farm: FarmSnapshot, outcome: ZoneOutcome, context: PlanContext): DecisionRow {
  const { need } = outcome
  const text = describeAdvice(outcome, context.nowMs)
  const inputs = inputsOf(farm, need, context.nowMs)
  const decision = { ...text.verdict, terms: termsOf(outcome), inputs, counterfactuals: text.counterfactuals }
  return decisionRow(farm, need.field.id, decision, context)
}

/** The active run, else the first planned one. */
function nextRunId(
  farm: FarmSnapshot,
  fieldId: string,
  nextRuns: readonly RunRow[],
  nowMs: number,
): string | null {
  const flowing = rowsBy(farm.runs, 'fieldId', fieldId).find((run) => isUnderWay(run, nowMs, farm))
  if (flowing) return flowing.id
  const fieldRuns = rowsBy(nextRuns, 'fieldId', fieldId)
  return fieldRuns.toSorted((a, b) => a.startMs - b.startMs)[0]?.id ?? null
}
