/**
 * Work that only a person can do at a paddy: the open tasks compared with the tasks needed now. One of a kind
 * for each field. Pure.
 */
import { readTaskParams, toJson, type FieldRow, type TaskRow } from '../../tables.ts'
import type { ZoneOutcome } from '../advice/advice.ts'
import type { PlanContext } from '../run/reconcile.ts'
import { rowsBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import type { TaskKey } from './message-keys.ts'
import type { PaddyPlan } from './paddy-plan.ts'
import { tenth } from '../../runtime/math.ts'

export interface TaskChanges {
  insert: TaskRow[]
  drop: string[]
  fields: string[]
}

type DesiredTask = Pick<TaskRow, 'params' | 'dueMs'> & { kind: TaskKey }

/** A field without a decision keeps its tasks. */
export function taskChanges(
  farm: FarmSnapshot,
  outcomes: readonly ZoneOutcome[],
  decisionIdOf: (fieldId: string) => string | null,
  { nowMs, newId }: PlanContext,
): TaskChanges {
  const changes: TaskChanges = { insert: [], drop: [], fields: [] }
  // of several zones the first determines the tasks of its field
  const needs = new Map(outcomes.map(({ need }) => [need.field.id, need.need] as const).reverse())
  for (const field of farm.fields) {
    const plan = needs.get(field.id)
    if (plan?.kind !== 'paddy') continue
    const openTasks = rowsBy(farm.tasks, 'fieldId', field.id)
    const desired = desiredTasks(plan.plan)
    for (const task of openTasks) {
      const sameIndex = desired.findIndex((candidate) => isSameTask(candidate, task))
      if (sameIndex >= 0) desired.splice(sameIndex, 1)
      else changes.drop.push(task.id)
    }
    for (const candidate of desired)
      changes.insert.push(taskRow(field, candidate, decisionIdOf(field.id), newId(), nowMs))
    if (desired.length > 0 || openTasks.some(({ id }) => changes.drop.includes(id)))
      changes.fields.push(field.id)
  }
  return changes
}

function desiredTasks({ board, storm, now: { loss } }: PaddyPlan): DesiredTask[] {
  const desired: DesiredTask[] = []
  if (board) {
    const dueMs = storm?.phase === 'ahead' ? storm.fromMs : null
    desired.push({ kind: 'set-board', params: toJson({ boardMm: board.mm, reason: board.reason }), dueMs })
  }
  if (loss?.isHigh) {
    const params = { lossMm: tenth(loss.nowMmD), usualMm: tenth(loss.usualMmD) }
    desired.push({ kind: 'inspect-bund', params: toJson(params), dueMs: null })
  }
  return desired
}

/** a smaller difference is the same height in practice */
const SAME_BOARD_MM = 20

function isSameTask(desired: DesiredTask, task: TaskRow): boolean {
  if (desired.kind !== task.kind) return false
  if (desired.kind !== 'set-board') return true
  const [a, b] = [readTaskParams(desired.params), readTaskParams(task.params)]
  return a['reason'] === b['reason'] && Math.abs(Number(a['boardMm']) - Number(b['boardMm'])) < SAME_BOARD_MM
}

const taskRow = (
  field: FieldRow,
  { kind, params, dueMs }: DesiredTask,
  decisionId: string | null,
  id: string,
  nowMs: number,
): TaskRow => ({
  id,
  org: field.org,
  farmId: field.farmId,
  fieldId: field.id,
  kind,
  params,
  state: 'open',
  decisionId,
  dueMs,
  createdAtMs: nowMs,
  endedAtMs: null,
  endedBy: null,
})
