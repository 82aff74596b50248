/**
 * A STOP that the store could not accept. The valves are closed by force, which needs no sequence number and so no
 * row, from memory, because the store may be unreadable. The STOP is noted in the journal and recorded as soon as the
 * store works; until it is fully executed none of its valves is opened.
 */
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow } from '../../tables.ts'
import type { DispatchState, OpenCommand, DispatchServices, ControllerState } from '../dispatch-state.ts'
import { forceClose } from '../controllers/forced-close.ts'
import type { StopNote } from './stop-notes.ts'
import { advanceCommand } from '../runs/supervise-run.ts'
import { inOrg } from '../../runtime/transactions.ts'

/** As published on the bus. */
export interface UnrecordedStop {
  id: string // of the request without a row
  zoneId: string | null // null: every valve of the organisation
  actor: string
}

interface ValveAddress {
  device: string
  valve: string // or '*'
}

/**
 * Closes the valves that are known without the store, and notes the STOP in the journal. Call it at once, next to the
 * queue: the task in progress may wait for a store that does not respond.
 */
export async function sendUnrecordedStop(
  dispatch: DispatchState,
  org: string,
  { id, zoneId, actor }: UnrecordedStop,
): Promise<void> {
  dispatch.log.error({ org, zoneId, actor }, 'a STOP could not be recorded; the valves are closed by force')
  // a phone repeats it: the first time counts
  const stop =
    dispatch.pendingStops.get(id) ?? stopRequestRow({ id, org, zoneId, actor, atMs: dispatch.clock.now() })
  dispatch.pendingStops.set(id, stop)
  await Promise.all([
    closeValves(dispatch, org, knownValves(dispatch, org, zoneId)),
    dispatch.stopNotes.keep(stop),
  ])
}

/**
 * Closes the valves of the STOP again, after what was being opened meanwhile, and those that only the store knows. The
 * STOP stays pending until it is recorded.
 */
export async function executeUnrecordedStop(
  dispatch: DispatchState,
  org: string,
  { zoneId, actor }: UnrecordedStop,
): Promise<void> {
  const isOfOrg = ({ row }: OpenCommand) => row.org === org
  const commandsOfStop = commandsOf(dispatch, org, zoneId)
  const known = knownValves(dispatch, org, zoneId)
  await closeValves(dispatch, org, known)
  await stopCommands(dispatch, commandsOfStop, actor)
  try {
    const outlets = await findValves(dispatch, org, zoneId)
    const isNew = (address: ValveAddress) =>
      !known.some(({ device, valve }) => device === address.device && valve === address.valve)
    await closeValves(dispatch, org, outlets.filter(isNew))
    const isIn = ({ row }: OpenCommand) =>
      outlets.some(({ device, valve }) => row.deviceId === device && row.valve === valve)
    await stopCommands(
      dispatch,
      [...dispatch.openCommands.values()].filter(
        (openCommand) => isOfOrg(openCommand) && isIn(openCommand) && !commandsOfStop.includes(openCommand),
      ),
      actor,
    )
  } catch (error) {
    dispatch.log.error({ org, zoneId, error }, 'the valves of a STOP could not be read')
    // closing too many valves is safer than leaving one open
    if (known.length === 0) await closeValves(dispatch, org, allValves(dispatch, org))
  }
}

/** The openings that a STOP names. */
const commandsOf = (
  dispatch: Pick<DispatchState, 'openCommands'>,
  org: string,
  zoneId: string | null,
): OpenCommand[] =>
  [...dispatch.openCommands.values()].filter(
    ({ row, zone }) => row.org === org && (zoneId === null || zone?.id === zoneId),
  )

const allValves = (dispatch: Pick<DispatchState, 'connections'>, org: string): ValveAddress[] =>
  [...dispatch.connections.values()]
    .filter((link) => link.org === org)
    .map(({ device }) => ({ device, valve: '*' }))

const knownValves = (
  dispatch: Pick<DispatchState, 'connections' | 'openCommands'>,
  org: string,
  zoneId: string | null,
): ValveAddress[] =>
  zoneId === null
    ? allValves(dispatch, org)
    : commandsOf(dispatch, org, zoneId).map(({ row }) => ({ device: row.deviceId, valve: row.valve }))

