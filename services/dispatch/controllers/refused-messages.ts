/** Alerts about messages of a controller that are refused, because a value in them is impossible. */
import { commandKeyOf, type ControllerState, type DispatchServices } from '../dispatch-state.ts'
import type { Address } from '../outbox.ts'

const MAX_REASON = 200

/** Raises the alert once, with the field, the received and the expected value. */
export async function refuseMessage(
  dispatch: DispatchServices & Pick<ControllerState, 'commandKeys' | 'refusedKinds'>,
  { org, device }: Address,
  kind: string,
  reason: string,
): Promise<void> {
  if ((await commandKeyOf(dispatch, org, device)) === null) return
  dispatch.refusedKinds.set(device, (dispatch.refusedKinds.get(device) ?? new Set()).add(kind))
  await dispatch.alerts.raise('message-refused', subjectOf(org, device), dispatch.clock.now(), {
    reason: `${kind}: ${reason}`.slice(0, MAX_REASON),
  })
}

/** Clears the alert when a valid message of every refused kind has arrived. */
export async function acceptMessage(
  dispatch: Pick<DispatchServices, 'alerts' | 'clock'> & Pick<ControllerState, 'refusedKinds'>,
  { org, device }: Address,
  kind: string,
): Promise<void> {
  const kinds = dispatch.refusedKinds.get(device)
  kinds?.delete(kind)
  if (kinds !== undefined && kinds.size > 0) return
  dispatch.refusedKinds.delete(device)
  await dispatch.alerts.clear('message-refused', subjectOf(org, device), dispatch.clock.now())
}

const subjectOf = (org: string, device: string) => ({ org, device, valve: null, fieldId: null })
