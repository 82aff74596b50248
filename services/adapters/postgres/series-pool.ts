/** Connections to the series store on PostgreSQL. Its errors are those of the port, and never contain the password. */
import pg from 'pg'
import { fail, isTilthError } from '../../errors.ts'
import { openHosts, type Hosts } from './hosts.ts'
import { SERIES_FORM, type SeriesAddress } from './series-address.ts'

export type Run = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>

export interface SeriesPool {
  /** One statement. */
  query: Run
  /** READ COMMITTED; `begin` runs with its start in one round trip, and its rows of the last statement are passed on. */
  transaction<T>(begin: string, work: (run: Run, first: readonly object[]) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface PoolOptions {
  connections: number
  /** of one statement; a server that hangs is unavailable after a second more */
  withinMs: number
}

const LOCK_MS = 5_000
const IDLE_IN_TRANSACTION_MS = 10_000

/** Opens no connection yet. */
export function openSeriesPool(
  { urls, where }: SeriesAddress,
  { connections, withinMs }: PoolOptions,
): SeriesPool {
  const pool = openHosts(urls, {
    max: connections,
    application_name: 'tilth-series',
    lock_timeout: LOCK_MS,
    statement_timeout: withinMs,
    // a server that hangs does not end a statement itself
    query_timeout: withinMs + 1_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // compiling a statement takes longer than running it; the pool waits for it
    onConnect: (client) => client.query('set jit = off') as unknown as void,
  })
  const withErrors = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      return throwStoreError(error, where)
    }
  }
  return {
    query: <Row extends object>(text: string, values: readonly unknown[] = []) =>
      withErrors(pool.query<Row>(prepared(text, values)).then(({ rows }) => rows)),
    transaction: (begin, work) => withErrors(inTransaction(pool, begin, work)),
    close: () => pool.end(),
  }
}

const names = new Map<string, string>()

/** A statement with values is planned once for each connection: planning one over all months takes longer than it. */
function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  if (values.length === 0) return { text }
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `series_${names.size + 1}`))
  return { name, text, values: [...values] }
}

async function inTransaction<T>(
  pool: Hosts,
  begin: string,
  work: (run: Run, first: readonly object[]) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let fault: Error | undefined
  const noteFault = (error: Error) => (fault ??= error)
  client.on('error', noteFault)
  try {
    // several statements in one text have several results
    const results = (await client.query(`begin; ${begin}`)) as unknown as pg.QueryResult<object>[]
    const run: Run = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(prepared(text, values))).rows
    const result = await work(run, results.at(-1)!.rows)
    await client.query('commit')
    return result
  } catch (error) {
    // the server rolls back when the connection ends
    fault ??= error as Error
    throw error
  } finally {
    client.off('error', noteFault)
    client.release(fault)
  }
}

/** Data that the server can never store: data exceptions, and a text that it cannot represent. */
const isRefused = (state: string): boolean => state.startsWith('22')
/** A server that answers and does not let Tilth in: user, password, database or permission is wrong. */
const isNotLetIn = (state: string): boolean =>
  state.startsWith('28') || state === '3D000' || state === '42501' || state === '3F000'

/**
 * STORE_REFUSED for data that can never be stored; everything else is STORE_UNAVAILABLE, a wrong password included:
 * readings wait until that is fixed. Other errors than those of pg and of the network are rethrown.
 */
function throwStoreError(error: unknown, where: string): never {
  if (isTilthError(error)) throw error
  const { code, message } = error as { code?: string; message?: string }
  const state = error instanceof pg.DatabaseError ? (code ?? '') : ''
  if (error instanceof TypeError || error instanceof RangeError) throw error
  const text = `PostgreSQL at ${where}: ${(message || code || 'no response').replace(/\s+/g, ' ').trim()}`
  fail(isRefused(state) ? 'STORE_REFUSED' : 'STORE_UNAVAILABLE', text, {
    cause: error,
    params: isNotLetIn(state) ? { isRefusal: 1 } : {},
  })
}

/** At the start a server that does not let Tilth in is a wrong setting: INVALID_CONFIG; other errors are rethrown. */
export function throwStartError(error: unknown): never {
  if (!isTilthError(error, 'STORE_UNAVAILABLE') || error.params?.['isRefusal'] !== 1) throw error
  fail('INVALID_CONFIG', `${error.message}; check user, password and database of SERIES (${SERIES_FORM})`)
}

/** A list of numbers as the text of an array of PostgreSQL. */
export const arrayText = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? 'null').join(',')}}`

/** An instant as a bound of `at_ms`, which is a whole number: `>=` and `<` keep their meaning. */
export const boundText = (ms: number): number => Math.ceil(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, ms)))
