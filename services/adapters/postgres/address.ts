/** The address of a database of PostgreSQL, from the settings STATE and SERIES. */
import { hostUrls } from '../../../broker/contract/host-urls.ts'
import { fail } from '../../errors.ts'

export const isPostgresUrl = (url: string): boolean => url.startsWith('postgres:')

/** `HOST:PORT` of each, for messages. */
export const placeOf = (urls: readonly URL[]): string =>
  urls.map(({ hostname, port }) => `${decodeURIComponent(hostname)}:${port || 5432}`).join(',')

/** `SETTING at HOST:PORT/DATABASE` for messages, without user and secret. INVALID_CONFIG, which does not repeat the URL. */
export function postgresName(setting: 'STATE' | 'SERIES', url: string): string {
  const urls = hostUrls(url).flatMap((text) => (URL.canParse(text) ? [new URL(text)] : []))
  const { pathname } = urls[0] ?? { pathname: '' }
  const isComplete = urls.length === hostUrls(url).length && urls.every(({ hostname }) => hostname !== '')
  if (!isPostgresUrl(url) || !isComplete || pathname.length < 2)
    fail('INVALID_CONFIG', `${setting} must look like postgres://USER:SECRET@HOST:5432/DATABASE`)
  return `${setting} at ${placeOf(urls)}${pathname}`
}
