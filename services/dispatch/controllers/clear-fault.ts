/** A person has put a controller's fault right, and says so from afar: sent until it answers or ten minutes are over. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { Ack, State as StateMessage } from '../../../broker/contract/messages.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow } from '../../tables.ts'
import { commandKeyOf, connectionTo, type FaultClear, type DispatchState } from '../dispatch-state.ts'
import type { Refusal } from '../interlocks/interlocks.ts'
import { isFresh, usableLink } from './connections.ts'
import type { Rows } from '../command-rows.ts'

const TRY_FOR_MS = 10 * MINUTE_MS

/** Written first, with who asked; then sent. Gives why not, or null. `answer` is written with it. */
export async function clearFault(
  desk: DispatchState,
  request: RequestRow,
  answer: (rows: Rows) => Promise<unknown>,
): Promise<Refusal | null> {
  const { org, actor, deviceId: device } = request
  const nowMs = desk.clock.now()
  if (device === null || (await commandKeyOf(desk, org, device)) === null) return 'not-found'
  const link = connectionTo(desk, org, device)
  if (!link.state || !isFresh(usableLink(link), nowMs, desk.timing.freshMs)) return 'controller-offline'
  const { fault, faultNo } = link.state
  if (fault == null) return 'no-fault'
  // a flash that cannot be written, or a controller that does not count its faults
  if (fault === 'flash' || !faultNo) return 'local-reset-required'
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
  const clearing: FaultClear = { org, device, of: faultNo, sinceMs: nowMs, sentAtMs: nowMs }
  desk.faultClears.set(device, clearing)
  await send(desk, clearing)
  return null
}

/** Sends again what has not been answered. */
export async function resendFaultClears(desk: DispatchState): Promise<void> {
  const nowMs = desk.clock.now()
  for (const clearing of desk.faultClears.values()) {
    if (nowMs - clearing.sinceMs > TRY_FOR_MS) desk.faultClears.delete(clearing.device)
    else if (nowMs - clearing.sentAtMs >= desk.timing.resendMs) {
      clearing.sentAtMs = nowMs
      await send(desk, clearing)
    }
  }
}

export function handleClearAck(desk: DispatchState, device: string, { valve, seq, st, why }: Ack): void {
  const isAnswer = valve === '*' && seq === desk.faultClears.get(device)?.of
  // a refusal of one copy for its session says nothing of the next
  if (isAnswer && !(st === 'rejected' && why === 'sess')) desk.faultClears.delete(device)
}

/** What the controller reports counts, whatever became of the answer. */
export function confirmFaultCleared(
  desk: DispatchState,
  device: string,
  { fault, faultNo }: StateMessage,
): void {
  const clearing = desk.faultClears.get(device)
  if (clearing && (fault == null || faultNo !== clearing.of)) desk.faultClears.delete(device)
}

async function send(desk: DispatchState, { org, device, of }: FaultClear): Promise<void> {
  const key = await commandKeyOf(desk, org, device)
  const sess = connectionTo(desk, org, device).sess
  if (key === null) return void desk.faultClears.delete(device)
  if (sess !== null) desk.outbox.command({ org, device }, key, { op: 'clear', of, sess })
}
