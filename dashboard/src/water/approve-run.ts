/** A person's word on a planned run. Gives null when it was taken or is kept, else the sentence that says why not. */
import type { RequestResult } from '../../../services/api/schemas.ts'
import { newIdempotencyKey } from '../api/request.ts'
import { words } from '../i18n/i18n.svelte.ts'
import { farmClock } from '../app/farm-clock.svelte.ts'
import { link } from '../app/link.svelte.ts'
import { requestOf, type Entry, type ShownRun } from '../app/queue.ts'
import { queue } from '../app/queue.svelte.ts'
import { failureText, send } from '../app/send.ts'

/** A yes to the run that is shown. Without connection it waits on this phone, once, and until the run was to begin. */
export async function approveRun(run: ShownRun): Promise<string | null> {
  const { fieldId, fieldName: name, atMs } = run
  const seen: Entry = { kind: 'approve', run }
  const id = newIdempotencyKey()
  let problem: string | null = null
  const isOut = link.isUp
  if (isOut) {
    problem = await sendDecision(requestOf({ id, fieldId, seen }))
    // a phone may find only now that it has none
    if (problem === null || link.isUp) return problem
  }
  if (atMs <= farmClock.nowMs) return problem ?? words.say.t('off.offline')
  // under the same key: the answer alone may have been lost
  if (!queue.hasYes(run.id)) await queue.add({ id: fieldId, name }, seen, { id, ...(isOut && { isOut }) })
  return null
}

/** A no needs a connection. */
export const skipRun = ({ id }: ShownRun): Promise<string | null> =>
  sendDecision({ path: `/api/runs/${encodeURIComponent(id)}/skip`, body: { idem: newIdempotencyKey() } })

async function sendDecision({ path, body }: { path: string; body: object }): Promise<string | null> {
  const answer = await send<RequestResult>('POST', path, body)
  if (!answer.ok) return failureText(answer.error)
  return answer.value?.state === 'refused' ? words.say.say('refused', answer.value.reason ?? 'none') : null
}
