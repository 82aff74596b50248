/** Opens the series store by its URL: the scheme selects the adapter. */
import type { TerminationLock } from '../runtime/worker-entry.ts'
import type { SeriesStore, SeriesReader } from '../ports.ts'
import { fail } from '../errors.ts'
import { openSqliteSeries, openSqliteSeriesToRead } from './sqlite/series.ts'

const expected =
  'sqlite:PATH, postgres://USER:SECRET@host:5432/database, influx1://[user:password@]host:8086/database or influx2://host:8086/bucket?org=ORG&token=TOKEN'

/**
 * Opens the store of the setting SERIES; `{DATA_DIR}` in a SQLite path is replaced by `dataDir`, `:memory:` is an
 * in-memory store. INVALID_CONFIG for an unusable URL; otherwise the errors of the store.
 */
export async function openSeries(url: string, dataDir: string): Promise<SeriesStore> {
  const scheme = /^[a-z0-9]+(?=:)/.exec(url)?.[0] ?? ''
  switch (scheme) {
    case 'sqlite': {
      const path = pathOf(url, dataDir)
      if (path === '') fail('INVALID_CONFIG', `SERIES has no file after sqlite:; set it to ${expected}`)
      return openSqliteSeries(path)
    }
    // their clients are loaded on demand: few farms have a server
    case 'postgres': {
      const { openPostgresSeries } = await import('./postgres/series.ts')
      return openPostgresSeries(url)
    }
    case 'influx1':
    case 'influx1s': {
      const { openInflux1Series } = await import('./influx/influx1.ts')
      return openInflux1Series(url)
    }
    case 'influx2':
    case 'influx2s': {
      const { openInflux2Series } = await import('./influx/influx2.ts')
      return openInflux2Series(url)
    }
    default:
      // the value may contain a password, so only its scheme is repeated
      return fail(
        'INVALID_CONFIG',
        `SERIES has ${scheme ? `the unknown scheme ${scheme}:` : 'no scheme'}; set it to ${expected}`,
      )
  }
}

/**
 * Opens the store a second time for reading in a worker thread: a SQLite file on its own connection, a server through a
 * client of its own. Errors of the store.
 */
export const openSeriesToRead = (
  url: string,
  dataDir: string,
  hold: TerminationLock,
): Promise<SeriesReader> =>
  url.startsWith('sqlite:') ? openSqliteSeriesToRead(pathOf(url, dataDir), hold) : openSeries(url, dataDir)

const pathOf = (url: string, dataDir: string): string =>
  url.slice('sqlite:'.length).replace('{DATA_DIR}', () => dataDir)
