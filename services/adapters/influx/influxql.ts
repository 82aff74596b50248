/** Reads through the `influx` package: InfluxQL over /query, which 1.x, 2.x (compatibility API) and 3 support. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { InfluxDB } from 'influx'
import type { InfluxAddress } from './address.ts'
import { call, parseRows, TIMEOUT_MS, type InfluxRow } from './client.ts'

export interface InfluxQl {
  database: InfluxDB
  query(statement: string): Promise<InfluxRow[]>
  /** A statement that changes data: InfluxDB requires POST. */
  run(statement: string): Promise<void>
  close(): void
}

// an unavailable server is tried again with the next call; waiting is up to the caller
const noBackoff = { getDelay: () => 0, next: () => noBackoff, reset: () => noBackoff }

/** `headers` are sent with every request, e.g. the token of 2.x. */
export function influxQl(address: InfluxAddress, headers: Record<string, string> = {}): InfluxQl {
  const agent = new (address.protocol === 'https' ? HttpsAgent : HttpAgent)({ keepAlive: true })
  const database = new InfluxDB({
    host: address.host,
    port: address.port,
    protocol: address.protocol,
    database: address.database,
    // without it the library signs in as root:root, which overrides the token in the headers
    username: address.user as string,
    password: address.password,
    options: { agent, headers },
    pool: { backoff: noBackoff, maxRetries: 1, requestTimeout: TIMEOUT_MS },
  })
  const send = async (statement: string, method: 'GET' | 'POST') => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    return parseRows(await database.queryRaw(statement, { precision: 'ms', method, signal }))
  }
  return {
    database,
    query: (statement) => call(address.where, 'read', send(statement, 'GET')),
    run: async (statement) => void (await call(address.where, 'change', send(statement, 'POST'))),
    close: () => agent.destroy(),
  }
}
