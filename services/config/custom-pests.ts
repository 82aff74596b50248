/** Custom pests of the operator: `pests.json` in DATA_DIR, with rows as agronomy/pests/reader.ts describes them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Type from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
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

// parsePest checks the rows one by one, and names the row
const parseFile = jsonParser(Type.Object({ pests: Type.Array(Type.Unknown()) }), 'file')

function rowsIn(path: string): unknown[] {
  const read = parseFile(readFileSync(path, 'utf8'))
  return read.ok ? read.value.pests : fail('INVALID_CONFIG', `${path}: ${read.error}`)
}
