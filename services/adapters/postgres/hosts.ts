/**
 * Connections to a database that has one host or several. Of several, one takes writes: a connection goes to it, as with
 * libpq and target_session_attrs=read-write, so a promoted standby is found without a proxy.
 */
import pg from 'pg'
import { noticeSilence } from './silent-server.ts'

export interface Hosts {
  /** A connection to the host that takes writes. The error is that of the host that was in use. */
  connect(): Promise<pg.PoolClient>
  /** One statement on a connection of its own; after an error that connection is closed. */
  query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>>
  end(): Promise<void>
}

const CONNECT_WITHIN_MS = 5_000

// int8 and numeric: all that Tilth stores or sums is below 2^53
const asNumber = new Set<number>([20, 1700])
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    asNumber.has(oid) ? Number : (pg.types.getTypeParser as (...of: unknown[]) => unknown)(oid, format),
} as pg.CustomTypesConfig

/** Opens connections as they are needed, at most `config.max` at a time. `urls`: of the hosts, in order of preference. */
export function openHosts(urls: readonly string[], config: pg.PoolConfig): Hosts {
  const silences = urls.map(noticeSilence)
  const pools = urls.map((connectionString) => {
    const pool = new pg.Pool({
      types,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      ...config,
      connectionString,
      ...(urls.length > 1 ? { verify: (client, done) => void takesWrites(client).then(done, done) } : {}),
    })
    // who uses the connection next finds out, and opens another
    pool.on('error', () => {})
    pool.on('connect', (client) => void client.on('error', () => {}))
    return pool
  })
  let inUse = 0

  async function connect(): Promise<pg.PoolClient> {
    const first = inUse
    const failures: unknown[] = []
    for (let tries = 0; tries < pools.length; tries++) {
      const index = (first + tries) % pools.length
      try {
        silences[index]!.check()
        const client = await pools[index]!.connect()
        silences[index]!.watch(client)
        inUse = index
        return client
      } catch (error) {
        failures.push(error)
      }
    }
    throw failures[0]
  }

  return {
    connect,
    async query<Row extends pg.QueryResultRow>(query: pg.QueryConfig) {
      const client = await connect()
      try {
        const result = await client.query<Row>(query)
        client.release()
        return result
      } catch (error) {
        client.release(error as Error)
        throw error
      }
    },
    async end() {
      for (const silence of silences) silence.stop()
      await Promise.all(pools.map((pool) => pool.end()))
    },
  }
}

/** Rejects with the error of a statement that a standby refuses. */
async function takesWrites(client: pg.ClientBase): Promise<undefined> {
  const { rows } = await client.query<{ is_standby: boolean }>('select pg_is_in_recovery() as is_standby')
  if (rows[0]!.is_standby)
    throw Object.assign(new Error('this server is a standby'), { severity: 'ERROR', code: '25006' })
}
