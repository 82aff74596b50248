/** The series store by its URL: the scheme is the whole registry of adapters. */
import { resolve } from 'node:path'
import type { SeriesStore } from '../ports.ts'
import { fail } from '../errors.ts'
import { openSqliteSeries } from './sqlite/series.ts'

/**
 * Opens the store of the setting SERIES; a relative SQLite path counts from `dataDir`'s parent, where Tilth was started.
 * CONFIG_WRONG for a URL that cannot be used; else the errors of the store.
 */
export async function openSeries(url: string, dataDir: string): Promise<SeriesStore> {
  const scheme = /^[a-z0-9]+(?=:)/.exec(url)?.[0]
  if (scheme === 'sqlite')
    return openSqliteSeries(resolve(url.slice('sqlite:'.length).replace('{DATA_DIR}', dataDir)))
  fail('CONFIG_WRONG', `SERIES must begin with sqlite:, influx1:// or influx2://`)
}