/** A STOP in progress for the zone. It does not apply to openings more than an hour after it. */
export const pendingStopFor = (
  dispatch: Pick<DispatchState, 'clock' | 'pendingStops'>,
  org: string,
  zoneId: string | null,
): RequestRow | undefined =>
  [...dispatch.pendingStops.values()].find(
    (stop) =>
      stop.org === org &&
      (stop.kind === 'stop-all' || stop.zoneId === zoneId) &&
      dispatch.clock.now() - stop.atMs <= HOUR_MS,
  )

/** Takes up the STOPs that an earlier start could not record. */
export function loadNotedStops(dispatch: Pick<DispatchState, 'clock' | 'pendingStops' | 'stopNotes'>): void {
  for (const note of dispatch.stopNotes.read()) {
    const stop = stopRequestRow(note)
    // it was sent when it was pressed: what is open so much later was opened after it
    const isOver = dispatch.clock.now() - note.atMs > HOUR_MS
    dispatch.pendingStops.set(note.id, isOver ? { ...stop, state: 'accepted' } : stop)
  }
}

/** Records each as an ordinary request, which is then executed. Throws the error of the store. */
export async function recordPendingStops(
  dispatch: Pick<DispatchState, 'state' | 'pendingStops' | 'stopNotes'>,
): Promise<void> {
  for (const request of dispatch.pendingStops.values()) {
    const { id, org, atMs, actor, kind, zoneId } = request
    await inOrg(dispatch.state, org, async (rows) => {
      // it may already exist: repeated and written meanwhile, or its execution failed
      const inserted = await rows
        .insertInto('request')
        .values(request)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst()
      if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return
      const detail = { id, kind, zoneId, isWrittenLater: true }
      await appendAudit(rows, { org, atMs, actor, action: `request.${kind}`, subject: zoneId ?? org, detail })
    })
    await dispatch.stopNotes.drop(id)
  }
}

const stopRequestRow = ({ id, org, zoneId, actor, atMs }: StopNote): RequestRow => ({
  id,
  org,
  kind: zoneId === null ? 'stop-all' : 'stop',
  zoneId,
  actor,
  atMs,
  runId: null,
  deviceId: null,
  alertId: null,
  minutes: null,
  state: 'new',
  reason: null,
  resultId: null,
})

/** A failure or a wait for one valve does not delay the others, and is retried separately. */
async function closeValves(
  dispatch: DispatchServices & ControllerState,
  org: string,
  outlets: readonly ValveAddress[],
): Promise<void> {
  await Promise.all(
    outlets.map(({ device, valve }) =>
      forceClose(dispatch, { org, device, valve, isStop: true }).catch((error: unknown) =>
        dispatch.log.error({ device, valve, error }, 'a forced close could not be sent; retrying'),
      ),
    ),
  )
}

/** Stops the commands, also those whose change cannot be written. */
async function stopCommands(
  dispatch: DispatchState,
  commands: readonly OpenCommand[],
  actor: string,
): Promise<void> {
  for (const openCommand of commands) {
    openCommand.stoppedBy = actor
    await advanceCommand(dispatch, openCommand, { type: 'stop' }).catch((error: unknown) =>
      dispatch.log.error({ command: openCommand.row.id, error }, 'a STOP could not be processed; retrying'),
    )
  }
}

async function findValves(
  dispatch: Pick<DispatchState, 'state'>,
  org: string,
  zoneId: string | null,
): Promise<ValveAddress[]> {
  if (zoneId === null) {
    const controllers = await dispatch.state
      .selectFrom('device')
      .select('id')
      .where('org', '=', org)
      .where('commandKey', 'is not', null)
      .where('revokedAtMs', 'is', null)
      .execute()
    return controllers.map(({ id }) => ({ device: id, valve: '*' }))
  }
  const zone = await dispatch.state
    .selectFrom('zone')
    .select(['controllerId', 'valve'])
    .where('org', '=', org)
    .where('id', '=', zoneId)
    .executeTakeFirst()
  return zone?.controllerId && zone.valve ? [{ device: zone.controllerId, valve: zone.valve }] : []
}
