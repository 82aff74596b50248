/**
 * Requests to the API. A request returns a value or a failure that the screens can act on; it never throws, since a
 * phone without signal is a usual case. `connection` is the state from the last request and the event stream.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

type Params = Record<string, string | number | null>
/** `network`: no response; the request may or may not have arrived. The others are responses of the server. */
export type Failure =
  | { kind: 'network' }
  | { kind: 'signed-out' }
  | { kind: 'refused'; status: number; code: string; message: string; params: Params }

// a phone at the edge of a cell: long enough for a slow response, short enough to report "no connection"
const TIMEOUT_MS = 12_000

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  body?: unknown
  /** ETag of the cached response: a 304 returns `null`. */
  etag?: string | null
}
export interface ApiResponse<T> {
  body: T | null // null: unchanged since `etag`
  etag: string | null
  lastEvent: string | null // the newest event that the response includes
}

export async function request<T>(
  path: string,
  { method = 'GET', body, etag }: RequestOptions = {},
): Promise<Result<ApiResponse<T>, Failure>> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (etag) headers['if-none-match'] = etag
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
  try {
    const response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: abort.signal,
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
    return null // a proxy's page instead of a response
  }
}

function refusal(status: number, body: unknown): Failure {
  const error = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  // our own ApiError has `error`, better-auth has `code`
  const code = [error.error, error.code].find((text) => typeof text === 'string')
  return {
    kind: 'refused',
    status,
    code: typeof code === 'string' ? code : `HTTP_${status}`,
    message: typeof error.message === 'string' ? error.message : '',
    params: (error.params ?? {}) as Params,
  }
}

/** An idempotency key: a request that is sent twice is carried out once. */
export function newIdempotencyKey(): string {
  // randomUUID exists over https only, and a farm's own network uses http
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether this phone reaches the server. It is independent of the state of the farm. */
export class Connection {
  /** false: this phone has no connection */
  isUp = $state(true)
  /** code of the server error that the last response reported */
  serverError = $state<string | null>(null)
  isSignedOut = $state(false)

  succeeded(): void {
    this.isUp = true
    this.serverError = null
  }

  failed(failure: Failure): void {
    if (failure.kind === 'network') this.isUp = false
    else {
      this.isUp = true
      if (failure.kind === 'signed-out') this.isSignedOut = true
      else if (failure.status >= 500) this.serverError = failure.code
    }
  }
}

export const connection = new Connection()
