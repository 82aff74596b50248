/**
 * Clears a controller fault remotely after a person has corrected it. Resent until the controller responds, for ten
 * minutes.
 */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { Ack, State as StateMessage } from '../../../broker/contract/messages.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow } from '../../tables.ts'
import {
  commandKeyOf,
  connectionTo,
  type FaultClear,
  type DispatchState,
  type DispatchServices,
  type ControllerState,
} from '../dispatch-state.ts'
import type { Refusal } from '../interlocks/interlocks.ts'
import { isFresh, usableLink } from './connections.ts'
import type { Rows } from '../command-rows.ts'
import { inOrg } from '../../runtime/transactions.ts'

const TRY_FOR_MS = 10 * MINUTE_MS

/**
 * Recorded with the actor first, then sent. Returns the refusal, or null. `answer` is written in the same
 * transaction.
 */
export async function clearFault(
  dispatch: DispatchServices & ControllerState,
  request: RequestRow,
  recordOutcome: (rows: Rows) => Promise<unknown>,
): Promise<Refusal | null> {
  const { org, actor, deviceId: device } = request
  const nowMs = dispatch.clock.now()
  if (device === null || (await commandKeyOf(dispatch, org, device)) === null) return 'not-found'
  const link = connectionTo(dispatch, org, device)
  if (!link.state || !isFresh(usableLink(link), nowMs, dispatch.timing.freshMs)) return 'controller-offline'
  const { fault, faultNo } = link.state
  if (fault == null) return 'no-fault'
  // an unwritable flash, or a controller that does not number its faults
  if (fault === 'flash' || !faultNo) return 'local-reset-required'
  await inOrg(dispatch.state, org, async (rows) => {
    await appendAudit(rows, {
      org,
      atMs: nowMs,
      actor,
      action: 'fault-cleared',
      subject: device,
      detail: { fault, faultNo, request: request.id },
    })
    await recordOutcome(rows)
  })
  const clearing: FaultClear = { org, device, of: faultNo, sinceMs: nowMs, sentAtMs: nowMs }
  dispatch.faultClears.set(device, clearing)
  await send(dispatch, clearing)
  return null
}

/** Resends unacknowledged requests. */
export async function resendFaultClears(dispatch: DispatchServices & ControllerState): Promise<void> {
  const nowMs = dispatch.clock.now()
  for (const clearing of dispatch.faultClears.values()) {
    if (nowMs - clearing.sinceMs > TRY_FOR_MS) dispatch.faultClears.delete(clearing.device)
    else if (nowMs - clearing.sentAtMs >= dispatch.timing.resendMs) {
      clearing.sentAtMs = nowMs
      await send(dispatch, clearing)
    }
  }
}

/** Ends the resending of a fault clear that the controller has acknowledged. */
export function handleClearAck(
  dispatch: Pick<DispatchState, 'faultClears'>,
  device: string,
  { valve, seq, st, why }: Ack,
): void {
  const isAnswer = valve === '*' && seq === dispatch.faultClears.get(device)?.of
  // a copy rejected because of its session means nothing about the next copy
  if (isAnswer && !(st === 'rejected' && why === 'sess')) dispatch.faultClears.delete(device)
}

/** The reported state is decisive, even if the acknowledgement was lost. */
export function confirmFaultCleared(
  dispatch: Pick<DispatchState, 'faultClears'>,
  device: string,
  { fault, faultNo }: StateMessage,
): void {
  const clearing = dispatch.faultClears.get(device)
  if (clearing && (fault == null || faultNo !== clearing.of)) dispatch.faultClears.delete(device)
}

async function send(
  dispatch: DispatchServices & ControllerState,
  { org, device, of: faultNo }: FaultClear,
): Promise<void> {
  const key = await commandKeyOf(dispatch, org, device)
  const sess = connectionTo(dispatch, org, device).sess
  if (key === null) return void dispatch.faultClears.delete(device)
  if (sess !== null) dispatch.outbox.command({ org, device }, key, { op: 'clear', of: faultNo, sess })
}
