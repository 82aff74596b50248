/** Custom pests of the operator: `pests.json` in DATA_DIR, with rows as agronomy/pests/reader.ts describes them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePest } from '../agronomy/pests/parse-pest.ts'
import type { Pest } from '../agronomy/pests/pest.ts'
import { fail } from '../errors.ts'

/** Empty without the file. INVALID_CONFIG names the row and its field. */
export function readCustomPests(dataDir: string): Pest[] {
  const path = join(dataDir, 'pests.json')
  if (!existsSync(path)) return []
  return rowsIn(path).map((row, i) => {
    const read = parsePest(row)
    return read.ok ? read.value : fail('INVALID_CONFIG', `${path}: pests.${i}: ${read.error}`)
  })
}

function rowsIn(path: string): unknown[] {
  let root: { pests?: unknown }
  try {
    root = JSON.parse(readFileSync(path, 'utf8')) as { pests?: unknown }
  } catch (cause) {
    return fail('INVALID_CONFIG', `${path}: not JSON: ${(cause as Error).message.slice(0, 100)}`, { cause })
  }
  return Array.isArray(root?.pests)
    ? root.pests
    : fail('INVALID_CONFIG', `${path}: expected a list under "pests"`)
}
