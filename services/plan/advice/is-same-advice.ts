/**
 * Whether the advice of a field is unchanged: a stored decision is kept while its numbers are within the
 * tolerances. Pure.
 */
import { HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import type { DecisionTerm } from '../../tables.ts'
import type { FieldAdvice } from './advice.ts'
import type { LastAdvice } from '../snapshot.ts'

const SAME_MM = 1
const SAME_OTHER = 0.5
// of a run: its row is shown next to the decision
const SAME_DEPTH_MM = 0.05
const SAME_START_MS = MINUTE_MS
const SAME_MS = 6 * HOUR_MS
const DECISION_VALID_MS = 12 * HOUR_MS

export function isSameAdvice(last: LastAdvice, field: FieldAdvice, nowMs: number): boolean {
  const { decision, decisionAtMs } = last
  if (!decision || decisionAtMs === null || nowMs - decisionAtMs > DECISION_VALID_MS) return false
  if (
    last.status !== field.status ||
    decision.key !== field.decision.key ||
    decision.counterfactuals?.key !== field.decision.counterfactuals?.key
  )
    return false
  const isRun = field.decision.params['minutes'] !== undefined
  if (decision.terms.length !== field.decision.terms.length) return false
  return (
    decision.terms.every((term, i) => isSameTerm(term, field.decision.terms[i]!)) &&
    Object.entries(field.decision.params).every(
      ([name, value]) => isSameParam(name, decision.params[name], value, isRun) || isOnlyAge(field, name),
    )
  )
}

// the age of an unknown state grows by itself; the state was already shown as unknown
const isOnlyAge = (field: FieldAdvice, name: string): boolean =>
  field.decision.key === 'cannot-judge' && name === 'atMs'

const isSameTerm = (a: DecisionTerm, b: DecisionTerm): boolean =>
  a.key === b.key &&
  (a.mm === null || b.mm === null ? a.mm === b.mm : Math.abs(a.mm - b.mm) < SAME_MM) &&
  // the limit that cut a run
  a.params?.limit === b.params?.limit

function isSameParam(
  name: string,
  a: string | number | null | undefined,
  b: string | number | null,
  isRun: boolean,
): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  if (name === 'atMs') return Math.abs(a - b) < SAME_START_MS
  if (name === 'mm' && isRun) return Math.abs(a - b) < SAME_DEPTH_MM
  const tolerance = name.endsWith('Ms') ? SAME_MS : name.toLowerCase().endsWith('mm') ? SAME_MM : SAME_OTHER
  return Math.abs(a - b) < tolerance
}
