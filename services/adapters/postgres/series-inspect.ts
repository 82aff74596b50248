/** What a PostgreSQL is to the series, without a change to it. */
import { fail } from '../../errors.ts'
import { parseSeriesAddress } from './series-address.ts'
import { openSeriesPool, throwStartError } from './series-pool.ts'

export { OLDEST_SERVER } from './series-schema.ts'

export interface InspectedServer {
  version: string // 17.6
  number: number // 170006
  /** it takes no writes */
  isStandby: boolean
  /** false: a crash of the server loses readings that Tilth keeps no longer */
  isDurable: boolean
  hasTables: boolean
  /** whether the user may make the tables */
  mayCreate: boolean
}

/** Errors as openPostgresSeries, except for its tables, which are neither made nor read. */
export async function inspectPostgresSeries(url: string): Promise<InspectedServer> {
  const pool = openSeriesPool(parseSeriesAddress(url), { connections: 1, withinMs: 5_000 })
  try {
    const [server] = await pool.query<InspectedServer>(INSPECT)
    return server ?? fail('STORE_UNAVAILABLE', 'PostgreSQL did not answer')
  } catch (error) {
    throwStartError(error)
  } finally {
    await pool.close()
  }
}

const INSPECT = `
select split_part(current_setting('server_version'), ' ', 1) as version,
  current_setting('server_version_num')::int as number,
  pg_is_in_recovery() as "isStandby",
  current_setting('synchronous_commit') <> 'off' and current_setting('fsync') = 'on' as "isDurable",
  to_regclass('tilth_series.store') is not null as "hasTables",
  has_database_privilege(current_database(), 'create') as "mayCreate"`
