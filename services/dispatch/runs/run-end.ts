/**
 * The result of a run after one of its openings has ended: done, failed, or continued with the rest of its dose.
 * Possible run time counts as run time, so that no field is watered twice.
 */
import { activeStates, type CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { readLifecycle, type RunRow, type RunState } from '../../tables.ts'
import type { DueRun, OpenCommand } from '../dispatch-state.ts'
import { isDeliberate } from '../interlocks/valve-result.ts'
import type { Rows } from '../command-rows.ts'

export interface RunEnd {
  state: RunState
  why: string
  continued: DueRun | null
}

// a shorter rest is dropped
const MIN_REST_MS = MINUTE_MS
/**
 * Outcomes after which the rest of the dose is still needed. 'timer' leaves a rest when the cap shortened the command.
 */
const CONTINUABLE = new Set([
  'timer',
  'lease',
  'power',
  'fenced',
  'unconfirmed',
  'unclear',
  'expired',
  'busy',
])

/** After a manual start the person may have left or be in the field: the rest is offered and never opens by itself. */
const CONTINUABLE_MANUAL = new Set(['timer'])

/** Pure. `ranMs`: upper bound of all openings of the run, this one included. `beginByMs`: latest start of the rest. */
export function decideRunEnd(
  run: RunRow,
  lifecycle: Pick<CommandLifecycle, 'outcome' | 'isStopped' | 'isBound'>,
  ranMs: number,
  atMs: AtMs,
  beginByMs: AtMs,
): RunEnd {
  const why = lifecycle.outcome ?? 'unknown'
  const doseMs = run.minutes * MINUTE_MS
  const leftMs = doseMs - ranMs
  const isWanted = run.cause === 'manual' ? CONTINUABLE_MANUAL : CONTINUABLE
  if (!lifecycle.isStopped && isWanted.has(why) && leftMs >= MIN_REST_MS && atMs <= beginByMs) {
    const continued = {
      run,
      fromMs: atMs,
      expiresAtMs: beginByMs,
      doseMs: leftMs,
      isContinued: true,
      controllerId: null,
      waitsFor: null,
    }
    return { state: 'running', why, continued }
  }
  const endAs = (state: RunState): RunEnd => ({ state, why, continued: null })
  if (ranMs === 0)
    return endAs(
      lifecycle.isStopped || isDeliberate(why) ? 'cancelled' : why === 'expired' ? 'skipped' : 'failed',
    )
  if (why === 'timer' || why === 'litres' || isDeliberate(why)) return endAs('done')
  return endAs(leftMs >= MIN_REST_MS || lifecycle.isBound ? 'failed' : 'done')
}

/**
 * All waits of a run stay within its window, so that the whole dose ends in time. The window is stored in the command,
 * because it is shifted when the clock is set.
 */
const latestStartMs = ({ expiresAtMs, ranMs }: Pick<CommandLifecycle, 'expiresAtMs' | 'ranMs'>): AtMs =>
  expiresAtMs + (ranMs ?? 0)

/** Writes the result. Null when the opening belongs to no run. */
export async function writeRunEnd(
  rows: Rows,
  openCommand: Pick<OpenCommand, 'row' | 'lifecycle'>,
  atMs: AtMs,
): Promise<RunEnd | null> {
  const run = await findRun(rows, openCommand.row.runId)
  if (!run) return null
  // the controller has unrecorded runs: the rest may already have run
  if (run.endReason === 'sequence-mismatch') return { state: run.state, why: run.endReason, continued: null }
  const end = decideRunEnd(
    run,
    openCommand.lifecycle,
    await totalRanMs(rows, run.id),
    atMs,
    latestStartMs(openCommand.lifecycle),
  )
  await rows
    .updateTable('run')
    .set({ state: end.state, endReason: end.continued ? null : end.why, updatedAtMs: atMs })
    .where('id', '=', run.id)
    .execute()
  return end
}

/** Started runs without an open command, which the previous process would have continued. */
export async function findInterruptedRuns(rows: Rows, atMs: AtMs, missedWindowMs: number): Promise<DueRun[]> {
  const runs = await rows.selectFrom('run').selectAll().where('state', 'in', ['sent', 'running']).execute()
  const continued: DueRun[] = []
  for (const run of runs) {
    const commands = await rows
      .selectFrom('command')
      .select(['state', 'outcome', 'lifecycle'])
      .where('runId', '=', run.id)
      .where('op', '=', 'open')
      .orderBy('seq', 'desc')
      .execute()
    if (commands.some(({ state }) => (activeStates as readonly string[]).includes(state))) continue
    const last = commands[0]
    const beginByMs = last ? latestStartMs(readLifecycle(last.lifecycle)) : run.startMs + missedWindowMs
    const lifecycle = { outcome: last?.outcome ?? 'expired', isStopped: false, isBound: false }
    const end = decideRunEnd(run, lifecycle, await totalRanMs(rows, run.id), atMs, beginByMs)
    if (end.continued) continued.push(end.continued)
    else
      await rows
        .updateTable('run')
        .set({ state: end.state, endReason: end.why, updatedAtMs: atMs })
        .where('id', '=', run.id)
        .execute()
  }
  return continued
}

const findRun = (rows: Rows, id: string | null): Promise<RunRow | undefined> =>
  id === null
    ? Promise.resolve(undefined)
    : rows.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()

/** A run with all its openings, for the monitor of its dose. */
export async function findRunWithOpenings(
  rows: Rows,
  runId: string | null,
): Promise<{ row: RunRow; openings: { ranMs: number | null }[] } | null> {
  const row = await findRun(rows, runId)
  return row ? { row, openings: await findOpenings(rows, row.id) } : null
}

const findOpenings = (rows: Rows, runId: string): Promise<{ ranMs: number | null }[]> =>
  rows.selectFrom('command').select('ranMs').where('runId', '=', runId).where('op', '=', 'open').execute()

async function totalRanMs(rows: Rows, runId: string): Promise<number> {
  const commands = await findOpenings(rows, runId)
  return commands.reduce((sum, { ranMs }) => sum + (ranMs ?? 0), 0)
}
