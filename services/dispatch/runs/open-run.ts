/** Opens a due run: interlocks, one transaction, then the message. */
import { randomUUID } from 'node:crypto'
import { MAX_RUN_MS } from '../../../broker/contract/bounds.ts'
import { newLifecycle, reduceLifecycle } from '../../../broker/contract/command-lifecycle/reduce.ts'
import type { UnsignedCommand } from '../../../broker/contract/mac.ts'
import { HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { TIMED_CAP_MS } from '../../../broker/contract/valve-device/device.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { CommandRow, PumpRow, RunRow, ZoneRow } from '../../tables.ts'
import { toJson } from '../../tables.ts'
import {
  commandKeyOf,
  usableLinkTo,
  openValves,
  type DispatchState,
  type DueRun,
  type OpenCommand,
  type DispatchServices,
  type ControllerState,
  type CommandState,
} from '../dispatch-state.ts'
import { remainingDoseLitres, readInterlockInputs } from '../interlocks/interlock-inputs.ts'
import { reportViolations } from '../protocol-monitor/monitor.ts'
import { checkInterlocks, type Verdict } from '../interlocks/interlocks.ts'
import { checkOpening } from '../protocol-monitor/watch-order.ts'
import { reconcileSequence, nextSeq } from '../controllers/sequence-numbers.ts'
import { auditEntry, type Rows } from '../command-rows.ts'
import { pendingStopFor } from '../requests/unrecorded-stop.ts'
import { farmPumps } from '../interlocks/water-sources.ts'
import { publishCommandEvent } from '../notify.ts'
import { inOrg } from '../../runtime/transactions.ts'

const READ_AHEAD_MS = 24 * HOUR_MS

/** Loads approved runs of the next day from the store; continued runs stay. */
export async function loadApprovedRuns(
  dispatch: DispatchServices & Pick<DispatchState, 'dueRuns' | 'readRunsAtMs'>,
): Promise<void> {
  const nowMs = dispatch.clock.now()
  // read again soon if the store fails now
  dispatch.readRunsAtMs = nowMs + dispatch.timing.resendMs
  const runs = await dispatch.state
    .selectFrom('run')
    .selectAll()
    .where('state', '=', 'approved')
    .where('startMs', '<=', nowMs + READ_AHEAD_MS)
    .execute()
  for (const [id, { isContinued }] of dispatch.dueRuns) if (!isContinued) dispatch.dueRuns.delete(id)
  for (const run of runs) dispatch.dueRuns.set(run.id, dueRun(dispatch, run))
  dispatch.readRunsAtMs = nowMs + READ_AHEAD_MS / 2
}

const dueRun = (dispatch: Pick<DispatchState, 'timing'>, run: RunRow): DueRun => ({
  run,
  fromMs: run.startMs,
  expiresAtMs: run.startMs + dispatch.timing.missedWindowMs,
  doseMs: run.minutes * MINUTE_MS,
  isContinued: false,
  controllerId: null,
  waitsFor: null,
})

/** Opens all runs that may open now, earliest first. `device`: only runs that may wait for it. */
export async function openDueRuns(dispatch: DispatchState, device?: string): Promise<void> {
  const nowMs = dispatch.clock.now()
  const ready = [...dispatch.dueRuns.values()]
    .filter(
      ({ fromMs, controllerId }) => fromMs <= nowMs && (!device || !controllerId || controllerId === device),
    )
    .sort((a, b) => a.fromMs - b.fromMs)
  for (const dueRun of ready)
    try {
      await tryRun(dispatch, dueRun)
    } catch (error) {
      // the store is unavailable: the run stays due and is retried soon, not at once
      dueRun.fromMs = nowMs + dispatch.timing.resendMs
      dispatch.log.error({ run: dueRun.run.id, error }, 'a run could not be opened')
    }
}

async function tryRun(dispatch: DispatchState, dueRun: DueRun): Promise<void> {
  const { run } = dueRun
  if (dispatch.clock.now() > dueRun.expiresAtMs)
    return skip(dispatch, dueRun, dueRun.waitsFor ?? 'window-missed')
  if (pendingStopFor(dispatch, run.org, run.zoneId)) return
  const zone =
    (await dispatch.state.selectFrom('zone').selectAll().where('id', '=', run.zoneId).executeTakeFirst()) ??
    null
  dueRun.controllerId = zone?.controllerId ?? null
  // both doses would be too much; the plan requests the missing rest afterwards
  if (isManuallyWatered(dispatch, run, zone)) return skip(dispatch, dueRun, 'valve-busy')
  if (zone?.controllerId != null) await reconcileSequence(dispatch, run.org, zone.controllerId)
  if (!dispatch.dueRuns.has(run.id)) return
  const { doseMs, expiresAtMs } = dueRun
  const result = await openRun(dispatch, { run, zone, doseMs, expiresAtMs, requestId: null })
  if (result.do === 'skip') return skip(dispatch, dueRun, result.why)
  if (result.do === 'wait') return void (dueRun.waitsFor = result.why)
  // already opened, or cancelled by a person or a newer plan
  dispatch.dueRuns.delete(run.id)
}

/** Whether a manual run is open on the valve of the run, or waits to continue there. */
function isManuallyWatered(
  dispatch: Pick<DispatchState, 'openCommands' | 'dueRuns'>,
  run: RunRow,
  zone: ZoneRow | null,
): boolean {
  const isOpen = [...dispatch.openCommands.values()].some(
    ({ row }) =>
      row.reason === 'manual' &&
      row.runId !== run.id &&
      row.deviceId === zone?.controllerId &&
      row.valve === zone.valve,
  )
  const isWaiting = ({ run: otherRun, isContinued }: DueRun) =>
    isContinued && otherRun.cause === 'manual' && otherRun.zoneId === run.zoneId && otherRun.id !== run.id
  return isOpen || [...dispatch.dueRuns.values()].some(isWaiting)
}

async function skip(dispatch: DispatchServices & CommandState, dueRun: DueRun, why: string): Promise<void> {
  const { run, isContinued, doseMs } = dueRun
  const hasRun = isContinued && doseMs < run.minutes * MINUTE_MS
  const atMs = dispatch.clock.now()
  await dispatch.state
    .updateTable('run')
    .set({ state: hasRun ? 'failed' : 'skipped', endReason: why, updatedAtMs: atMs })
    .where('id', '=', run.id)
    .where('state', 'in', isContinued ? ['sent', 'running'] : ['approved'])
    .execute()
  dispatch.dueRuns.delete(run.id)
  // each refusal must not trigger a plan that requests the run again at once
  if (atMs - (dispatch.skipNotifiedMs.get(run.zoneId) ?? -Infinity) < HOUR_MS) return
  dispatch.skipNotifiedMs.set(run.zoneId, atMs)
  dispatch.outbox.publishEvent(run.org, { event: 'command', atMs, fields: [run.fieldId] })
}

export interface Opening {
  run: RunRow
  zone: ZoneRow | null
  doseMs: number
  expiresAtMs: AtMs
  requestId: string | null
}

/** Opened; waiting or skipped, with the reason; or gone: the run may no longer be opened. */
export type OpenResult =
  | { do: 'open'; openCommand: OpenCommand }
  | Exclude<Verdict, { do: 'open' }>
  | { do: 'gone' }

/**
 * One transaction: the interlocks, the command, its sequence number, its audit and the state of the run. Then the
 * command is sent. `also` writes related rows.
 */
export async function openRun(
  dispatch: DispatchServices & ControllerState & Pick<DispatchState, 'openCommands' | 'flow' | 'monitor'>,
  opening: Opening,
  also: (rows: Rows, commandId: string) => Promise<void> = async () => {},
): Promise<OpenResult> {
  const { run, zone } = opening
  // read before the transaction: the store has one connection
  const key = zone?.controllerId ? await commandKeyOf(dispatch, run.org, zone.controllerId) : null
  const result = await inOrg(dispatch.state, run.org, (rows) =>
    writeOpening(dispatch, rows, opening, key, also),
  )
  if (result.do !== 'open') return result
  const { openCommand, send, pumps } = result
  dispatch.openCommands.set(openCommand.row.id, openCommand)
  const to = { org: run.org, device: openCommand.row.deviceId }
  for (const command of send) dispatch.outbox.command(to, key!, command)
  publishCommandEvent(dispatch, openCommand)
  await reportViolations(
    dispatch,
    to,
    checkOpening({ ...openCommand.row, pumpId: openCommand.zone!.pumpId }, pumps, openValves(dispatch)),
  )
  return { do: 'open', openCommand }
}

type WrittenOpening =
  | Exclude<OpenResult, { do: 'open' }>
  | { do: 'open'; openCommand: OpenCommand; send: UnsignedCommand[]; pumps: PumpRow[] }

async function writeOpening(
  dispatch: DispatchServices & Pick<DispatchState, 'connections' | 'openCommands' | 'flow'>,
  rows: Rows,
  { run, zone: staleZone, doseMs, expiresAtMs, requestId }: Opening,
  key: string | null,
  also: (rows: Rows, commandId: string) => Promise<void>,
): Promise<WrittenOpening> {
  const zone =
    (await rows.selectFrom('zone').selectAll().where('id', '=', run.zoneId).executeTakeFirst()) ?? null
  const inputs = await readInterlockInputs(dispatch, { run, zone, doseMs }, rows)
  const verdict = checkInterlocks(inputs)
  if (verdict.do !== 'open') return verdict
  const deviceId = zone!.controllerId!
  const valve = zone!.valve!
  // the zone was assigned to another controller meanwhile: retried at once
  if (deviceId !== staleZone?.controllerId) return { do: 'wait', why: 'controller-offline' }
  if (key === null) return { do: 'skip', why: 'no-valve' }
  const atMs = dispatch.clock.now()
  const { last, capMs, class: kind } = inputs.report!
  const isTimed = kind === 'timed'
  // integers on the wire; a longer run is continued by a second command
  const durMs = Math.round(Math.min(doseMs, capMs, isTimed ? TIMED_CAP_MS : MAX_RUN_MS))
  const seq = await nextSeq(rows, deviceId, valve, last[valve] ?? 0)
  if (seq === null) return { do: 'skip', why: 'sequence-exhausted' }
  const litres = run.litres === null ? null : Math.max(1, Math.round(remainingDoseLitres(run, zone!, durMs)))
  if (requestId === null) {
    const update = await rows
      .updateTable('run')
      .set({ state: 'sent', updatedAtMs: atMs })
      .where('id', '=', run.id)
      .where('state', 'in', ['approved', 'sent', 'running'])
      .executeTakeFirst()
    if (update.numUpdatedRows === 0n) return { do: 'gone' }
  }
  const id = randomUUID()
  const initial = newLifecycle({ id, valve, seq, durMs, litres, expiresAtMs, isTimed })
  const link = usableLinkTo(dispatch, deviceId)
  const { lifecycle, send } = reduceLifecycle(initial, { type: 'tick', atMs, link }, dispatch.timing)
  const row = commandRow({ run, zone: zone!, requestId, atMs, lifecycle })
  const openCommand: OpenCommand = {
    row,
    lifecycle,
    zone,
    fieldId: run.fieldId,
    stoppedBy: null,
    stoppedBySupervision: null,
    retryAtMs: 0,
    silentBoundMs: null,
    checkAtMs: 0,
  }
  await rows.insertInto('command').values(row).execute()
  await appendAudit(rows, auditEntry(openCommand, atMs))
  await also(rows, id)
  return { do: 'open', openCommand, send, pumps: await farmPumps(rows, zone!.pumpId) }
}

function commandRow({
  run,
  zone,
  requestId,
  atMs,
  lifecycle,
}: Pick<Opening, 'run' | 'requestId'> & {
  zone: ZoneRow
  atMs: AtMs
  lifecycle: OpenCommand['lifecycle']
}): CommandRow {
  return {
    id: lifecycle.id,
    org: run.org,
    deviceId: zone.controllerId!,
    valve: zone.valve!,
    seq: lifecycle.seq,
    op: 'open',
    ofSeq: null,
    runId: run.id,
    requestId,
    durMs: lifecycle.durMs,
    litres: lifecycle.litres,
    state: lifecycle.state,
    lifecycle: toJson(lifecycle),
    outcome: null,
    // every opening traces to a person or to a version of the plan
    actor: run.actor === 'plan' ? `plan:${run.planVersion}` : run.actor,
    reason: run.cause,
    expiresAtMs: lifecycle.expiresAtMs,
    createdAtMs: atMs,
    sentAtMs: lifecycle.sentAtMs,
    confirmedAtMs: null,
    endedAtMs: null,
    ranMs: null,
    ranLitres: null,
  }
}
