/**
 * Cross-site request forgery: a write must come from Tilth's own pages. A browser always says where a write comes from,
 * in Sec-Fetch-Site or Origin (Fetch standard); a program says neither and carries its cookie on purpose. The session
 * cookie is SameSite=Strict besides.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

export interface WriteSource {
  secFetchSite: string | undefined
  origin: string | undefined
  host: string | undefined
}

export const isWrite = (method: string): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method)

/** Whether a write may be taken; the reason names the header. `publicUrl`: the address phones use, behind a proxy. */
export function checkSource(from: WriteSource, publicUrl: string | null): Result<null> {
  const { secFetchSite, origin, host } = from
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin' && secFetchSite !== 'none')
    return err(`Sec-Fetch-Site must be same-origin for a write, got ${secFetchSite.slice(0, 40)}`)
  if (origin === undefined) return ok(null)
  const own = [`https://${host}`] // TLS may end at a proxy before us
  if (publicUrl !== null) own.push(publicUrl)
  // where there is TLS, a page that came without it may be anyone's
  if (!publicUrl?.startsWith('https:')) own.push(`http://${host}`)
  return own.includes(origin)
    ? ok(null)
    : err(`Origin must be the dashboard's own for a write, got ${origin.slice(0, 80)}`)
}
