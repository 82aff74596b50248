/** Writes a farm's plan: runs, advice and the reasons of both, in one transaction, and only what is new. */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import { fail } from '../errors.ts'
import type { State } from '../ports.ts'
import { toJson, type AdviceRow, type Why, type WhyRow, type WhyTerm } from '../tables.ts'
import { sayOf, termsOf, wayOf, type FieldAdvice } from './advice.ts'
import type { FarmPlan } from './farm-plan.ts'
import { reconcileRuns, type Making, type RunChanges } from './reconcile.ts'
import type { FarmSnapshot, LastAdvice } from './snapshot.ts'
import { isUnderWay } from './under-way.ts'
import { whyInputs } from './why.ts'

export interface Recorded {
  /** fields of which anything changed */
  fields: string[]
  /** when the farm should be looked at again, before its hour; null: it need not */
  lookAtMs: AtMs | null
}

/** CONFLICT when a run moved on while the plan was made: nothing is written, read the farm again. */
export async function recordPlan(
  state: State,
  farm: FarmSnapshot,
  plan: FarmPlan,
  making: Making,
): Promise<Recorded> {
  const changes = reconcileRuns(farm, plan.outcomes, making)
  const whys: WhyRow[] = []
  const advice: AdviceRow[] = []
  for (const field of plan.advice) {
    const next = nextRun(farm, field.fieldId, changes, making.nowMs)
    const last = farm.advice.find((row) => row.fieldId === field.fieldId)
    const isNew = changes.insert.some((run) => run.fieldId === field.fieldId)
    const isSame = last && !isNew && last.nextRunId === next && isSameAdvice(last, field, making.nowMs)
    if (isSame) continue
    const why = whyRow(farm, field.fieldId, field.why, making)
    whys.push(why)
    advice.push({
      fieldId: field.fieldId,
      org: farm.farm.org,
      atMs: making.nowMs,
      status: field.status,
      key: field.why.key,
      params: toJson(field.why.params),
      whyId: why.id,
      nextRunId: next,
    })
  }
  for (const run of changes.insert) {
    const speaking = plan.advice.find((field) => field.zoneId === run.zoneId)
    const shared = speaking && whys.find((why) => why.fieldId === run.fieldId)
    const why = shared ?? whyOfZone(farm, plan, run.zoneId, making)
    if (!shared) whys.push(why)
    run.whyId = why.id
  }
  const lookAtMs = nextLook(farm, changes, making.nowMs)
  if (changes.insert.length + changes.update.length + advice.length === 0) return { fields: [], lookAtMs }
  await write(state, changes, whys, advice)
  const touched = new Set(changes.update.map(({ id }) => id))
  const fields = [
    ...advice.map((row) => row.fieldId),
    ...changes.insert.map((run) => run.fieldId),
    ...farm.runs.filter((run) => touched.has(run.id)).map((run) => run.fieldId),
  ]
  return { fields: [...new Set(fields)], lookAtMs }
}

// rain is judged while the run may still be taken back
const BEFORE_RUN_MS = 3 * MINUTE_MS
// dispatch takes a yes up to 15 minutes after a run's time; a proposal that waits moves on before that
const AFTER_PROPOSAL_MS = 10 * MINUTE_MS

/** Just before a run that rain may skip, and soon after the time of a proposal that nobody answered. */
function nextLook(farm: FarmSnapshot, changes: RunChanges, nowMs: AtMs): AtMs | null {
  const looks = [...changes.standing.values()].flatMap((run) => {
    const zone = farm.zones.find(({ id }) => id === run.zoneId)
    const beforeMs = run.skipIf === null ? 0 : run.startMs - BEFORE_RUN_MS
    const isAsked = run.state === 'proposed' && zone !== undefined && wayOf(zone) !== 'hand'
    return [beforeMs, isAsked ? run.startMs + AFTER_PROPOSAL_MS : 0].filter((atMs) => atMs > nowMs)
  })
  return looks.length > 0 ? Math.min(...looks) : null
}

