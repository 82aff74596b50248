/** Clears a fault, an alarm or the lockout of a valve after a person has inspected it. */
import { readAlertParams, type RequestRow } from '../../tables.ts'
import { clearFault } from '../controllers/clear-fault.ts'
import { ACKNOWLEDGED_CAUSES, clearAcknowledged } from '../controllers/clear-acknowledged.ts'
import type { DispatchState, DispatchServices, ControllerState } from '../dispatch-state.ts'
import { latchesOf, unlatch } from '../flow/flow-latch.ts'
import { restartSupervision } from '../flow/flow-supervision.ts'
import { clearLockout } from '../interlocks/valve-lockout.ts'
import { recordOutcome, findZone, type RequestOutcome, type OutcomeRecorded } from './outcome.ts'

const accepted = { resultId: null }

/** Clears the flow alarms and the controller fault that the person saw. */
export async function clearFaultRequest(
  dispatch: DispatchServices & ControllerState & Pick<DispatchState, 'flow'>,
  request: RequestRow,
): Promise<RequestOutcome | OutcomeRecorded> {
  const { deviceId: device, org, actor, id } = request
  const seenAlert = await requestedAlert(dispatch, request)
  if (device === null || seenAlert === undefined)
    return { refused: device === null ? 'not-found' : 'no-fault' }
  const isSeen = (cause: string, valve: string | null) =>
    seenAlert === null || (seenAlert.cause === cause && seenAlert.valve === valve)
  const alarms = latchesOf(dispatch, device).filter(
    (item) => item.org === org && isSeen(item.cause, item.valve),
  )
  if (alarms.length > 0) {
    await unlatch(dispatch, alarms, { actor, request: id })
    restartSupervision(
      dispatch,
      device,
      alarms.map(({ kind }) => kind),
    )
  }
  const isLookedAt = await clearAcknowledged(dispatch, { org, device }, { actor, request: id }, isSeen)
  const isDone = alarms.length > 0 || isLookedAt
  if (seenAlert !== null && seenAlert.cause !== 'valve-fault')
    return isDone ? accepted : { refused: 'no-fault' }
  const refusal = await clearFault(dispatch, request, (rows) => recordOutcome(rows, request, accepted))
  if (refusal === null) return { isRecorded: true }
  // a fault existed and was cleared here
  return isDone && (refusal === 'no-fault' || refusal === 'controller-offline')
    ? accepted
    : { refused: refusal }
}

/**
 * The alert that the person saw; null: the request names none; undefined: it is cleared already, and the person has
 * not seen later ones.
 */
async function requestedAlert(
  dispatch: Pick<DispatchState, 'state'>,
  { org, deviceId, alertId }: RequestRow,
): Promise<{ cause: string; valve: string | null } | null | undefined> {
  if (alertId === null) return null
  const alert = await dispatch.state
    .selectFrom('alert')
    .select(['cause', 'params'])
    .where('id', '=', alertId)
    .where('org', '=', org)
    .where('deviceId', '=', deviceId)
    .where('clearedMs', 'is', null)
    .executeTakeFirst()
  return (
    alert && { cause: alert.cause, valve: (readAlertParams(alert.params)['valve'] ?? null) as string | null }
  )
}

/** Clears the lockout and the flow alarms of a valve. */
export async function unlockValve(
  dispatch: DispatchServices & Pick<DispatchState, 'flow'>,
  request: RequestRow,
): Promise<RequestOutcome | OutcomeRecorded> {
  const zone = await findZone(dispatch, request)
  if (!zone) return { refused: 'not-found' }
  if (zone.controllerId === null || zone.valve === null) return { refused: 'no-valve' }
  const { org, controllerId: device, valve, fieldId } = zone
  const nowMs = dispatch.clock.now()
  // clears every other alert that asks for an inspection of this valve
  for (const cause of ['valve-locked-out', ...ACKNOWLEDGED_CAUSES] as const)
    await dispatch.alerts.clear(cause, { org, device, valve, fieldId }, nowMs)
  const alarms = latchesOf(dispatch, device, valve)
  if (alarms.length > 0) {
    await unlatch(dispatch, alarms, { actor: request.actor, request: request.id })
    restartSupervision(
      dispatch,
      device,
      alarms.map(({ kind }) => kind),
    )
  }
  // the outcome comes last: a failure of the store is retried
  await clearLockout(dispatch.state, { org, device, valve }, request, nowMs, (rows) =>
    recordOutcome(rows, request, accepted),
  )
  return { isRecorded: true }
}
