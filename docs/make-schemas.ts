/**
 * Writes the JSON Schema of every message on the wire to docs/schemas, for device makers. `npm run schemas`; a test
 * fails when the files no longer say what the program reads.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaFiles } from './schema-files.ts'

const folder = join(import.meta.dirname, 'schemas')
mkdirSync(folder, { recursive: true })
for (const [name, text] of schemaFiles()) writeFileSync(join(folder, name), text)
console.log(`wrote ${schemaFiles().size} schemas to docs/schemas`)
