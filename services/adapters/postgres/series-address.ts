/** The address of a series store on PostgreSQL, from the setting SERIES. */
import { fail } from '../../errors.ts'

export interface SeriesAddress {
  /** for pg: without the parameters of Tilth */
  connectionString: string
  /** for error messages: host and port, never a password */
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
  let parsed: URL
  try {
    parsed = new URL(url)
    decodeURIComponent(parsed.username + parsed.password + parsed.hostname)
  } catch {
    return failInvalid('is not a URL')
  }
  if (parsed.hostname === '') return failInvalid('names no host')
  if (parsed.pathname.length < 2) return failInvalid('names no database after the host')
  const keep = parsed.searchParams.get('keepMonths')
  if (keep !== null && !/^[1-9]\d{0,3}$/.test(keep))
    return failInvalid(`must keep whole months, got keepMonths=${keep}`)
  const keepMonths = keep === null ? null : Number(keep)
  if (keepMonths !== null && keepMonths < LEAST_MONTHS)
    return failInvalid(`must keep at least ${LEAST_MONTHS} months of readings, got keepMonths=${keep}`)
  parsed.searchParams.delete('keepMonths')
  return {
    connectionString: parsed.toString(),
    where: `${decodeURIComponent(parsed.hostname)}:${parsed.port || 5432}`,
    keepMonths,
  }
}
