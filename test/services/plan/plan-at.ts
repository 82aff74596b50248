/** A farm's plan at an instant, without a store. */
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { planFarm } from '../../../services/plan/run/plan-farm.ts'
import { reconcileRuns } from '../../../services/plan/run/reconcile.ts'
import type { FarmSnapshot } from '../../../services/plan/snapshot.ts'
import { at, snapshot } from './farm.ts'

const lasts = 6 * HOUR_MS
const timesAt = (nowMs: number) => ({ nowMs, stateValidMs: lasts, silentBeforeMs: nowMs - 15 * 60_000 })
export const planAt = (nowMs: number, set: Partial<FarmSnapshot> = {}) =>
  planFarm(snapshot(set), timesAt(nowMs))
export const adviceAt = (nowMs: number, set: Partial<FarmSnapshot> = {}) => planAt(nowMs, set).advice[0]!
export const runs = (nowMs: number, set: Partial<FarmSnapshot> = {}) =>
  planAt(nowMs, set).outcomes.flatMap(({ run }) => (run ? [run] : []))
export const evening = at(-4)

export function changesAt(nowMs: number, set: Partial<FarmSnapshot> = {}) {
  const farm = snapshot(set)
  let id = 0
  const plan = planFarm(farm, timesAt(nowMs))
  return reconcileRuns(farm, plan.outcomes, { nowMs, planVersion: '1-new', newId: () => `new-${++id}` })
}
