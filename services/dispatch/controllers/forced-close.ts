/** The close without number: taken by a device in any session, sent until it answers or ten minutes are over. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { Ack } from '../../../broker/contract/messages.ts'
import { keyOf, linkTo, type Desk, type Forced } from '../dispatch-state.ts'

const TRY_FOR_MS = 10 * MINUTE_MS

export async function forceShut(desk: Desk, org: string, device: string, valve: string): Promise<void> {
  const nowMs = desk.clock.now()
  const forced: Forced = { org, device, valve, sinceMs: nowMs, sentAtMs: nowMs }
  desk.forced.set(`${device} ${valve}`, forced)
  await send(desk, forced)
}

/** Sends again what has not been answered. */
export async function forceAgain(desk: Desk): Promise<void> {
  const nowMs = desk.clock.now()
  for (const [key, forced] of desk.forced) {
    if (nowMs - forced.sinceMs > TRY_FOR_MS) desk.forced.delete(key)
    else if (nowMs - forced.sentAtMs >= desk.timing.resendMs) {
      forced.sentAtMs = nowMs
      await send(desk, forced)
    }
  }
}

export function hearForced(desk: Desk, device: string, { valve, seq, st }: Ack): void {
  if (seq === 0 && st === 'done') desk.forced.delete(`${device} ${valve}`)
}

async function send(desk: Desk, { org, device, valve }: Forced): Promise<void> {
  const key = await keyOf(desk, org, device)
  if (key === null) return void desk.forced.delete(`${device} ${valve}`)
  const sess = linkTo(desk, org, device).sess ?? 'none'
  desk.out.command({ org, device }, key, { op: 'close', valve, force: true, sess })
}
