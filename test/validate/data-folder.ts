/**
 * The folder of `--data`: `data/FOLDER/*.csv` with their SOURCE.md, and `vectors/*.json`. It is outside the
 * repository, since not all of it may be redistributed. Inputs of a line are found by folder and by columns, never by
 * a file's name, so that other years, sites, plots and pests of the same layout are scored by the same command.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Papa from 'papaparse'
import { fail } from '../../services/errors.ts'
import type { Result } from '../../broker/contract/result.ts'
import { readDays, type DayOf } from './read-days.ts'
import { readVectors, type Vector } from './read-vectors.ts'

/** One CSV; cells are text, '' where they are empty. */
export interface DataTable {
  folder: string // 'weather-maricopa-daily'
  path: string // for messages: 'data/weather-maricopa-daily/maricopa.csv'
  columns: string[]
  rows: Record<string, string>[]
}

/** One JSON file of `vectors/` or of a folder of data. */
export interface JsonFile {
  path: string
  root: unknown
}

/**
 * Required input of a part: `vectors/NAME.json`, `data/FOLDER` with a CSV in it, any CSV with these columns, any file
 * of vectors with these keys, or one of several of these.
 */
export type Need =
  | string
  | { columns: readonly string[]; like: string }
  | { keys: readonly string[]; like: string }
  | { anyOf: readonly Need[] }

export type JsonPlace = 'vectors' | { vectors: string } | { folder: string }

export interface DataFolder {
  /** The missing ones of these, as text for a person. */
  missing(needs: readonly Need[]): string[]
  /** Every CSV below data/ (of one folder, when it is given) that has all of these columns, in the order of its path. */
  tables(columns: readonly string[], folder?: string): DataTable[]
  /** SOURCE.md of a folder of data: its site, units and origin. '' without one. */
  source(folder: string): string
  /** Every JSON file of `vectors`, of a folder of it or of a folder of data. INVALID_CONFIG when one is not JSON. */
  jsons(place: JsonPlace): JsonFile[]
  /** The path of a folder, as `vectors/devices`. */
  path(name: string): string
  /** All days of the CSVs in `data/NAME` that have these columns, in order. INVALID_CONFIG when one cannot be read. */
  days<Column extends string>(name: string, columns: readonly Column[]): DayOf<Column>[]
  /** The text of those CSVs as one, under the header of the first. */
  text(name: string): string
  /** INVALID_CONFIG when the file cannot be read. */
  vectors(name: string): Vector[]
}

export function dataFolder(root: string): DataFolder {
  const headers = new Map<string, string[]>()
  const read = (path: string): string => {
    try {
      return readFileSync(join(root, path), 'utf8').replace(/^\uFEFF/, '')
    } catch (error) {
      return fail('INVALID_CONFIG', `cannot read ${join(root, path)}: ${(error as Error).message}`)
    }
  }
  const folders = (): string[] =>
    listOf(join(root, 'data')).filter((name) => statSync(join(root, 'data', name)).isDirectory())
  const csvsOf = (name: string): string[] =>
    listOf(join(root, 'data', name))
      .filter((file) => file.endsWith('.csv'))
      .map((file) => `data/${name}/${file}`)
  const headerOf = (path: string): string[] => {
    let header = headers.get(path)
    if (!header) headers.set(path, (header = columnsOf(read(path))))
    return header
  }
  const csvsWith = (columns: readonly string[], folder?: string): { folder: string; path: string }[] =>
    (folder === undefined ? folders() : [folder]).flatMap((name) =>
      csvsOf(name)
        .filter((path) => columns.every((column) => headerOf(path).includes(column)))
        .map((path) => ({ folder: name, path })),
    )
  const jsonsOf = (place: JsonPlace): JsonFile[] => {
    const dir =
      place === 'vectors' ? place : 'vectors' in place ? `vectors/${place.vectors}` : `data/${place.folder}`
    return listOf(join(root, dir))
      .filter((file) => file.endsWith('.json'))
      .map((file) => ({
        path: `${dir}/${file}`,
        root: parseJson(read(`${dir}/${file}`), `${dir}/${file}`),
      }))
  }
  const lacks = (need: Need): string | null => {
    if (typeof need === 'object' && 'anyOf' in need) {
      const missing = need.anyOf.map(lacks)
      return missing.includes(null) ? null : missing.join(', or ')
    }
    if (typeof need === 'object' && 'keys' in need)
      return jsonsOf('vectors').some(({ root: file }) => hasKeys(file, need.keys))
        ? null
        : `a file of vectors with ${need.keys.join(', ')} (like ${need.like})`
    if (typeof need !== 'string')
      return csvsWith(need.columns).length > 0
        ? null
        : `a CSV below data/ with the columns ${need.columns.join(', ')} (like ${need.like})`
    const isThere = need.startsWith('data/')
      ? csvsOf(need.slice('data/'.length)).length > 0
      : existsSync(join(root, need))
    return isThere ? null : need
  }
  return {
    missing: (needs) => needs.map(lacks).filter((text) => text !== null),
    tables: (columns, folder) =>
      csvsWith(columns, folder).map((csv) => ({
        ...csv,
        columns: headerOf(csv.path),
        rows: rowsOf(read(csv.path)),
      })),
    source: (folder) =>
      existsSync(join(root, 'data', folder, 'SOURCE.md')) ? read(`data/${folder}/SOURCE.md`) : '',
    jsons: jsonsOf,
    path: (name) => join(root, name),
    days: (name, columns) =>
      csvsWith(['date', ...columns], name)
        .flatMap(({ path }) => orFail(readDays(read(path), path, columns)))
        .toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0)),
    text: (name) =>
      csvsOf(name)
        .map((path, i) => (i === 0 ? read(path) : read(path).replace(/^[^\n]*\n/, '')).trim())
        .join('\n'),
    vectors: (name) => orFail(readVectors(read(`vectors/${name}.json`), `vectors/${name}.json`)),
  }
}

const hasKeys = (root: unknown, keys: readonly string[]): boolean =>
  typeof root === 'object' && root !== null && keys.every((key) => key in root)

const columnsOf = (text: string): string[] =>
  (Papa.parse<string[]>(text, { preview: 1 }).data[0] ?? []).map((cell) => cell.trim())

const rowsOf = (text: string): Record<string, string>[] =>
  Papa.parse<Record<string, string>>(text.trim(), {
    header: true,
    skipEmptyLines: true,
    transformHeader: (header) => header.trim(),
    transform: (cell) => cell.trim(),
  }).data

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return fail('INVALID_CONFIG', `${path}: not JSON: ${(error as Error).message.slice(0, 100)}`)
  }
}

/**
 * The number in a cell; null for an empty one. INVALID_CONFIG, with file, line and column, when it is not a number.
 */
export function numberIn(table: DataTable, row: number, column: string): number | null {
  const cell = table.rows[row]?.[column] ?? ''
  if (cell === '') return null
  const value = Number(cell)
  return Number.isFinite(value)
    ? value
    : fail(
        'INVALID_CONFIG',
        `${table.path}: line ${row + 2}: ${column}: expected a number or nothing, got "${cell}"`,
      )
}

const orFail = <T>(result: Result<T>): T => (result.ok ? result.value : fail('INVALID_CONFIG', result.error))

const listOf = (path: string): string[] =>
  existsSync(path) && statSync(path).isDirectory() ? readdirSync(path).toSorted() : []
