/** STOP of one zone or of everything: closes open valves and cancels runs within the hour. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import type { RequestRow, RunRow, ZoneRow } from '../../tables.ts'
import type { DispatchState, DispatchServices } from '../dispatch-state.ts'
import { forceClose } from '../controllers/forced-close.ts'
import { pauseOutputs } from '../outputs/output-runs.ts'
import { advanceCommand } from '../runs/supervise-run.ts'
import { publishRunEvent, auditRequest, findZone, type RequestOutcome } from './outcome.ts'

// a later STOP could stop an unrelated run; the phone has long stopped waiting
const STOP_VALID_MS = 10 * MINUTE_MS

/** Executes the STOP of one zone. */
export async function stop(dispatch: DispatchState, request: RequestRow): Promise<RequestOutcome> {
  const zone = await findZone(dispatch, request)
  if (!zone) return { refused: 'not-found' }
  // close first, whatever opened the valve, then write
  if (zone.controllerId !== null && zone.valve !== null)
    await forceClose(dispatch, { org: zone.org, device: zone.controllerId, valve: zone.valve, isStop: true })
  const stopped = await stopCommands(
    dispatch,
    request,
    (openCommand) => openCommand.zone?.id === zone.id || isValveOf(openCommand.row, zone),
  )
  await cancelRuns(dispatch, request, (run) => run.zoneId === zone.id)
  return isLate(dispatch, request) ? { refused: 'expired' } : { resultId: stopped }
}

/** A late STOP still closes the valves it names, but cancels no later request or plan. */
const isLate = (dispatch: Pick<DispatchState, 'clock'>, { atMs }: RequestRow): boolean =>
  dispatch.clock.now() - atMs > STOP_VALID_MS

/** Executes the STOP of all valves of the organisation. */
export async function stopAll(dispatch: DispatchState, request: RequestRow): Promise<RequestOutcome> {
  const controllers = await dispatch.state
    .selectFrom('device')
    .select('id')
    .where('org', '=', request.org)
    .where('commandKey', 'is not', null)
    .where('revokedAtMs', 'is', null)
    .execute()
  for (const { id } of controllers)
    await forceClose(dispatch, { org: request.org, device: id, valve: '*', isStop: true })
  const stopped = await stopCommands(dispatch, request, ({ row }) => row.org === request.org)
  await pauseOutputs(dispatch.state, request)
  await cancelRuns(dispatch, request, () => true)
  return isLate(dispatch, request) ? { refused: 'expired' } : { resultId: stopped }
}

const isValveOf = (row: { deviceId: string; valve: string }, zone: ZoneRow) =>
  row.deviceId === zone.controllerId && row.valve === zone.valve

/** Returns the id of the first stopped command. */
async function stopCommands(
  dispatch: DispatchState,
  request: RequestRow,
  isAffected: (openCommand: Parameters<typeof advanceCommand>[1]) => boolean,
): Promise<string | null> {
  const isAfter = ({ row }: Parameters<typeof advanceCommand>[1]) =>
    isLate(dispatch, request) && row.createdAtMs > request.atMs
  const affected = [...dispatch.openCommands.values()].filter(
    (openCommand) => isAffected(openCommand) && !isAfter(openCommand),
  )
  for (const openCommand of affected) {
    openCommand.stoppedBy = request.actor
    await advanceCommand(dispatch, openCommand, { type: 'stop' })
  }
  return affected[0]?.row.id ?? null
}

/**
 * Cancels runs within the hour after the STOP, the rest of started ones, and later parts of their doses. Other later
 * runs stay planned.
 */
async function cancelRuns(
  dispatch: DispatchServices & Pick<DispatchState, 'dueRuns'>,
  request: RequestRow,
  isAffected: (run: RunRow) => boolean,
): Promise<void> {
  const nowMs = dispatch.clock.now()
  const untilMs = request.atMs + HOUR_MS
  const doses = dispatch.state
    .selectFrom('run')
    .select('doseId')
    .where('org', '=', request.org)
    .where('doseId', 'is not', null)
    .where('startMs', '<=', untilMs)
    .where('startMs', '>', request.atMs - DAY_MS)
    .$castTo<{ doseId: string }>()
  const runsSoon = await dispatch.state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', request.org)
    .where('state', '=', 'approved')
    .where(({ eb, or }) => or([eb('startMs', '<=', untilMs), eb('doseId', 'in', doses)]))
    .execute()
  const continued = [...dispatch.dueRuns.values()]
    .filter(({ isContinued }) => isContinued)
    .map(({ run }) => run)
  const isNamed = (run: RunRow) =>
    run.org === request.org && (run.startMs <= untilMs || run.doseId != null) && isAffected(run)
  for (const run of [...runsSoon, ...continued].filter(isNamed)) {
    const isBegun = continued.includes(run)
    await dispatch.state
      .updateTable('run')
      .set({ state: isBegun ? 'done' : 'cancelled', endReason: 'stopped', updatedAtMs: nowMs })
      .where('id', '=', run.id)
      .execute()
    dispatch.dueRuns.delete(run.id)
    await auditRequest(dispatch, request, 'run-cancelled', run.id)
    publishRunEvent(dispatch, run)
  }
}
