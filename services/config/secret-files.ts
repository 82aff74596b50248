/**
 * Secrets from files, as containers and systemd provide them: NAME_FILE names a file whose text is the setting NAME.
 * Also finds secret files that other users can read.
 */
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { err, ok, type Result } from '../../broker/contract/result.ts'

/** The settings that may contain a password or a token. */
export const secretSettings = ['STATE', 'SERIES', 'BUS', 'BUS_USERS', 'SMTP_URL'] as const

type Given = Record<string, string | undefined>

/** The settings with the texts of the files filled in. The error names the setting and the file, never its text. */
export function withSecretFiles(env: Given): Result<Given> {
  const filled: Given = { ...env }
  for (const name of secretSettings) {
    const path = env[`${name}_FILE`]?.trim() ?? ''
    if (path === '') continue
    if ((env[name]?.trim() ?? '') !== '') return err(`${name} and ${name}_FILE are both set; set one of them`)
    try {
      filled[name] = readFileSync(path, 'utf8').trim()
    } catch (error) {
      return err(
        `${name}_FILE must name a file that Tilth can read, got ${path} (${(error as Error).message})`,
      )
    }
    if (filled[name] === '') return err(`${name}_FILE: ${path} is empty`)
  }
  return ok(filled)
}

/**
 * Every path that holds secrets: DATA_DIR, the files that settings name, and databases outside DATA_DIR, each listed
 * separately, because their folder may be shared.
 */
export function secretPlaces(of: {
  dataDir: string
  state: string
  series: string
  secretFiles: readonly string[]
}): string[] {
  const elsewhere = [of.state, of.series]
    .flatMap((url) => (url.startsWith('sqlite:') ? [url.slice('sqlite:'.length)] : []))
    .filter((path) => dirname(resolve(path)) !== resolve(of.dataDir))
  return [of.dataDir, ...elsewhere.flatMap((path) => [path, `${path}-wal`, `${path}-shm`]), ...of.secretFiles]
}

export interface ExposedFile {
  path: string
  hint: string
}

/** Paths that other users can read or write. A missing file is not exposed; Windows has no such modes. */
export function exposedFiles(paths: readonly string[]): ExposedFile[] {
  if (process.platform === 'win32') return []
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat || (stat.mode & 0o077) === 0) return []
    return { path, hint: `chmod ${stat.isDirectory() ? 700 : 600} ${path}` }
  })
}
