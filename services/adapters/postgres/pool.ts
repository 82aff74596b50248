/** Connections to a database of PostgreSQL, with the rules of Tilth: time limits, values, errors. */
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { hostUrls } from '../../../broker/contract/host-urls.ts'
import { openHosts } from './hosts.ts'
import { storeFault } from './store-fault.ts'

export interface PoolOptions {
  /** completes "... does not respond" in errors */
  store: string
  connections: number
  /** startup options of each connection, as `-c NAME=VALUE` */
  options?: string
  /** called after each statement that may have written */
  onWrite?: () => void
}

// a process that hangs must not hold an organisation
const limits = {
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 10_000,
  statement_timeout: 30_000,
}
// a server that went away without a word: longer than it allows a statement
const ANSWER_WITHIN_MS = 35_000
const IDLE_MS = 60_000

/** Opens connections as they are needed. Errors of its clients are those of `storeFault`. */
export function openPool(url: string, { store, connections, options, onWrite }: PoolOptions): PostgresPool {
  const pool = openHosts(hostUrls(url), {
    ...(options === undefined ? {} : { options }),
    application_name: 'tilth',
    max: connections,
    query_timeout: ANSWER_WITHIN_MS,
    idleTimeoutMillis: IDLE_MS,
    ...limits,
  })

  const translated = async <T>(run: Promise<T>): Promise<T> => {
    try {
      return await run
    } catch (error) {
      throw storeFault(error, store) ?? error
    }
  }
  return {
    async connect() {
      const client = await translated(pool.connect())
      let broken: Error | undefined
      const noteBroken = (error: Error): never => {
        // an error of the server has a severity; after one of the connection nothing else is asked on it
        if (!('severity' in error)) broken = error
        throw error
      }
      return {
        async query<Row>(text: string | object, values?: readonly unknown[]) {
          if (typeof text !== 'string') throw new Error('cursors are not in use')
          const result = await translated(client.query(text, values?.map(toPostgresValue)).catch(noteBroken))
          if (!/^\s*select\b/i.test(text)) onWrite?.()
          return result as { command: 'SELECT'; rowCount: number; rows: Row[] }
        },
        release: () => client.release(broken),
      } as PostgresPoolClient
    },
    end: () => pool.end(),
  }
}

/** What SQLite makes of a value: a boolean is 0 or 1 there, and a number that is none is null. */
function toPostgresValue(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number' && Number.isNaN(value)) return null
  // a text of PostgreSQL holds every character but this one
  if (typeof value === 'string' && value.includes('\0')) return value.replaceAll('\0', '\ufffd')
  return value
}
