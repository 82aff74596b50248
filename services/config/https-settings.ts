/** HTTPS: who vouches for the dashboard, and on which port. */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { SettingTexts } from './settings-schema.ts'

/** `own`: an authority that Tilth makes; `files`: PEM files of the operator. */
export type HttpsSetting = { port: number } & ({ kind: 'own' } | { kind: 'files'; cert: string; key: string })

/** Null: plain HTTP, or HTTPS at a proxy in front. */
export function readHttps({ HTTPS, HTTPS_PORT, PUBLIC_URL }: SettingTexts): Result<HttpsSetting | null> {
  if (HTTPS === '') return ok(null)
  // cookies, origins and links would be of another scheme than the page
  if (PUBLIC_URL.startsWith('http:'))
    return err(`PUBLIC_URL must begin with https:// when HTTPS is set, got ${PUBLIC_URL.slice(0, 80)}`)
  const port = Number(HTTPS_PORT)
  if (HTTPS === 'own') return ok({ port, kind: 'own' })
  const [cert, key] = HTTPS.split(',').map((path) => path.trim()) as [string, string]
  return ok({ port, kind: 'files', cert, key })
}
