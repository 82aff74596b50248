/**
 * What the series store asks of an InfluxDB. Two servers answer it: 1.x and 2.x write, erase and sign in differently;
 * both are read in InfluxQL.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import { fail, isTilthError, type ErrorCode } from '../../errors.ts'

export interface InfluxClient {
  /** One request; durable when it resolves. */
  write(points: readonly InfluxPoint[]): Promise<void>
  /** One statement; rows with `time` in ms. */
  query(statement: string): Promise<InfluxRow[]>
  erase(tags: { org: string; farm?: string; field?: string }): Promise<void>
  close(): void
}

/** What is written: names as they are, without any encoding. */
export interface InfluxPoint {
  measurement: string
  tags: Record<string, string>
  floats: Record<string, number>
  ints?: Record<string, number>
  texts?: Record<string, string>
  atMs: AtMs
}

/** One series of an answer, as InfluxDB gives it. */
export interface InfluxRow {
  name: string
  tags: Record<string, string>
  columns: string[]
  values: (number | string | null)[][]
}

export const TIMEOUT_MS = 10_000

/** Rows of the raw answer of /query. An error inside an answer of status 200 is an error all the same. */
export function parseRows(answer: unknown): InfluxRow[] {
  const { results = [], error } = (answer ?? {}) as {
    results?: { series?: Partial<InfluxRow>[]; error?: string }[]
    error?: string
  }
  const said = error ?? results.find((result) => result.error)?.error
  if (said !== undefined) throw new InfluxResponseError(200, said)
  return results
    .flatMap((result) => result.series ?? [])
    .map(({ name = '', tags = {}, columns = [], values = [] }) => ({ name, tags, columns, values }))
}

/** An answer that is not the one hoped for. */
export class InfluxResponseError extends Error {
  readonly status: number
  constructor(status: number, said: string) {
    super(said)
    this.status = status
  }
}

/** Gives up after TIMEOUT_MS, whatever the client library waits for. */
async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new InfluxResponseError(0, `no answer in ${TIMEOUT_MS / 1000} s`)),
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
 * Runs one call. STORE_REFUSED for an answer of 400 or 422, which will be the same next time; everything else is
 * STORE_UNAVAILABLE, a wrong password or a missing bucket too: readings must wait until that is put right.
 * The libraries' own errors carry the request with its authorization header, so they are not kept as the cause.
 */
export async function call<T>(where: string, doing: string, work: Promise<T>): Promise<T> {
  try {
    return await withDeadline(work)
  } catch (error) {
    if (isTilthError(error)) throw error
    const status = statusOf(error)
    const code: ErrorCode = status === 400 || status === 422 ? 'STORE_REFUSED' : 'STORE_UNAVAILABLE'
    return fail(code, `InfluxDB at ${where}: ${doing}: ${errorText(error)}`)
  }
}

/** The HTTP status that a client's error carries; null: there was no answer. */
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
  const text = (message || code || 'no answer').replace(/\s+/g, ' ').trim()
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
