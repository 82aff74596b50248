/** The close without number: taken by a device in any session, sent until it answers or ten minutes are over. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { Ack } from '../../../broker/contract/messages.ts'
import { commandKeyOf, connectionTo, type DispatchState, type ForcedClose } from '../dispatch-state.ts'

const TRY_FOR_MS = 10 * MINUTE_MS

export async function forceClose(
  desk: DispatchState,
  org: string,
  device: string,
  valve: string,
): Promise<void> {
  const nowMs = desk.clock.now()
  const forced: ForcedClose = { org, device, valve, sinceMs: nowMs, sentAtMs: nowMs }
  desk.forcedCloses.set(`${device} ${valve}`, forced)
  await send(desk, forced)
}

/** Sends again what has not been answered. */
export async function resendForcedCloses(desk: DispatchState): Promise<void> {
  const nowMs = desk.clock.now()
  for (const [key, forced] of desk.forcedCloses) {
    if (nowMs - forced.sinceMs > TRY_FOR_MS) desk.forcedCloses.delete(key)
    else if (nowMs - forced.sentAtMs >= desk.timing.resendMs) {
      forced.sentAtMs = nowMs
      await send(desk, forced)
    }
  }
}

export function handleForcedCloseAck(desk: DispatchState, device: string, { valve, seq, st }: Ack): void {
  if (seq === 0 && st === 'done') desk.forcedCloses.delete(`${device} ${valve}`)
}

async function send(desk: DispatchState, { org, device, valve }: ForcedClose): Promise<void> {
  const key = await commandKeyOf(desk, org, device)
  if (key === null) return void desk.forcedCloses.delete(`${device} ${valve}`)
  const sess = connectionTo(desk, org, device).sess ?? 'none'
  desk.outbox.command({ org, device }, key, { op: 'close', valve, force: true, sess })
}
