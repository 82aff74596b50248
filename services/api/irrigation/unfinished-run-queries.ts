/** Runs that ended early, with remaining minutes that nobody has decided about yet. */
import { addDays, DAY_MS, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { IrrigationRow, RunRow } from '../../tables.ts'
import type { UnfinishedRun } from './plan-schemas.ts'
import { readUserNames } from '../auth/user-queries.ts'
import { beganMs, openedStates, runRecord, type LaterRun, type RunStop } from './run-record-view.ts'

/** After a week a new decision is due. */
const DECISION_WINDOW_MS = 7 * DAY_MS

/** Newest first. `names`: of the organisation's fields. */
export async function readUnfinished(
  state: State,
  org: string,
  nowMs: AtMs,
  names: ReadonlyMap<string, string>,
): Promise<UnfinishedRun[]> {
  const runs = await state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', org)
    .where('state', '=', 'failed')
    .where('startMs', '>=', nowMs - DECISION_WINDOW_MS)
    .where('id', 'not in', (of) =>
      of.selectFrom('unfinishedRunDecision').select('runId').where('org', '=', org),
    )
    .orderBy('startMs', 'desc')
    .execute()
  if (runs.length === 0) return []
  const [records, later] = await Promise.all([
    readIrrigations(state, org, runs),
    readLaterRuns(state, org, runs),
  ])
  return runs.flatMap((run) => {
    const runRecords = records.filter(({ runId }) => runId === run.id)
    const { ranMinutes, restMinutes } = runRecord(run, runRecords, later)
    const fieldName = names.get(run.fieldId)
    if (restMinutes === null || ranMinutes === null || fieldName === undefined) return []
    const { id: runId, day, fieldId, minutes, endReason } = run
    const atMs = beganMs(run, runRecords)
    return [{ runId, day, fieldId, fieldName, atMs, minutes, ranMinutes, restMinutes, endReason }]
  })
}

/** The irrigation records of these runs, without voided ones. */
export const readIrrigations = (
  state: State,
  org: string,
  runs: readonly Pick<RunRow, 'id'>[],
): Promise<IrrigationRow[]> =>
  runs.length === 0
    ? Promise.resolve([])
    : state
        .selectFrom('irrigation')
        .selectAll()
        .where('org', '=', org)
        .where('voidedAtMs', 'is', null)
        .where(
          'runId',
          'in',
          runs.map(({ id }) => id),
        )
        .execute()

/** The newest opening of each zone since the first of these runs, including later days. */
export async function readLaterRuns(state: State, org: string, runs: readonly RunRow[]): Promise<LaterRun[]> {
  if (runs.length === 0) return []
  const rows = await state
    .selectFrom('run')
    .select((row) => ['zoneId', 'state', row.fn.max('startMs').as('startMs')])
    .where('org', '=', org)
    .where('startMs', '>', Math.min(...runs.map(({ startMs }) => startMs)))
    .where('state', 'in', openedStates)
    .where(
      'zoneId',
      'in',
      runs.map(({ zoneId }) => zoneId),
    )
    .groupBy(['zoneId', 'state'])
    .execute()
  return rows.map(({ zoneId, state, startMs }) => ({ zoneId, state, startMs: Number(startMs) }))
}

/** The STOPs of people since the first of these runs, with their names, oldest first. */
export async function readStops(state: State, org: string, runs: readonly RunRow[]): Promise<RunStop[]> {
  const ended = runs.filter(({ state, endReason }) => state === 'done' && endReason !== 'timer')
  if (ended.length === 0) return []
  const rows = await state
    .selectFrom('request')
    .select(['zoneId', 'atMs', 'actor'])
    .where('org', '=', org)
    .where('kind', 'in', ['stop', 'stop-all'])
    .where('atMs', '>=', Math.min(...ended.map(({ startMs }) => startMs)))
    .where('atMs', '<', Math.max(...ended.map(({ startMs }) => startMs)) + DAY_MS)
    .orderBy('atMs')
    .execute()
  const names = await readUserNames(state, [...new Set(rows.map(({ actor }) => actor))])
  return rows.map(({ zoneId, atMs, actor }) => ({ zoneId, atMs, by: names.get(actor) ?? null }))
}

/** The records of openings and of water by hand around a day that begins then: from the evening before to its end. */
export const readFlows = (state: State, org: string, startMs: AtMs): Promise<IrrigationRow[]> =>
  state
    .selectFrom('irrigation')
    .selectAll()
    .where('org', '=', org)
    .where('voidedAtMs', 'is', null)
    .where('commandedAtMs', '>=', startMs - 2 * DAY_MS)
    .where('commandedAtMs', '<', startMs + 2 * DAY_MS)
    .execute()

/** Records of an organisation that started on the day without a run of ours: by hand, or reported by a controller. */
export const readUnplannedWater = (
  state: State,
  org: string,
  day: Day,
  timeZone: string,
): Promise<IrrigationRow[]> =>
  state
    .selectFrom('irrigation')
    .selectAll()
    .where('org', '=', org)
    .where('commandedAtMs', '>=', startOfDay(day, timeZone))
    .where('commandedAtMs', '<', startOfDay(addDays(day, 1), timeZone))
    .whereRef('runId', '=', 'id')
    .where('voidedAtMs', 'is', null)
    .execute()
