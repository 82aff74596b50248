/**
 * One request to the API, answered with a value or with what went wrong in words the screens can act on. Nothing
 * throws: a phone without signal is the usual case, not an exception.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

type Params = Record<string, string | number | null>
/** `network`: no answer came (the request may or may not have arrived). Otherwise the server said so. */
export type Failure =
  | { kind: 'network' }
  | { kind: 'signed-out' }
  | { kind: 'refused'; status: number; code: string; message: string; params: Params }

// a phone at the edge of a cell: long enough for a slow answer, short enough to say "no connection"
const TIMEOUT_MS = 12_000

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  body?: unknown
  /** ETag of the answer at hand: a 304 gives `null`. */
  etag?: string | null
}
export interface ApiResponse<T> {
  body: T | null // null: unchanged since `etag`
  etag: string | null
  lastEvent: string | null // the newest event when it was read
}

export async function ask<T>(
  path: string,
  { method = 'GET', body, etag }: RequestOptions = {},
): Promise<Result<ApiResponse<T>, Failure>> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (etag) headers['if-none-match'] = etag
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), TIMEOUT_MS)
  try {
    const response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: patience.signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const lastEvent = response.headers.get('tilth-last-event')
    if (response.status === 304) return ok({ body: null, etag: etag ?? null, lastEvent })
    const text = await response.text()
    if (response.ok)
      return ok({ body: parse(text) as T | null, etag: response.headers.get('etag'), lastEvent })
    if (response.status === 401) return err({ kind: 'signed-out' })
    return err(refusal(response.status, parse(text)))
  } catch {
    return err({ kind: 'network' })
  } finally {
    clearTimeout(timer)
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : (JSON.parse(text) as unknown)
  } catch {
    return null // a proxy's page instead of an answer
  }
}

function refusal(status: number, body: unknown): Failure {
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  // our own ApiError has `error`, better-auth has `code`
  const code = [said.error, said.code].find((text) => typeof text === 'string')
  return {
    kind: 'refused',
    status,
    code: typeof code === 'string' ? code : `HTTP_${status}`,
    message: typeof said.message === 'string' ? said.message : '',
    params: (said.params ?? {}) as Params,
  }
}

/** A key of one's own for a request: sent twice, it is one request. */
export function newIdempotencyKey(): string {
  // randomUUID is missing where the page is not served over https, as on a farm's own network
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
