/** The version of this software, as its package.json has it: one folder up from the sources, two from the emitted program. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export function readVersion(): string {
  for (const up of ['../..', '../../..'])
    try {
      const text = readFileSync(join(import.meta.dirname, up, 'package.json'), 'utf8')
      return (JSON.parse(text) as { version: string }).version
    } catch {
      // the next place
    }
  return 'unknown'
}
