/** Test vectors of a JSON file: `{ "vectors": [{ "id", "inputs", "expected", "tolerance", ... }] }`. Pure. */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { fail } from '../../services/errors.ts'
import type { DataFolder } from './data-folder.ts'

export interface Vector {
  id: string
  inputs: Record<string, unknown>
  expected: unknown
  tolerance: unknown
  [key: string]: unknown
}

/** The error names file and vector. */
export function readVectors(text: string, name: string): Result<Vector[]> {
  try {
    return vectorsIn(JSON.parse(text), name)
  } catch (error) {
    return err(`${name}: not JSON: ${(error as Error).message.slice(0, 100)}`)
  }
}

/** The vectors of every file in `vectors/` that have all of these inputs. INVALID_CONFIG when a list of vectors is none. */
export const vectorsWith = (data: Pick<DataFolder, 'jsons'>, inputs: readonly string[]): Vector[] =>
  data
    .jsons('vectors')
    .filter(({ root }) => isObject(root) && 'vectors' in root)
    .flatMap(({ path, root }) => {
      const read = vectorsIn(root, path)
      return read.ok ? read.value : fail('INVALID_CONFIG', read.error)
    })
    .filter((vector) => inputs.every((key) => key in vector.inputs))

function vectorsIn(root: unknown, name: string): Result<Vector[]> {
  const vectors = isObject(root) ? root.vectors : undefined
  if (!Array.isArray(vectors)) return err(`${name}: expected a list under "vectors"`)
  for (const [i, vector] of vectors.entries()) {
    if (!isObject(vector) || typeof vector.id !== 'string')
      return err(`${name}: vectors.${i}: expected an id`)
    if (!isObject(vector.inputs)) return err(`${name}: ${vector.id}: expected an object under "inputs"`)
  }
  return ok(vectors as Vector[])
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A number of a vector by its path. INVALID_CONFIG, by name, when it is not one. */
export function numberAt(vector: Vector, ...path: string[]): number {
  const value = at(vector, path)
  if (typeof value !== 'number' || !Number.isFinite(value))
    return fail('INVALID_CONFIG', `${vector.id}: ${path.join('.')}: expected a number, got ${String(value)}`)
  return value
}

/** A text of a vector by its path; '' without one. */
export function textAt(vector: Vector, ...path: string[]): string {
  const value = at(vector, path)
  return typeof value === 'string' ? value : ''
}

const at = (vector: Vector, path: readonly string[]): unknown =>
  path.reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), vector)
