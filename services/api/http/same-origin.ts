/**
 * Protects against cross-site request forgery: a write must come from Tilth's own pages. A browser always
 * states the origin of a write in Sec-Fetch-Site or Origin (Fetch standard); a program states neither and
 * sends its cookie on purpose. In addition, the session cookie is SameSite=Strict.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

export interface WriteSource {
  secFetchSite: string | undefined
  origin: string | undefined
  host: string | undefined
}

/** True for all methods but GET, HEAD and OPTIONS; `method` is upper case. */
export const isWrite = (method: string): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method)

/**
 * Whether a write is allowed; the reason names the header. `publicUrl`: the address behind a proxy. `isHttps`: people
 * connect over HTTPS only.
 */
export function checkSource(
  from: WriteSource,
  publicUrl: string | null,
  isHttps = publicUrl?.startsWith('https:') ?? false,
): Result<null> {
  const { secFetchSite, origin, host } = from
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin' && secFetchSite !== 'none')
    return err(`Sec-Fetch-Site must be same-origin for a write, got ${secFetchSite.slice(0, 40)}`)
  if (origin === undefined) return ok(null)
  const ownOrigins = [`https://${host}`] // TLS may end at a proxy in front of us
  if (publicUrl !== null) ownOrigins.push(publicUrl)
  // with TLS, a page loaded without it may be forged
  if (!isHttps) ownOrigins.push(`http://${host}`)
  return ownOrigins.includes(origin)
    ? ok(null)
    : err(`Origin must be the dashboard's own for a write, got ${origin.slice(0, 80)}`)
}
