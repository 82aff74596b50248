/**
 * Parses products from a person's own table, CSV or JSON, one row a use. A preview lists every unusable row and
 * the changes; nothing is written here. An empty cell is unknown, and stays unknown. Pure.
 */
import { createHash } from 'node:crypto'
import Papa from 'papaparse'
import { isDay } from '../../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../../broker/contract/result.ts'
import { isDeeperThan } from '../../../runtime/json-depth.ts'
import type { Ingredient, LabelLimits, ProductRow, ProductUseRow } from '../../../tables.ts'
import { doseUnits, isDoseUnit } from '../dose.ts'

export type ImportFormat = 'csv' | 'json'

/** Columns of the table, and their content. The first four and the uses' crop and target are required. */
const importColumns = {
  country: 'two letters, ISO 3166',
  registration: 'number of the authorisation',
  name: 'trade name',
  kind: 'insecticide, fungicide, herbicide or other',
  ingredients: 'name:group; name:group (IRAC 28, FRAC 11, HRAC 9); the group may be left out',
  authorised_until: 'last day, 2027-03-31',
  rei_h: 'hours until somebody may enter',
  rain_fast_h: 'dry hours after spraying',
  bee_hazard: 'yes or no',
  wind_min_mps: 'm/s',
  wind_max_mps: 'm/s',
  temp_min_c: '°C',
  temp_max_c: '°C',
  delta_t_max_c: '°C',
  crop: 'a crop',
  target: 'a pest or a disease',
  dose_min: 'of dose_unit',
  dose_max: 'of dose_unit',
  dose_unit: Object.keys(doseUnits).join(', '),
  dilution_min: 'times',
  dilution_max: 'times',
  volume_min_l_10a: 'L of spray on 10 a',
  volume_max_l_10a: 'L of spray on 10 a',
  max_per_season: 'treatments with the product',
  max_per_ingredient: 'name:number; name:number',
  phi_days: 'days to harvest',
  interval_days: 'days between two treatments',
  buffer_m: 'm to water',
} as const
type ImportColumn = keyof typeof importColumns

export interface BadRow {
  row: number // 1: the first one below the header
  column: string
  reason: string // the expected value and the value found
}

export type ImportedProduct = Omit<
  ProductRow,
  'id' | 'org' | 'importedBy' | 'importedAtMs' | 'retiredAtMs' | 'ingredients' | 'limits'
> & {
  ingredients: Ingredient[]
  limits: LabelLimits | null
  uses: ImportedUse[]
}
type ImportedUse = Omit<ProductUseRow, 'id' | 'org' | 'productId' | 'maxPerIngredient'> & {
  maxPerIngredient: Record<string, number> | null
}

export interface ProductTable {
  hash: string // of the text: an import confirms the previewed text
  rows: number
  products: ImportedProduct[]
  bad: BadRow[]
}

const MAX_ROWS = 20_000
const MAX_LEVELS = 20

/** An error only where the text is not a table. */
export function parseProducts(format: ImportFormat, text: string): Result<ProductTable> {
  const table = format === 'csv' ? csvRows(text) : jsonRows(text)
  if (!table.ok) return table
  if (table.value.length === 0) return err('text: must hold at least one row, got none')
  if (table.value.length > MAX_ROWS) return tooManyRows(table.value.length)
  const badRows: BadRow[] = []
  const products = new Map<string, ImportedProduct & { asRead: string }>()
  table.value.forEach((cells, i) => {
    const row = i + 1
    const parsed = parseRow(cells, (column, reason) => badRows.push({ row, column, reason }))
    if (!parsed) return
    const { product, use } = parsed
    const key = `${product.country}/${product.registrationNumber}`
    const asRead = JSON.stringify(product)
    const existing = products.get(key)
    if (existing && existing.asRead !== asRead)
      return void badRows.push({
        row,
        column: 'registration',
        reason: `must describe ${product.registrationNumber} as the rows before it`,
      })
    if (existing?.uses.some((other) => other.crop === use.crop && other.target === use.target))
      return void badRows.push({
        row,
        column: 'target',
        reason: `must appear once for ${use.crop}, got ${use.target} again`,
      })
    if (existing) existing.uses.push(use)
    else products.set(key, { ...product, uses: [use], asRead })
  })
  return ok({
    hash: createHash('sha256').update(`${format}\n${text}`).digest('hex'),
    rows: table.value.length,
    products: [...products.values()].map(({ asRead: _, ...product }) => product),
    bad: badRows,
  })
}

