/**
 * The close without a sequence number, which a device accepts in any session. Resent until it responds, for ten
 * minutes.
 */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { Ack } from '../../../broker/contract/messages.ts'
import {
  commandKeyOf,
  connectionTo,
  type DispatchState,
  type ForcedClose,
  type DispatchServices,
  type ControllerState,
} from '../dispatch-state.ts'

const TRY_FOR_MS = 10 * MINUTE_MS

/**
 * Sends a close for a valve, or `*` for all, and keeps it pending until it is acknowledged. `isStop`: a person pressed
 * STOP.
 */
export async function forceClose(
  dispatch: DispatchServices & ControllerState,
  { org, device, valve, isStop }: Pick<ForcedClose, 'org' | 'device' | 'valve' | 'isStop'>,
): Promise<void> {
  const nowMs = dispatch.clock.now()
  const forced: ForcedClose = { org, device, valve, isStop, sinceMs: nowMs, sentAtMs: nowMs }
  dispatch.forcedCloses.set(`${device} ${valve}`, forced)
  await send(dispatch, forced)
}

/** Resends unacknowledged closes. */
export async function resendForcedCloses(dispatch: DispatchServices & ControllerState): Promise<void> {
  const nowMs = dispatch.clock.now()
  for (const [key, forced] of dispatch.forcedCloses) {
    if (nowMs - forced.sinceMs > TRY_FOR_MS) dispatch.forcedCloses.delete(key)
    else if (nowMs - forced.sentAtMs >= dispatch.timing.resendMs) {
      forced.sentAtMs = nowMs
      await send(dispatch, forced)
    }
  }
}

/** Ends the resending of a forced close that the controller has acknowledged. */
export function handleForcedCloseAck(
  dispatch: Pick<DispatchState, 'forcedCloses'>,
  device: string,
  { valve, seq, st }: Ack,
): void {
  if (seq === 0 && st === 'done') dispatch.forcedCloses.delete(`${device} ${valve}`)
}

async function send(
  dispatch: DispatchServices & ControllerState,
  { org, device, valve, isStop }: ForcedClose,
): Promise<void> {
  const key = await commandKeyOf(dispatch, org, device)
  if (key === null) return void dispatch.forcedCloses.delete(`${device} ${valve}`)
  const sess = connectionTo(dispatch, org, device).sess ?? 'none'
  dispatch.outbox.command({ org, device }, key, { op: 'close', valve, force: true, sess }, { isStop })
}
