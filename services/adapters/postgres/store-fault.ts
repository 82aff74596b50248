/** Faults of PostgreSQL, and of the way to it, as errors of Tilth. */
import { TilthError } from '../../errors.ts'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const DISK_FULL = '53100'
/** by code, or by class of two letters */
const unavailable = new Set([
  '08', // connection
  '53', // no connection or memory left
  '57', // stopped, starting, or a statement that took too long
  '40', // deadlock
  '25P03', // a transaction that did nothing for too long
  '25006', // a standby, which takes no writes
  '55P03', // a lock that did not become free in time
])
/** of a setting that is wrong; a database that was taken away while Tilth runs is one too */
const refused = new Set(['28', '3D', '42501'])

/** DISK_FULL, STORE_UNAVAILABLE, or INVALID_CONFIG where PostgreSQL refuses user or database; null: another error. */
export function storeFault(cause: unknown, store: string): TilthError | null {
  if (!(cause instanceof Error)) return null
  const { code = '' } = cause as { code?: string }
  const text = `${store}: ${cause.message || code}`
  // an error of the server has a severity; without one it is of the connection
  if (!('severity' in cause))
    return isOfConnection(cause, code) ? new TilthError('STORE_UNAVAILABLE', text, { cause }) : null
  const isIn = (codes: ReadonlySet<string>) => codes.has(code) || codes.has(code.slice(0, 2))
  if (code === DISK_FULL) return new TilthError('DISK_FULL', `the disk of ${store} is full`, { cause })
  if (isIn(unavailable)) return new TilthError('STORE_UNAVAILABLE', text, { cause })
  if (isIn(refused)) return new TilthError('INVALID_CONFIG', text, { cause })
  return null
}

// the client names some of its errors by their text only
const CONNECTION =
  /^(Connection terminated|timeout e|Query read timeout|Client has encountered|Client was closed)/

const isOfConnection = (cause: Error, code: string): boolean =>
  /^(E[A-Z]+|ERR_SSL.*)$/.test(code) || CONNECTION.test(cause.message) || cause instanceof AggregateError
