/** The version in package.json: two folders up from the sources, three from the compiled program. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Type from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'

const parsePackage = jsonParser(Type.Object({ version: Type.String() }))

/** `unknown` when neither folder has a package.json with a version. */
export function readVersion(): string {
  for (const up of ['../..', '../../..'])
    try {
      const text = readFileSync(join(import.meta.dirname, up, 'package.json'), 'utf8')
      const read = parsePackage(text)
      if (read.ok) return read.value.version
    } catch {
      // try the next folder
    }
  return 'unknown'
}
