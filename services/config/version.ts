/** The version in package.json: two folders up from the sources, three from the compiled program. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export function readVersion(): string {
  for (const up of ['../..', '../../..'])
    try {
      const text = readFileSync(join(import.meta.dirname, up, 'package.json'), 'utf8')
      return (JSON.parse(text) as { version: string }).version
    } catch {
      // try the next folder
    }
  return 'unknown'
}
