/**
 * The InfluxDB operations of the series store. 1.x and 2.x differ in writing, erasing and authentication; both are read
 * in InfluxQL.
 */
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import type { AtMs } from '../../../broker/contract/time.ts'
import { fail, isTilthError, type ErrorCode, type TilthError } from '../../errors.ts'

export interface InfluxClient {
  /** One request; durable when it resolves. */
  write(points: readonly InfluxPoint[]): Promise<void>
  /** One statement; rows with `time` in ms. */
  query(statement: string): Promise<InfluxRow[]>
  erase(tags: { org: string; farm?: string; field?: string }): Promise<void>
  close(): void
}

/** A point to write, with unencoded names. */
export interface InfluxPoint {
  measurement: string
  tags: Record<string, string>
  floats: Record<string, number>
  ints?: Record<string, number>
  texts?: Record<string, string>
  atMs: AtMs
}

/** One series of a response, as InfluxDB returns it. */
export interface InfluxRow {
  name: string
  tags: Record<string, string>
  columns: string[]
  values: (number | string | null)[][]
}

export const TIMEOUT_MS = 10_000

const QueryResponse = Type.Object({
  results: Type.Optional(
    Type.Array(
      Type.Object({
        series: Type.Optional(
          Type.Array(
            Type.Object({
              name: Type.Optional(Type.String()),
              tags: Type.Optional(Type.Record(Type.String(), Type.String())),
              columns: Type.Optional(Type.Array(Type.String())),
              // each cell would double the time of a long range
              values: Type.Optional(
                Type.Array(Type.Unsafe<(number | string | null)[]>(Type.Array(Type.Unknown()))),
              ),
            }),
          ),
        ),
        error: Type.Optional(Type.String()),
      }),
    ),
  ),
  error: Type.Optional(Type.String()),
})
const queryResponse = Compile(QueryResponse)

/** Rows of a raw response of /query. An error inside a response with status 200 is thrown too. */
export function parseRows(body: unknown): InfluxRow[] {
  const response = body ?? {}
  if (!queryResponse.Check(response))
    throw new InfluxResponseError(200, 'the response has an unexpected format')
  const { results = [], error } = response
  const failure = error ?? results.find((result) => result.error)?.error
  if (failure !== undefined) throw new InfluxResponseError(200, failure)
  return results
    .flatMap((result) => result.series ?? [])
    .map(({ name = '', tags = {}, columns = [], values = [] }) => ({ name, tags, columns, values }))
}

/** An unsuccessful response. */
export class InfluxResponseError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Times out after TIMEOUT_MS, independent of the client library. */
async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new InfluxResponseError(0, `no response within ${TIMEOUT_MS / 1000} s`)),
      TIMEOUT_MS,
    )
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Runs one call. STORE_REFUSED for status 400 or 422, which a retry would repeat; everything else is STORE_UNAVAILABLE,
 * including a wrong password or a missing bucket: readings wait until that is fixed. The libraries' errors contain the
 * request with its authorization header, so they are not kept as the cause.
 */
export async function call<T>(target: string, doing: string, work: Promise<T>): Promise<T> {
  try {
    return await withDeadline(work)
  } catch (error) {
    if (isTilthError(error)) throw error
    const status = statusOf(error)
    const code: ErrorCode = status === 400 || status === 422 ? 'STORE_REFUSED' : 'STORE_UNAVAILABLE'
    const message = `InfluxDB at ${target}: ${doing}: ${errorText(error)}`
    return fail(code, message, status === null ? {} : { params: { status } })
  }
}

/** A server that responds and refuses: its user, token, database or bucket is wrong. */
export const isRefusal = (error: unknown): error is TilthError =>
  isTilthError(error, 'STORE_UNAVAILABLE') && [401, 403, 404].includes(Number(error.params?.['status']))

/** The HTTP status of a client's error; null: no response. */
export function statusOf(error: unknown): number | null {
  const { status, statusCode, res } = error as {
    status?: number
    statusCode?: number
    res?: { statusCode?: number }
  }
  return status ?? statusCode ?? res?.statusCode ?? null
}

/** One short line. */
function errorText(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  const text = (message || code || 'no response').replace(/\s+/g, ' ').trim()
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
