/**
 * Puffers, sirens and fans: runs requested by a rule of the farm, with the same commands, sequence numbers, lease,
 * duration, stop and record as valves. An output is switched off by its duration, by the lease, or as soon as no rule
 * requests it. A run that cannot start within five minutes is skipped.
 */
import { randomUUID } from 'node:crypto'
import { MAX_RUN_MS } from '../../../broker/contract/bounds.ts'
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
import { inOrg } from '../../runtime/transactions.ts'

const START_WITHIN_MS = 5 * MINUTE_MS

/**
 * Stops output runs that are no longer requested, then starts due ones. Never throws: irrigation must not depend on a
 * siren.
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

/** Returns the time of the next check; Infinity: nothing is due. */
async function startDueOutputRuns(dispatch: DispatchState): Promise<AtMs> {
  const outputRuns = await dispatch.state
    .selectFrom('auxOutputRun')
    .selectAll()
    .where('state', '=', 'due')
    .orderBy('fromMs')
    .execute()
  let nextMs = Infinity
  for (const outputRun of outputRuns) {
    if (outputRun.fromMs > dispatch.clock.now()) nextMs = Math.min(nextMs, outputRun.fromMs)
    else if (!(await tryOutputRun(dispatch, outputRun)))
      nextMs = Math.min(nextMs, dispatch.clock.now() + dispatch.timing.resendMs)
  }
  return nextMs
}

/** True when the run needs no further attempt. */
async function tryOutputRun(dispatch: DispatchState, outputRun: AuxOutputRunRow): Promise<boolean> {
  const output = await findOutput(dispatch.state, outputRun.outputId)
  if (output) await reconcileSequence(dispatch, output.org, output.deviceId)
  const key = output ? await commandKeyOf(dispatch, output.org, output.deviceId) : null
  const result = await inOrg(dispatch.state, outputRun.org, (rows) =>
    writeOutputRun(dispatch, rows, outputRun, key),
  )
  if ('waitsFor' in result) {
    if (dispatch.clock.now() <= outputRun.fromMs + START_WITHIN_MS) return false
    await skipOutputRun(dispatch.state, outputRun, result.waitsFor)
  }
  if (!('openCommand' in result)) return true
  const { openCommand, send } = result
  dispatch.openCommands.set(openCommand.row.id, openCommand)
  const to = { org: openCommand.row.org, device: openCommand.row.deviceId }
  for (const command of send) dispatch.outbox.command(to, key!, command)
  publishCommandEvent(dispatch, openCommand)
  if (openingOrigin(openCommand.row) === null)
    await reportViolations(dispatch, to, [
      { rule: 'I13', valve: openCommand.row.valve, seq: openCommand.row.seq, detail: {} },
    ])
  return true
}

type WrittenOutputRun =
  | { openCommand: OpenCommand; send: ReturnType<typeof reduceLifecycle>['send'] }
  | { waitsFor: OutputRefusal }
  | { skipped: OutputRefusal }
  | { isGone: true }

