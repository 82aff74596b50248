/** Submits a person's change once and returns its outcome. The screens then fetch the changed data. */
import { request, type Failure, connection } from './request.svelte.ts'
import type { Result } from '../../../broker/contract/result.ts'
import { notifyChange } from './events.ts'
import { i18n } from '../i18n/i18n.svelte.ts'

export async function submit<T = unknown>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown,
): Promise<Result<T | null, Failure>> {
  const response = await request<T>(path, { method, body })
  if (!response.ok) {
    connection.failed(response.error)
    return response
  }
  connection.succeeded()
  notifyChange(null)
  return { ok: true, value: response.value.body }
}

/** The key of the failure's text. */
export const failureKey = (failure: Failure): string =>
  failure.kind === 'refused' ? failure.code : failure.kind

/** The failure as text. */
export const failureText = (failure: Failure): string =>
  i18n.locale.message('error', failureKey(failure), failure.kind === 'refused' ? failure.params : {})
