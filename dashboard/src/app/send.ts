/** A change a person asks for: sent once, and told truly. What it changed is fetched again at once. */
import { ask, type Failure } from '../api/request.ts'
import type { Result } from '../../../broker/contract/result.ts'
import { link } from './link.svelte.ts'
import { notifyChange } from './live.ts'
import { words } from '../i18n/i18n.svelte.ts'

export async function send<T = unknown>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown,
): Promise<Result<T | null, Failure>> {
  const answer = await ask<T>(path, { method, body })
  if (!answer.ok) {
    link.failed(answer.error)
    return answer
  }
  link.heard()
  notifyChange(null)
  return { ok: true, value: answer.value.body }
}

/** The key of the sentence that says what went wrong. */
export const failureKey = (failure: Failure): string =>
  failure.kind === 'refused' ? failure.code : failure.kind

/** The sentence that says what went wrong. */
export const failureText = (failure: Failure): string =>
  words.say.say('error', failureKey(failure), failure.kind === 'refused' ? failure.params : {})