/** The interlocks, the command, its sequence number, its audit and the state of the run, in one transaction. */
async function writeOutputRun(
  dispatch: DispatchServices & CommandState & Pick<DispatchState, 'connections'>,
  rows: Rows,
  outputRun: AuxOutputRunRow,
  key: string | null,
): Promise<WrittenOutputRun> {
  const nowMs = dispatch.clock.now()
  const output = await findOutput(rows, outputRun.outputId)
  const link = output ? dispatch.connections.get(output.deviceId) : undefined
  const report = link ? freshReport(link, nowMs, dispatch.timing.freshMs) : null
  const verdict = checkOutputInterlocks({
    nowMs,
    turn: outputRun,
    output,
    report,
    openValves: openValves(dispatch),
    timeZone: await farmTimeZone(rows, outputRun.farmId),
    isZoneValve: output !== null && (await isZoneValve(rows, output)),
    isLockedOut: output !== null && (await isLockedOut(rows, output.deviceId, output.valve)),
    isStopped: pendingStopFor(dispatch, outputRun.org, null) !== undefined,
    usedMinutes: await usedMinutesToday(rows, outputRun, nowMs),
  })
  if (verdict.do === 'wait') return { waitsFor: verdict.why }
  if (verdict.do === 'skip' || key === null) {
    const why = verdict.do === 'skip' ? verdict.why : 'no-valve'
    await skipOutputRun(rows, outputRun, why)
    return { skipped: why }
  }
  const { deviceId, valve } = output!
  const { last, capMs, class: kind } = report!
  const isTimed = kind === 'timed'
  const durMs = Math.round(
    Math.min(outputRun.minutes * MINUTE_MS, capMs, isTimed ? TIMED_CAP_MS : MAX_RUN_MS),
  )
  const seq = await nextSeq(rows, deviceId, valve, last[valve] ?? 0)
  if (seq === null) {
    await skipOutputRun(rows, outputRun, 'sequence-exhausted')
    return { skipped: 'sequence-exhausted' }
  }
  const id = randomUUID()
  const update = await rows
    .updateTable('auxOutputRun')
    .set({ state: 'sent', commandId: id })
    .where('id', '=', outputRun.id)
    .where('state', '=', 'due')
    .executeTakeFirst()
  if (update.numUpdatedRows === 0n) return { isGone: true }
  const expiresAtMs = outputRun.fromMs + START_WITHIN_MS
  const initial = newLifecycle({ id, valve, seq, durMs, litres: null, expiresAtMs, isTimed })
  const { lifecycle, send } = reduceLifecycle(
    initial,
    { type: 'tick', atMs: nowMs, link: usableLinkTo(dispatch, deviceId) },
    dispatch.timing,
  )
  const openCommand: OpenCommand = {
    row: commandRow(output!, lifecycle, nowMs),
    lifecycle,
    zone: null,
    fieldId: outputRun.fieldId,
    stoppedBy: null,
    stoppedBySupervision: null,
    retryAtMs: 0,
    silentBoundMs: null,
    checkAtMs: 0,
  }
  await rows.insertInto('command').values(openCommand.row).execute()
  await appendAudit(rows, auditEntry(openCommand, nowMs))
  return { openCommand, send }
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

/** Stops outputs that are switched off, paused, outside their hours, or no longer requested by their rule. */
async function stopUnwanted(dispatch: DispatchState): Promise<void> {
  for (const openCommand of [...dispatch.openCommands.values()]) {
    const { row, lifecycle } = openCommand
    if (row.reason !== OUTPUT_REASON || lifecycle.isStopped) continue
    const outputRun = await dispatch.state
      .selectFrom('auxOutputRun')
      .selectAll()
      .where('commandId', '=', row.id)
      .executeTakeFirst()
    const output = outputRun && (await findOutput(dispatch.state, outputRun.outputId))
    const timeZone = outputRun ? await farmTimeZone(dispatch.state, outputRun.farmId) : 'UTC'
    const isWanted =
      outputRun !== undefined &&
      outputRun.state !== 'ending' &&
      output != null &&
      activeLimit(output, dispatch.clock.now(), timeZone) === null
    if (isWanted) continue
    openCommand.stoppedBy ??= output?.switchedBy ?? OUTPUT_REASON
    await advanceCommand(dispatch, openCommand, { type: 'stop' })
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
async function usedMinutesToday(rows: Rows, outputRun: AuxOutputRunRow, nowMs: AtMs): Promise<number> {
  const timeZone = await farmTimeZone(rows, outputRun.farmId)
  const outputRuns = await rows
    .selectFrom('auxOutputRun')
    .select(['minutes', 'ranMs'])
    .where('outputId', '=', outputRun.outputId)
    .where('id', '!=', outputRun.id)
    .where('state', 'not in', ['skipped', 'due'])
    .where('fromMs', '>=', startOfDay(dayOf(nowMs, timeZone), timeZone))
    .execute()
  return outputRuns.reduce(
    (sum, { minutes, ranMs }) => sum + (ranMs === null ? minutes : ranMs / MINUTE_MS),
    0,
  )
}
