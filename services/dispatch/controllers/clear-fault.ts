/** A person has put a controller's fault right, and says so from afar: sent until it answers or ten minutes are over. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { Ack, State as StateMessage } from '../../../broker/contract/messages.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow } from '../../tables.ts'
import { keyOf, linkTo, type Clearing, type Desk } from '../dispatch-state.ts'
import type { Refusal } from '../interlocks/interlocks.ts'
import { isFresh, linkOf } from './connections.ts'
import type { Rows } from '../command-rows.ts'

const TRY_FOR_MS = 10 * MINUTE_MS

/** Written first, with who asked; then sent. Gives why not, or null. `answer` is written with it. */
export async function clearFault(
  desk: Desk,
  request: RequestRow,
  answer: (rows: Rows) => Promise<unknown>,
): Promise<Refusal | null> {
  const { org, actor, deviceId: device } = request
  const nowMs = desk.clock.now()
  if (device === null || (await keyOf(desk, org, device)) === null) return 'not-found'
  const link = linkTo(desk, org, device)
  if (!link.state || !isFresh(linkOf(link), nowMs, desk.timing.freshMs)) return 'no-connection'
  const { fault, faultNo } = link.state
  if (fault == null) return 'no-fault'
  // a flash that cannot be written, or a controller that does not count its faults
  if (fault === 'flash' || !faultNo) return 'at-device'
  await desk.state.transaction().execute(async (rows) => {
    await appendAudit(rows, {
      org,
      atMs: nowMs,
      actor,
      action: 'fault-cleared',
      subject: device,
      detail: { fault, faultNo, request: request.id },
    })
    await answer(rows)
  })
  const clearing: Clearing = { org, device, of: faultNo, sinceMs: nowMs, sentAtMs: nowMs }
  desk.clearing.set(device, clearing)
  await send(desk, clearing)
  return null
}

/** Sends again what has not been answered. */
export async function clearAgain(desk: Desk): Promise<void> {
  const nowMs = desk.clock.now()
  for (const clearing of desk.clearing.values()) {
    if (nowMs - clearing.sinceMs > TRY_FOR_MS) desk.clearing.delete(clearing.device)
    else if (nowMs - clearing.sentAtMs >= desk.timing.resendMs) {
      clearing.sentAtMs = nowMs
      await send(desk, clearing)
    }
  }
}

export function hearCleared(desk: Desk, device: string, { valve, seq, st, why }: Ack): void {
  const isAnswer = valve === '*' && seq === desk.clearing.get(device)?.of
  // a refusal of one copy for its session says nothing of the next
  if (isAnswer && !(st === 'rejected' && why === 'sess')) desk.clearing.delete(device)
}

/** What the controller reports counts, whatever became of the answer. */
export function seeCleared(desk: Desk, device: string, { fault, faultNo }: StateMessage): void {
  const clearing = desk.clearing.get(device)
  if (clearing && (fault == null || faultNo !== clearing.of)) desk.clearing.delete(device)
}

async function send(desk: Desk, { org, device, of }: Clearing): Promise<void> {
  const key = await keyOf(desk, org, device)
  const sess = linkTo(desk, org, device).sess
  if (key === null) return void desk.clearing.delete(device)
  if (sess !== null) desk.out.command({ org, device }, key, { op: 'clear', of, sess })
}
