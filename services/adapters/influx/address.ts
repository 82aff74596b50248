/** The address of an InfluxDB, from the setting SERIES. */
import { fail } from '../../errors.ts'

export interface InfluxAddress {
  protocol: 'http' | 'https'
  host: string
  port: number
  /** for error messages: host and port, never a password or a token */
  where: string
  /** the database of 1.x, the bucket of 2.x */
  database: string
  user: string | null
  password: string
  query: URLSearchParams
}

const forms = {
  influx1: 'influx1://[user:password@]host:8086/database',
  influx2: 'influx2://host:8086/bucket?org=ORG&token=TOKEN',
} as const

/** INVALID_CONFIG with the expected form; the URL contains a secret and is not repeated. */
export function parseInfluxUrl(url: string, scheme: keyof typeof forms): InfluxAddress {
  const failInvalid = (problem: string): never =>
    fail('INVALID_CONFIG', `SERIES ${problem}; it must look like ${forms[scheme]} (${scheme}s:// for https)`)
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return failInvalid('is not a URL')
  }
  const isTls = parsed.protocol === `${scheme}s:`
  if (!isTls && parsed.protocol !== `${scheme}:`) return failInvalid(`begins with ${parsed.protocol}`)
  if (parsed.hostname === '') return failInvalid('names no host')
  const database = decodeURIComponent(parsed.pathname.slice(1))
  if (database === '' || database.includes('/'))
    return failInvalid(`must name one ${scheme === 'influx1' ? 'database' : 'bucket'} after the host`)
  const port = parsed.port === '' ? 8086 : Number(parsed.port)
  return {
    protocol: isTls ? 'https' : 'http',
    host: parsed.hostname,
    port,
    where: `${parsed.hostname}:${port}`,
    database,
    user: parsed.username === '' ? null : decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    query: parsed.searchParams,
  }
}
