/**
 * Submits a person's change once and returns its outcome. The screens then fetch the changed data. A changed setting is
 * confirmed at the foot of the page; one that changes nothing is not sent.
 */
import { request, type Failure, connection } from './request.svelte.ts'
import type { Result } from '../../../broker/contract/result.ts'
import { notifyChange } from './events.ts'
import { i18n } from '../i18n/i18n.svelte.ts'
import { toast } from '../ui/toast.svelte.ts'

export async function submit<T = unknown>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown,
): Promise<Result<T | null, Failure>> {
  if (method === 'PATCH' && isEmpty(body)) {
    toast.show(i18n.locale.t('saved.nothing'))
    return { ok: true, value: null }
  }
  const response = await request<T>(path, { method, body })
  if (!response.ok) {
    connection.failed(response.error)
    return response
  }
  connection.succeeded()
  notifyChange(null)
  // an action shows its result in its place; a changed setting would look as before
  if (method === 'PATCH') toast.show(i18n.locale.t('saved'))
  return { ok: true, value: response.value.body }
}

const isEmpty = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.keys(body).length === 0

/** The key of the failure's text. */
export const failureKey = (failure: Failure): string =>
  failure.kind === 'refused' ? failure.code : failure.kind

/** The failure as text. */
export const failureText = (failure: Failure): string =>
  i18n.locale.message('error', failureKey(failure), failure.kind === 'refused' ? failure.params : {})
