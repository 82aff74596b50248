/**
 * The folder of `--data`: `data/NAME/*.csv` and `vectors/NAME.json`. It stays outside the repository, since not
 * everything in it may be shipped.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from '../../broker/contract/result.ts'
import { fail } from '../../services/errors.ts'
import { readDays, type DayOf } from './read-days.ts'
import { readVectors, type Vector } from './read-vectors.ts'

export interface DataFolder {
  /** What of these is not there: `data/NAME` (with at least one CSV) or `vectors/NAME.json`. */
  missing(needs: readonly string[]): string[]
  /** All days of the CSVs in `data/NAME`, in the order of their days. CONFIG_WRONG when one cannot be read. */
  days<Column extends string>(name: string, columns: readonly Column[]): DayOf<Column>[]
  /** The text of those CSVs as one, under the header of the first. */
  text(name: string): string
  /** CONFIG_WRONG when the file cannot be read. */
  vectors(name: string): Vector[]
}

export function dataFolder(root: string): DataFolder {
  const read = (path: string): string => {
    try {
      return readFileSync(join(root, path), 'utf8')
    } catch (error) {
      return fail('CONFIG_WRONG', `cannot read ${join(root, path)}: ${(error as Error).message}`)
    }
  }
  const csvsOf = (name: string): string[] =>
    listOf(join(root, 'data', name))
      .filter((file) => file.endsWith('.csv'))
      .map((file) => `data/${name}/${file}`)
  const isThere = (need: string): boolean =>
    need.startsWith('data/') ? csvsOf(need.slice('data/'.length)).length > 0 : existsSync(join(root, need))
  return {
    missing: (needs) => needs.filter((need) => !isThere(need)),
    days: (name, columns) =>
      csvsOf(name)
        .flatMap((path) => orFail(readDays(read(path), path, columns)))
        .toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0)),
    text: (name) =>
      csvsOf(name)
        .map((path, i) => (i === 0 ? read(path) : read(path).replace(/^[^\n]*\n/, '')).trim())
        .join('\n'),
    vectors: (name) => orFail(readVectors(read(`vectors/${name}.json`), `vectors/${name}.json`)),
  }
}

const orFail = <T>(result: Result<T>): T => (result.ok ? result.value : fail('CONFIG_WRONG', result.error))

const listOf = (path: string): string[] =>
  existsSync(path) && statSync(path).isDirectory() ? readdirSync(path).toSorted() : []
