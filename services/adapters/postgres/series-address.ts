/** The address of a series store on PostgreSQL, from the setting SERIES. */
import { hostUrls } from '../../../broker/contract/host-urls.ts'
import { fail } from '../../errors.ts'
import { placeOf } from './address.ts'

export interface SeriesAddress {
  /** for pg, one for each host: without the parameters of Tilth */
  urls: string[]
  /** for error messages: hosts and ports, never a password */
  where: string
  /** raw readings are kept for so many months; null: for good */
  keepMonths: number | null
}

export const SERIES_FORM = 'postgres://USER:SECRET@HOST:5432/DATABASE[?keepMonths=36]'

// a season is estimated again from its readings
const LEAST_MONTHS = 13

/** INVALID_CONFIG with the expected form; the URL contains a secret and is not repeated. */
export function parseSeriesAddress(url: string): SeriesAddress {
  const failInvalid = (problem: string): never =>
    fail('INVALID_CONFIG', `SERIES ${problem}; it must look like ${SERIES_FORM}`)
  let hosts: URL[]
  try {
    hosts = hostUrls(url).map((text) => new URL(text))
    for (const { username, password, hostname } of hosts) decodeURIComponent(username + password + hostname)
  } catch {
    return failInvalid('is not a URL')
  }
  const parsed = hosts[0]!
  if (hosts.some(({ hostname }) => hostname === '')) return failInvalid('names no host')
  if (parsed.pathname.length < 2) return failInvalid('names no database after the host')
  const keep = parsed.searchParams.get('keepMonths')
  if (keep !== null && !/^[1-9]\d{0,3}$/.test(keep))
    return failInvalid(`must keep whole months, got keepMonths=${keep}`)
  const keepMonths = keep === null ? null : Number(keep)
  if (keepMonths !== null && keepMonths < LEAST_MONTHS)
    return failInvalid(`must keep at least ${LEAST_MONTHS} months of readings, got keepMonths=${keep}`)
  for (const { searchParams } of hosts) searchParams.delete('keepMonths')
  return { urls: hosts.map(String), where: placeOf(hosts), keepMonths }
}
