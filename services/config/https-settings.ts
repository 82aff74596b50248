/** HTTPS: who vouches for the dashboard, and on which port. */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { SettingTexts } from './settings-schema.ts'

/** `own`: an authority that Tilth makes; `acme`: and a public one for one name; `files`: PEM files of the operator. */
export type HttpsSetting = { port: number } & (
  | { kind: 'own' }
  | { kind: 'acme'; mail: string; directory: string; name: string }
  | { kind: 'files'; cert: string; key: string }
)

/** Null: plain HTTP, or HTTPS at a proxy in front. */
export function readHttps(texts: SettingTexts): Result<HttpsSetting | null> {
  const { HTTPS, HTTPS_PORT, ACME_DIRECTORY: directory, PUBLIC_URL } = texts
  if (HTTPS === '') return ok(null)
  // cookies, origins and links would be of another scheme than the page
  if (PUBLIC_URL.startsWith('http:'))
    return err(`PUBLIC_URL must begin with https:// when HTTPS is set, got ${PUBLIC_URL.slice(0, 80)}`)
  const port = Number(HTTPS_PORT)
  if (HTTPS === 'own') return ok({ port, kind: 'own' })
  if (HTTPS.startsWith('acme:')) {
    const name = PUBLIC_URL === '' ? '' : new URL(PUBLIC_URL).hostname
    if (!/[a-z]$/.test(name))
      return err(
        `HTTPS=acme:MAIL needs the public name of the dashboard in PUBLIC_URL, as https://tilth.example.org, got ${PUBLIC_URL || 'nothing'}`,
      )
    return ok({ port, kind: 'acme', mail: HTTPS.slice('acme:'.length), directory, name })
  }
  const [cert, key] = HTTPS.split(',').map((path) => path.trim()) as [string, string]
  return ok({ port, kind: 'files', cert, key })
}
