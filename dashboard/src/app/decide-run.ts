/** A person's word on a planned run. Gives null when it was taken, else the sentence that says why not. */
import type { RequestAnswer } from '../../../services/api/schemas.ts'
import { newIdem } from '../api/request.ts'
import { words } from '../words/words.svelte.ts'
import { failureText, send } from './send.ts'

export async function decideRun(runId: string, what: 'approve' | 'skip'): Promise<string | null> {
  const path = `/api/runs/${encodeURIComponent(runId)}/${what}`
  const answer = await send<RequestAnswer>('POST', path, { idem: newIdem() })
  if (!answer.ok) return failureText(answer.error)
  return answer.value?.state === 'refused' ? words.say.say('refused', answer.value.reason ?? 'none') : null
}