async function write(state: State, changes: RunChanges, whys: WhyRow[], advice: AdviceRow[]): Promise<void> {
  await state.transaction().execute(async (rows) => {
    for (const why of whys) await rows.insertInto('why').values(why).execute()
    for (const { id, from, set } of changes.update) {
      const { numUpdatedRows } = await rows
        .updateTable('run')
        .set(set)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst()
      // sent or approved meanwhile: a replacement beside it would water twice, so nothing of this plan is written
      if (numUpdatedRows === 0n) fail('CONFLICT', `run ${id} is no longer ${from}`)
    }
    for (const run of changes.insert) await rows.insertInto('run').values(run).execute()
    for (const row of advice)
      await rows
        .insertInto('advice')
        .values(row)
        .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(row))
        .execute()
  })
}

const whyRow = (
  farm: FarmSnapshot,
  fieldId: string,
  why: Omit<Why, 'planVersion'>,
  { nowMs, newId, planVersion }: Making,
): WhyRow => ({
  id: newId(),
  org: farm.farm.org,
  fieldId,
  atMs: nowMs,
  body: toJson<Why>({ ...why, planVersion }),
})

/** For a zone whose field is spoken for by another. */
function whyOfZone(farm: FarmSnapshot, plan: FarmPlan, zoneId: string, making: Making): WhyRow {
  const outcome = plan.outcomes.find(({ need }) => need.zone?.id === zoneId)!
  const { need } = outcome
  const said = sayOf(farm, outcome, making.nowMs)
  const rain = need.need.kind === 'upland' ? need.need.book.rain : need.need.plan.rain
  const inputs = whyInputs(need.state, farm.forecast, rain, making.nowMs)
  const why = { ...said.verdict, terms: termsOf(outcome), inputs, flips: said.flips }
  return whyRow(farm, need.field.id, why, making)
}

/** What flows, else what will flow first. */
function nextRun(farm: FarmSnapshot, fieldId: string, changes: RunChanges, nowMs: number): string | null {
  const flowing = farm.runs.find((run) => run.fieldId === fieldId && isUnderWay(run, nowMs))
  if (flowing) return flowing.id
  const standing = [...changes.standing.values()].filter((run) => run.fieldId === fieldId)
  return standing.sort((a, b) => a.startMs - b.startMs)[0]?.id ?? null
}

// a Why is kept for as long as its numbers still are the field's
const SAME_MM = 1
const SAME_OTHER = 0.5
// the run's own row says its time to the minute
const SAME_START_MS = 45 * MINUTE_MS
const SAME_MS = 6 * 3_600_000
const WHY_LASTS_MS = 12 * 3_600_000

function isSameAdvice(last: LastAdvice, field: FieldAdvice, nowMs: number): boolean {
  const { why, whyAtMs } = last
  if (!why || whyAtMs === null || nowMs - whyAtMs > WHY_LASTS_MS) return false
  if (last.status !== field.status || why.key !== field.why.key || why.flips?.key !== field.why.flips?.key)
    return false
  if (why.terms.length !== field.why.terms.length) return false
  return (
    why.terms.every((term, i) => isSameTerm(term, field.why.terms[i]!)) &&
    Object.entries(field.why.params).every(([name, value]) => isSameParam(name, why.params[name], value))
  )
}

const isSameTerm = (a: WhyTerm, b: WhyTerm): boolean =>
  a.key === b.key &&
  (a.mm === null || b.mm === null ? a.mm === b.mm : Math.abs(a.mm - b.mm) < SAME_MM) &&
  // the limit that cut a run
  a.params?.limit === b.params?.limit

function isSameParam(
  name: string,
  a: string | number | null | undefined,
  b: string | number | null,
): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  if (name === 'atMs') return Math.abs(a - b) < SAME_START_MS
  const tolerance = name.endsWith('Ms') ? SAME_MS : name.toLowerCase().endsWith('mm') ? SAME_MM : SAME_OTHER
  return Math.abs(a - b) < tolerance
}
