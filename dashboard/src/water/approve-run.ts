/** A person's decision on a planned run: approve or skip. Each returns null, or the reason of a failure as text. */
import type { RequestResult } from '../../../services/api/schemas.ts'
import { queue } from '../api/offline-queue.svelte.ts'
import { requestOf, type Entry, type ShownRun } from '../api/queue-item.ts'
import { connection, newIdempotencyKey } from '../api/request.svelte.ts'
import { failureText, submit } from '../api/submit.ts'
import { farmClock } from '../app/farm-clock.svelte.ts'
import { approvalHold } from '../app/hold.svelte.ts'
import { i18n } from '../i18n/i18n.svelte.ts'

/**
 * Approves the run as shown. Without a connection the approval waits on this phone until the planned start. For three
 * seconds from the tap nothing else may stand in the place of the button (`approvalHold`).
 */
export async function approveRun(run: ShownRun): Promise<string | null> {
  approvalHold.start()
  const problem = await sendOrKeep(run)
  if (problem !== null) approvalHold.end()
  return problem
}

async function sendOrKeep(run: ShownRun): Promise<string | null> {
  const { fieldId, fieldName: name, atMs } = run
  const entry: Entry = { kind: 'approve', run }
  const id = newIdempotencyKey()
  let problem: string | null = null
  const wasSent = connection.isUp
  if (wasSent) {
    problem = await sendDecision(requestOf({ id, fieldId, entry }))
    // the request itself may detect the lost connection
    if (problem === null || connection.isUp) return problem
  }
  if (atMs <= farmClock.nowMs) return problem ?? i18n.locale.t('off.offline')
  // the same key: perhaps only the response was lost
  if (!queue.isApprovalWaiting(run.id))
    await queue.add({ id: fieldId, name }, entry, { id, ...(wasSent && { wasSent }) })
  return null
}

/** Needs a connection. */
export const skipRun = ({ id }: ShownRun): Promise<string | null> =>
  sendDecision({ path: `/api/runs/${encodeURIComponent(id)}/skip`, body: { idem: newIdempotencyKey() } })

async function sendDecision({ path, body }: { path: string; body: object }): Promise<string | null> {
  const response = await submit<RequestResult>('POST', path, body)
  if (!response.ok) return failureText(response.error)
  return response.value?.state === 'refused'
    ? i18n.locale.message('refused', response.value.reason ?? 'none')
    : null
}