const tooManyRows = (received: number) =>
  err(`text: must hold at most ${MAX_ROWS} rows, got ${received}; split the table`)

/** `__parsed_extra`: cells beyond the last column, as the CSV parser stores them. */
type Cells = Partial<Record<ImportColumn, string>> & { __parsed_extra?: string[] }

function csvRows(text: string): Result<Cells[]> {
  const parsed = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim(),
  })
  const report = parsed.errors.find(({ type }) => type === 'Quotes')
  if (report) return err(`text: row ${(report.row ?? 0) + 1}: ${report.message}`)
  return checkColumns(parsed.meta.fields ?? [], parsed.data)
}

function checkColumns(names: readonly string[], rows: Record<string, string>[]): Result<Cells[]> {
  const unknownColumn = names.find((name) => !Object.hasOwn(importColumns, name))
  if (unknownColumn !== undefined)
    return err(
      `text: columns must be of ${Object.keys(importColumns).join(', ')}, got ${unknownColumn.slice(0, 40)}`,
    )
  const missing = needed.find((name) => !names.includes(name))
  return missing === undefined ? ok(rows) : err(`text: the column ${missing} is needed`)
}

const needed = ['country', 'registration', 'name', 'kind', 'crop', 'target'] as const

/** A list of rows with the same names as the columns of the CSV. */
function jsonRows(text: string): Result<Cells[]> {
  if (isDeeperThan(MAX_LEVELS, text)) return err(`text: must be at most ${MAX_LEVELS} levels deep, got more`)
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return err(`text: must be JSON, got ${text.slice(0, 40)}`)
  }
  if (!Array.isArray(root)) return err('text: must be a list of rows')
  if (root.length > MAX_ROWS) return tooManyRows(root.length)
  const isRow = (row: unknown): row is Record<string, unknown> =>
    typeof row === 'object' && row !== null && !Array.isArray(row)
  const index = root.findIndex((row) => !isRow(row))
  if (index >= 0) return err(`text: row ${index + 1} must be an object`)
  const rows = (root as Record<string, unknown>[]).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellText(value)])),
  )
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return rows.length === 0 ? ok([]) : checkColumns(names, rows)
}

const cellText = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value as string | number)

type ReportCell = (column: ImportColumn, reason: string) => void

