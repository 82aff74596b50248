/**
 * Puffers, sirens and fans: runs requested by a rule of the farm, over the same commands as valves, with the same
 * sequence numbers, lease, duration, stop and record. An output is switched off by its duration, by the lease, or as
 * soon as no rule wants it. A run that cannot start within five minutes is skipped.
 */
import { randomUUID } from 'node:crypto'
import { newLifecycle, reduceLifecycle } from '../../../broker/contract/command-lifecycle/reduce.ts'
import { dayOf, MINUTE_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import { TIMED_CAP_MS } from '../../../broker/contract/valve-device/device.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { activeLimit } from '../../domain/auxiliary-outputs.ts'
import { toJson, type CommandRow, type AuxOutputRow, type AuxOutputRunRow } from '../../tables.ts'
import {
  commandKeyOf,
  usableLinkTo,
  openValves,
  type DispatchState,
  type OpenCommand,
  type DispatchServices,
  type CommandState,
} from '../dispatch-state.ts'
import { reportViolations } from '../protocol-monitor/monitor.ts'
import { openingOrigin } from '../protocol-monitor/watch-order.ts'
import { freshReport } from '../controllers/connections.ts'
import { isLockedOut } from '../interlocks/valve-lockout.ts'
import { reconcileSequence, nextSeq } from '../controllers/sequence-numbers.ts'
import { checkOutputInterlocks, type OutputRefusal } from '../interlocks/output-interlocks.ts'
import { OUTPUT_REASON, skipOutputRun } from './output-runs.ts'
import { auditEntry, type Rows } from '../command-rows.ts'
import { pendingStopFor } from '../requests/unrecorded-stop.ts'
import { advanceCommand } from '../runs/supervise-run.ts'
import { publishCommandEvent } from '../notify.ts'

const START_WITHIN_MS = 5 * MINUTE_MS

/**
 * Everything that is due for outputs: stops unwanted runs, then starts due ones. Never throws: irrigation must not
 * depend on a siren.
 */
export async function processOutputs(dispatch: DispatchState): Promise<void> {
  const nowMs = dispatch.clock.now()
  try {
    await stopUnwanted(dispatch)
    dispatch.checkOutputsAtMs = await startDueOutputRuns(dispatch)
  } catch (error) {
    dispatch.checkOutputsAtMs = nowMs + dispatch.timing.resendMs
    dispatch.log.error({ error }, 'outputs could not be processed; retrying soon')
  }
}

/** Returns when to check again; Infinity: nothing is due. */
async function startDueOutputRuns(dispatch: DispatchState): Promise<AtMs> {
  const turns = await dispatch.state
    .selectFrom('auxOutputRun')
    .selectAll()
    .where('state', '=', 'due')
    .orderBy('fromMs')
    .execute()
  let nextMs = Infinity
  for (const turn of turns) {
    if (turn.fromMs > dispatch.clock.now()) nextMs = Math.min(nextMs, turn.fromMs)
    else if (!(await tryOutputRun(dispatch, turn)))
      nextMs = Math.min(nextMs, dispatch.clock.now() + dispatch.timing.resendMs)
  }
  return nextMs
}

/** True when nothing is left to do for the run. */
async function tryOutputRun(dispatch: DispatchState, turn: AuxOutputRunRow): Promise<boolean> {
  const output = await findOutput(dispatch.state, turn.outputId)
  if (output) await reconcileSequence(dispatch, output.org, output.deviceId)
  const key = output ? await commandKeyOf(dispatch, output.org, output.deviceId) : null
  const written = await dispatch.state
    .transaction()
    .execute((rows) => writeOutputRun(dispatch, rows, turn, key))
  if ('waitsFor' in written) {
    if (dispatch.clock.now() <= turn.fromMs + START_WITHIN_MS) return false
    await skipOutputRun(dispatch.state, turn, written.waitsFor)
  }
  if (!('live' in written)) return true
  const { live, send } = written
  dispatch.openCommands.set(live.row.id, live)
  const to = { org: live.row.org, device: live.row.deviceId }
  for (const command of send) dispatch.outbox.command(to, key!, command)
  publishCommandEvent(dispatch, live)
  if (openingOrigin(live.row) === null)
    await reportViolations(dispatch, to, [
      { rule: 'I13', valve: live.row.valve, seq: live.row.seq, detail: {} },
    ])
  return true
}

type WrittenOutputRun =
  | { live: OpenCommand; send: ReturnType<typeof reduceLifecycle>['send'] }
  | { waitsFor: OutputRefusal }
  | { skipped: OutputRefusal }
  | { isGone: true }

/** The interlocks, the command, its sequence number, its audit and the state of the run, in one transaction. */
async function writeOutputRun(
  dispatch: DispatchServices & CommandState & Pick<DispatchState, 'connections'>,
  rows: Rows,
  turn: AuxOutputRunRow,
  key: string | null,
): Promise<WrittenOutputRun> {
  const nowMs = dispatch.clock.now()
  const output = await findOutput(rows, turn.outputId)
  const link = output ? dispatch.connections.get(output.deviceId) : undefined
  const report = link ? freshReport(link, nowMs, dispatch.timing.freshMs) : null
  const verdict = checkOutputInterlocks({
    nowMs,
    turn,
    output,
    report,
    openValves: openValves(dispatch),
    timeZone: await farmTimeZone(rows, turn.farmId),
    isZoneValve: output !== null && (await isZoneValve(rows, output)),
    isLockedOut: output !== null && (await isLockedOut(rows, output.deviceId, output.valve)),
    isStopped: pendingStopFor(dispatch, turn.org, null) !== undefined,
    usedMinutes: await usedMinutesToday(rows, turn, nowMs),
  })
  if (verdict.do === 'wait') return { waitsFor: verdict.why }
  if (verdict.do === 'skip' || key === null) {
    const why = verdict.do === 'skip' ? verdict.why : 'no-valve'
    await skipOutputRun(rows, turn, why)
    return { skipped: why }
  }
  const { deviceId, valve } = output!
  const { last, capMs, class: kind } = report!
  const isTimed = kind === 'timed'
  const durMs = Math.round(Math.min(turn.minutes * MINUTE_MS, capMs, isTimed ? TIMED_CAP_MS : Infinity))
  const id = randomUUID()
  const taken = await rows
    .updateTable('auxOutputRun')
    .set({ state: 'sent', commandId: id })
    .where('id', '=', turn.id)
    .where('state', '=', 'due')
    .executeTakeFirst()
  if (taken.numUpdatedRows === 0n) return { isGone: true }
  const seq = await nextSeq(rows, deviceId, valve, last[valve] ?? 0)
  const expiresAtMs = turn.fromMs + START_WITHIN_MS
  const born = newLifecycle({ id, valve, seq, durMs, litres: null, expiresAtMs, isTimed })
  const { lifecycle, send } = reduceLifecycle(
    born,
    { type: 'tick', atMs: nowMs, link: usableLinkTo(dispatch, deviceId) },
    dispatch.timing,
  )
  const live: OpenCommand = {
    row: commandRow(output!, lifecycle, nowMs),
    lifecycle,
    zone: null,
    fieldId: turn.fieldId,
    stoppedBy: null,
    stoppedBySupervision: null,
    retryAtMs: 0,
    checkAtMs: 0,
  }
  await rows.insertInto('command').values(live.row).execute()
  await appendAudit(rows, auditEntry(live, nowMs))
  return { live, send }
}

function commandRow(output: AuxOutputRow, lifecycle: OpenCommand['lifecycle'], atMs: AtMs): CommandRow {
  return {
    id: lifecycle.id,
    org: output.org,
    deviceId: output.deviceId,
    valve: output.valve,
    seq: lifecycle.seq,
    op: 'open',
    ofSeq: null,
    runId: null,
    requestId: null,
    durMs: lifecycle.durMs,
    litres: null,
    state: lifecycle.state,
    lifecycle: toJson(lifecycle),
    outcome: null,
    // the person who opted in
    actor: output.switchedBy ?? `plan:${OUTPUT_REASON}`,
    reason: OUTPUT_REASON,
    expiresAtMs: lifecycle.expiresAtMs,
    createdAtMs: atMs,
    sentAtMs: lifecycle.sentAtMs,
    confirmedAtMs: null,
    endedAtMs: null,
    ranMs: null,
    ranLitres: null,
  }
}

/** Switched off, paused, outside its hours, or not wanted by its rule any more: stop now. */
async function stopUnwanted(dispatch: DispatchState): Promise<void> {
  for (const live of [...dispatch.openCommands.values()]) {
    const { row, lifecycle } = live
    if (row.reason !== OUTPUT_REASON || lifecycle.isStopped) continue
    const turn = await dispatch.state
      .selectFrom('auxOutputRun')
      .selectAll()
      .where('commandId', '=', row.id)
      .executeTakeFirst()
    const output = turn && (await findOutput(dispatch.state, turn.outputId))
    const timeZone = turn ? await farmTimeZone(dispatch.state, turn.farmId) : 'UTC'
    const isWanted =
      turn !== undefined &&
      turn.state !== 'ending' &&
      output != null &&
      activeLimit(output, dispatch.clock.now(), timeZone) === null
    if (isWanted) continue
    live.stoppedBy ??= output?.switchedBy ?? OUTPUT_REASON
    await advanceCommand(dispatch, live, { type: 'stop' })
  }
}

const findOutput = async (rows: Rows, id: string): Promise<AuxOutputRow | null> =>
  (await rows.selectFrom('auxOutput').selectAll().where('id', '=', id).executeTakeFirst()) ?? null

async function farmTimeZone(rows: Rows, farmId: string): Promise<string> {
  const farm = await rows.selectFrom('farm').select('timeZone').where('id', '=', farmId).executeTakeFirst()
  return farm?.timeZone ?? 'UTC'
}

const isZoneValve = async (rows: Rows, { deviceId, valve }: AuxOutputRow): Promise<boolean> =>
  (await rows
    .selectFrom('zone')
    .select('id')
    .where('controllerId', '=', deviceId)
    .where('valve', '=', valve)
    .executeTakeFirst()) !== undefined

/** A run without a recorded end counts in full. */
async function usedMinutesToday(rows: Rows, turn: AuxOutputRunRow, nowMs: AtMs): Promise<number> {
  const timeZone = await farmTimeZone(rows, turn.farmId)
  const turns = await rows
    .selectFrom('auxOutputRun')
    .select(['minutes', 'ranMs'])
    .where('outputId', '=', turn.outputId)
    .where('id', '!=', turn.id)
    .where('state', 'not in', ['skipped', 'due'])
    .where('fromMs', '>=', startOfDay(dayOf(nowMs, timeZone), timeZone))
    .execute()
  return turns.reduce((sum, { minutes, ranMs }) => sum + (ranMs === null ? minutes : ranMs / MINUTE_MS), 0)
}
