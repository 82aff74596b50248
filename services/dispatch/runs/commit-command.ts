/** Writes a change of a command with everything that follows from it, up to the irrigation record of its end. */
import { isActiveState, type CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { toJson } from '../../tables.ts'
import { auditEntry, closeRow, insertIrrigation } from '../command-rows.ts'
import type { CommandState, DispatchServices, DispatchState, OpenCommand } from '../dispatch-state.ts'
import { readSupplyLpm } from '../interlocks/water-sources.ts'
import { notifyEnded, notifyMeter, notifyStateChange } from '../notify.ts'
import { endOutputRun } from '../outputs/output-runs.ts'
import { reportViolations } from '../protocol-monitor/monitor.ts'
import { checkRunDose } from '../protocol-monitor/watch-order.ts'
import { boundedRun, implausibleEntry, runVolume, type RunVolume } from './irrigation-record.ts'
import { findRunWithOpenings, writeRunEnd, type RunEnd } from './run-end.ts'
import { inOrg } from '../../runtime/transactions.ts'

/** The change, its consequences and its audit in one transaction; then the notifications. */
export async function commitCommand(
  dispatch: DispatchServices & CommandState & Pick<DispatchState, 'valveStates' | 'monitor' | 'connections'>,
  openCommand: OpenCommand,
  previous: CommandLifecycle,
): Promise<void> {
  const { lifecycle, row } = openCommand
  const atMs = dispatch.clock.now()
  const isEnded = !isActiveState(lifecycle.state)
  const isNewFence = lifecycle.closeSeq !== null && previous.closeSeq === null
  let end: RunEnd | null = null
  let run: Awaited<ReturnType<typeof findRunWithOpenings>> = null
  let volume: RunVolume | null = null
  await inOrg(dispatch.state, row.org, async (rows) => {
    await rows
      .updateTable('command')
      .set({
        state: lifecycle.state,
        lifecycle: toJson(lifecycle),
        outcome: lifecycle.outcome,
        sentAtMs: lifecycle.sentAtMs ?? row.sentAtMs,
        confirmedAtMs: lifecycle.confirmedAtMs,
        endedAtMs: lifecycle.endedAtMs,
        ranMs: lifecycle.ranMs,
        ranLitres: lifecycle.ranLitres,
      })
      .where('id', '=', row.id)
      .execute()
    // its number may be taken in a restored store: the row is only a record, and the end of the command must be written
    if (isNewFence)
      await rows
        .insertInto('command')
        .values(closeRow(openCommand, atMs))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    if (lifecycle.closeSeq !== null && isEnded)
      await rows
        .updateTable('command')
        .set({ state: 'done', outcome: lifecycle.outcome, endedAtMs: atMs })
        .where('id', '=', closeRow(openCommand, atMs).id)
        .execute()
    if (row.runId !== null && lifecycle.state === 'running' && previous.state !== 'running')
      await rows
        .updateTable('run')
        .set({ state: 'running', updatedAtMs: atMs })
        .where('id', '=', row.runId)
        .where('state', '=', 'sent')
        .execute()
    if (isEnded) {
      const supplyLpm = await readSupplyLpm(rows, openCommand.zone)
      await insertIrrigation(rows, openCommand, supplyLpm)
      volume = runVolume(boundedRun(lifecycle), openCommand.zone, supplyLpm)
      if (volume.implausible !== null)
        await appendAudit(rows, implausibleEntry(row, volume.implausible, volume.litres, atMs))
      await endOutputRun(rows, openCommand)
      end = await writeRunEnd(rows, openCommand, atMs)
      run = await findRunWithOpenings(rows, row.runId)
    }
    if (lifecycle.state !== previous.state)
      await appendAudit(rows, auditEntry(openCommand, atMs, previous.state))
  })
  openCommand.row = {
    ...row,
    state: lifecycle.state,
    sentAtMs: lifecycle.sentAtMs ?? row.sentAtMs,
    confirmedAtMs: lifecycle.confirmedAtMs,
    endedAtMs: lifecycle.endedAtMs,
  }
  if (isEnded) dispatch.openCommands.delete(row.id)
  const runWithOpenings = run as Awaited<ReturnType<typeof findRunWithOpenings>>
  if (runWithOpenings !== null)
    await reportViolations(
      dispatch,
      { org: row.org, device: row.deviceId },
      checkRunDose(row, runWithOpenings.row, runWithOpenings.openings, dispatch.timing),
    )
  const continued = (end as RunEnd | null)?.continued
  if (continued) dispatch.dueRuns.set(continued.run.id, continued)
  await notifyCommitted(dispatch, openCommand, previous, volume as RunVolume | null)
}

/** Failed events and alerts do no harm: the command itself is written. `volume`: of an ended command. */
async function notifyCommitted(
  dispatch: DispatchServices & Pick<DispatchState, 'valveStates' | 'connections'>,
  openCommand: OpenCommand,
  previous: CommandLifecycle,
  volume: RunVolume | null,
): Promise<void> {
  try {
    await notifyStateChange(dispatch, openCommand, previous)
    if (volume === null) return
    await notifyEnded(dispatch, openCommand)
    if (openCommand.row.runId !== null) await notifyMeter(dispatch, openCommand, volume)
  } catch (error) {
    dispatch.log.error({ command: openCommand.row.id, error }, 'an alert could not be written')
  }
}