function parseRow(
  cells: Cells,
  complain: ReportCell,
): { product: Omit<ImportedProduct, 'uses'>; use: ImportedUse } | null {
  let isGood = true
  const report: ReportCell = (column, reason) => {
    isGood = false
    complain(column, reason)
  }
  const text = (column: ImportColumn): string => (cells[column] ?? '').trim().normalize('NFKC')
  const required = (column: ImportColumn, maximum: number): string => {
    const value = text(column)
    if (value === '') report(column, 'must be filled in, got nothing')
    else if (value.length > maximum || /\p{Cc}/u.test(value))
      report(column, `must be one line of at most ${maximum} characters`)
    return value
  }
  const number = (column: ImportColumn, minimum: number, maximum: number, isWhole = false): number | null => {
    const value = text(column)
    if (value === '') return null
    const n = Number(value)
    if (/^[-+]?[\d.]+$/.test(value) && n >= minimum && n <= maximum && (!isWhole || Number.isInteger(n)))
      return n
    report(
      column,
      `must be a ${isWhole ? 'whole ' : ''}number from ${minimum} to ${maximum}, got ${value.slice(0, 40)}`,
    )
    return null
  }
  const range = (lo: ImportColumn, hi: ImportColumn, maximum: number): [number | null, number | null] => {
    const [from, to] = [number(lo, 0, maximum), number(hi, 0, maximum)]
    if (from !== null && to !== null && from > to) report(lo, `must not be above ${hi} (${to}), got ${from}`)
    return [from, to]
  }

  // an extra comma shifts every cell after it
  if (cells.__parsed_extra) report('country', 'the row has more cells than the header')
  const country = required('country', 60).toUpperCase()
  if (country !== '' && !/^[A-Z]{2}$/.test(country)) report('country', `must be two letters, got ${country}`)
  const kind = required('kind', 20) as ProductRow['kind']
  if (kind && !['insecticide', 'fungicide', 'herbicide', 'other'].includes(kind))
    report('kind', `must be insecticide, fungicide, herbicide or other, got ${kind}`)
  const ingredients = parseIngredients(text('ingredients'), report)
  const untilDay = text('authorised_until')
  if (untilDay !== '' && !isDay(untilDay))
    report('authorised_until', `must be a day like 2027-03-31, got ${untilDay.slice(0, 40)}`)
  const bee = text('bee_hazard').toLowerCase()
  if (!['', 'yes', 'no'].includes(bee)) report('bee_hazard', `must be yes or no, got ${bee.slice(0, 40)}`)
  const [doseLo, doseHi] = range('dose_min', 'dose_max', 1e6)
  const doseUnit = text('dose_unit')
  if (doseUnit !== '' && !isDoseUnit(doseUnit))
    report('dose_unit', `must be one of ${importColumns.dose_unit}, got ${doseUnit.slice(0, 40)}`)
  if (doseUnit === '' && (doseLo !== null || doseHi !== null))
    report('dose_unit', 'must be filled in where there is a dose, got nothing')
  const [dilutionLo, dilutionHi] = range('dilution_min', 'dilution_max', 1e6)
  const [volumeLoL10a, volumeHiL10a] = range('volume_min_l_10a', 'volume_max_l_10a', 1e5)
  const limits = Object.fromEntries(
    limitColumns.flatMap(([column, name, minimum, maximum]) => {
      const value = number(column, minimum, maximum)
      return value === null ? [] : [[name, value]]
    }),
  ) as LabelLimits
  const product = {
    country,
    registrationNumber: required('registration', 60),
    name: required('name', 120),
    kind,
    ingredients,
    authorisedUntil: untilDay === '' ? null : untilDay,
    reiHours: number('rei_h', 0, 2_000),
    rainFastHours: number('rain_fast_h', 0, 72),
    beeHazard: bee === '' ? null : bee === 'yes' ? (1 as const) : (0 as const),
    limits: Object.keys(limits).length === 0 ? null : limits,
    isDemo: 0 as const,
  }
  const use = {
    crop: required('crop', 60),
    target: required('target', 60),
    doseLo,
    doseHi,
    doseUnit: doseUnit === '' ? null : doseUnit,
    dilutionLo,
    dilutionHi,
    volumeLoL10a,
    volumeHiL10a,
    maxPerSeason: number('max_per_season', 0, 100, true),
    maxPerIngredient: parseCounts(text('max_per_ingredient'), report),
    phiDays: number('phi_days', 0, 730, true),
    intervalDays: number('interval_days', 0, 730, true),
    bufferM: number('buffer_m', 0, 10_000),
  }
  return isGood ? { product, use } : null
}

const limitColumns = [
  ['wind_min_mps', 'windMinMps', 0, 20],
  ['wind_max_mps', 'windMaxMps', 0, 20],
  ['temp_min_c', 'tempMinC', -20, 50],
  ['temp_max_c', 'tempMaxC', -20, 60],
  ['delta_t_max_c', 'deltaTMaxC', 0, 30],
] as const satisfies readonly (readonly [ImportColumn, keyof LabelLimits, number, number])[]

const parts = (text: string): string[] =>
  text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const GROUP = /^(IRAC|FRAC|HRAC) [A-Z0-9]{1,6}$/

function parseIngredients(text: string, report: ReportCell): Ingredient[] {
  return parts(text).map((part) => {
    const [name = '', group = ''] = part.split(':').map((piece) => piece.trim())
    if (name === '' || name.length > 80)
      report('ingredients', `must name each ingredient, got ${part.slice(0, 40)}`)
    if (group !== '' && !GROUP.test(group.toUpperCase()))
      report('ingredients', `a group must be like IRAC 28, FRAC M05 or HRAC 9, got ${group.slice(0, 40)}`)
    return { name, group: group === '' ? null : group.toUpperCase() }
  })
}

function parseCounts(text: string, report: ReportCell): Record<string, number> | null {
  const counts = parts(text).map((part): [string, number] => {
    const [name = '', count = ''] = part.split(':').map((piece) => piece.trim())
    if (name === '' || !/^\d{1,3}$/.test(count))
      report('max_per_ingredient', `must be name:number, got ${part.slice(0, 40)}`)
    return [name, Number(count)]
  })
  return counts.length === 0 ? null : Object.fromEntries(counts)
}
