/** The address of a database of PostgreSQL, from the settings STATE and SERIES. */
import { fail } from '../../errors.ts'

export const isPostgresUrl = (url: string): boolean => url.startsWith('postgres:')

/** `SETTING at HOST:PORT/DATABASE` for messages, without user and secret. INVALID_CONFIG, which does not repeat the URL. */
export function postgresName(setting: 'STATE' | 'SERIES', url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (!isPostgresUrl(url) || parsed === null || parsed.hostname === '' || parsed.pathname.length < 2)
    fail('INVALID_CONFIG', `${setting} must look like postgres://USER:SECRET@HOST:5432/DATABASE`)
  return `${setting} at ${parsed.hostname}:${parsed.port || 5432}${parsed.pathname}`
}
