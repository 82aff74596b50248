/**
 * Parses rows of a table, one field each, into members with their fields. Every cell that cannot be used is
 * reported with its content; a row with such a cell is skipped as a whole. Pure.
 */
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { soilOf } from '../../agronomy/water/soils.ts'
import { readShape } from '../../domain/validate-geojson.ts'
import type { Shape } from '../../domain/geojson.ts'
import { yesNoWords, findColumn, cropNames, fieldKinds, soilNames, type Column } from './table-words.ts'
import { parseAreaM2, parseDay, isEmptyRow, parseNumber } from './table-cells.ts'
import type { Cell, CellFault, ReportFault } from './member-fault.ts'
import type { Consent } from '../../domain/consent.ts'

export interface BadCell {
  row: number // as a spreadsheet counts, including empty rows
  column: Column
  fault: CellFault
  received: string
}

export interface MemberRow {
  memberCode: string | null
  jaCode: string | null
  name: string
  place: { latDeg: number; lonDeg: number } | null // null: the location of the co-operative
  consent: (Consent & { signedDocumentRef: string }) | null // null: not given
  fields: FieldOfMember[]
}

export interface FieldOfMember {
  row: number
  name: string
  areaM2: number
  kind: 'upland' | 'paddy'
  soilTexture: string | null // null: not given
  season: { crop: string; variety: string | null; plantedDay: string } | null
  shape: Shape | null // null: not given
}

const NAME_LENGTH = 120
const CODE_LENGTH = 40
const consentColumns = ['seesYield', 'seesWater', 'seesSprays', 'isNamed'] as const

export interface ReadMembers {
  members: MemberRow[]
  bad: BadCell[]
  /** rows skipped for an invalid cell; all rows when a column is missing */
  leftOut: number
  rows: number
}

/** The table as it is read: a header, and one row for each field. */
export function readMembers(table: readonly string[][]): ReadMembers {
  const [top, ...rows] = table
    .map((cells, i) => ({ row: i + 1, cells }))
    .filter(({ cells }) => !isEmptyRow(cells))
  const columns = columnsOf(top?.cells ?? [])
  const missing = (['member', 'field'] as Column[]).filter((column) => !columns.has(column))
  if (!(['areaA', 'areaHa', 'areaM2'] as Column[]).some((column) => columns.has(column)))
    missing.push('areaA')
  if (missing.length > 0) {
    const row = top?.row ?? 1
    const missingCells = missing.map((column): BadCell => ({ row, column, fault: 'no-column', received: '' }))
    return { members: [], bad: missingCells, leftOut: rows.length, rows: rows.length }
  }

  const badCells: BadCell[] = []
  const members = new Map<string, MemberRow>()
  for (const { row, cells } of rows) {
    const before = badCells.length
    const cell = (column: Column): string => cells[columns.get(column) ?? -1] ?? ''
    const fault = (column: Column, cellFault: CellFault): null => {
      // report only the first fault of a cell: a value that is too long is not also missing
      if (badCells.slice(before).every((other) => other.column !== column))
        badCells.push({ row, column, fault: cellFault, received: cell(column).slice(0, 60) })
      return null
    }
    const member = readMember(cell, fault)
    const field = readField(row, cell, fault)
    if (badCells.length > before || member === null || field === null) continue
    const key = member.memberCode ?? member.name
    const existing = members.get(key)
    if (existing === undefined) members.set(key, { ...member, fields: [field] })
    else if (existing.name !== member.name) fault('member', 'conflict')
    else if (existing.fields.some(({ name }) => name === field.name)) fault('field', 'duplicate')
    else existing.fields.push(field)
  }
  const leftOut = new Set(badCells.map(({ row }) => row)).size
  return { members: [...members.values()], bad: badCells, leftOut, rows: rows.length }
}

function readMember(cell: Cell, fault: ReportFault): Omit<MemberRow, 'fields'> | null {
  const name = shortText(cell, fault, 'member', NAME_LENGTH)
  const memberCode = shortText(cell, fault, 'memberCode', CODE_LENGTH)
  const jaCode = shortText(cell, fault, 'jaCode', CODE_LENGTH)
  const place = readPlace(cell, fault)
  const consent = readConsent(cell, fault)
  if (name === null) return fault('member', 'missing')
  return { name, memberCode, jaCode, place, consent }
}

function readPlace(cell: Cell, fault: ReportFault): MemberRow['place'] {
  if (cell('latitude') === '' && cell('longitude') === '') return null
  const read = (column: 'latitude' | 'longitude', max: number): number | null => {
    if (cell(column) === '') return fault(column, 'missing')
    const value = parseNumber(cell(column))
    if (value === null) return fault(column, 'not-a-number')
    return Math.abs(value) > max ? fault(column, 'out-of-range') : value
  }
  const latDeg = read('latitude', 90)
  const lonDeg = read('longitude', 180)
  return latDeg === null || lonDeg === null ? null : { latDeg, lonDeg }
}

/** An empty cell is no consent; a consent needs a signed document. */
function readConsent(cell: Cell, fault: ReportFault): MemberRow['consent'] {
  const consents = consentColumns.map((column) => {
    const text = cell(column).toLowerCase()
    if (text === '') return false
    return yesNoWords[text] ?? fault(column, 'unknown')
  })
  const [seesYield, seesWater, seesSprays, isNamed] = consents.map((item) => item === true)
  const signedDocumentRef = cell('signedDocumentRef')
  if (!consents.some((item) => item === true)) return null
  if (signedDocumentRef === '') return fault('signedDocumentRef', 'missing')
  return {
    seesYield: seesYield!,
    seesWater: seesWater!,
    seesSprays: seesSprays!,
    isNamed: isNamed!,
    signedDocumentRef,
  }
}

function readField(row: number, cell: Cell, fault: ReportFault): FieldOfMember | null {
  const name = shortText(cell, fault, 'field', NAME_LENGTH)
  if (name === null) fault('field', 'missing')
  const areaM2 = parseAreaM2(cell, fault)
  const season = readSeason(cell, fault)
  const soilTexture = readSoil(cell, fault)
  const shape = readOutline(cell, fault)
  const kindText = cell('kind').toLowerCase()
  const kind =
    kindText === ''
      ? season?.crop === 'rice'
        ? 'paddy'
        : 'upland'
      : (fieldKinds[kindText] ?? fault('kind', 'unknown'))
  if (name === null || areaM2 === null || kind === null) return null
  return { row, name, areaM2, kind, soilTexture, season, shape }
}

function readSeason(cell: Cell, fault: ReportFault): FieldOfMember['season'] {
  const [cropText, dayText] = [cell('crop'), cell('planted')]
  if (cropText === '' && dayText === '') return null
  const name = cropNames[cropText] ?? cropText.toLowerCase().replace(/\s+/g, '-')
  const crop = cropText === '' ? fault('crop', 'missing') : cropOf(name) ? name : fault('crop', 'unknown')
  const plantedDay =
    dayText === '' ? fault('planted', 'missing') : (parseDay(dayText) ?? fault('planted', 'not-a-day'))
  const variety = shortText(cell, fault, 'variety', NAME_LENGTH)
  return crop === null || plantedDay === null ? null : { crop, variety, plantedDay }
}

function readSoil(cell: Cell, fault: ReportFault): string | null {
  const text = cell('soil')
  if (text === '') return null
  const texture = soilNames[text] ?? text.toLowerCase()
  return soilOf(texture) ? texture : fault('soil', 'unknown')
}

function readOutline(cell: Cell, fault: ReportFault): Shape | null {
  const text = cell('shape')
  if (text === '') return null
  try {
    const read = readShape(JSON.parse(text))
    if ('shape' in read) return read.shape
  } catch {
    // not JSON: reported below
  }
  return fault('shape', 'unknown')
}

function shortText(cell: Cell, fault: ReportFault, column: Column, max: number): string | null {
  const text = cell(column)
  if (text === '') return null
  if (/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/.test(text))
    return fault(column, 'unknown')
  return text.length > max ? fault(column, 'too-long') : text
}

function columnsOf(head: readonly string[]): Map<Column, number> {
  const columnIndex = new Map<Column, number>()
  for (const [i, cell] of head.entries()) {
    const column = findColumn(cell)
    if (column !== null && !columnIndex.has(column)) columnIndex.set(column, i)
  }
  return columnIndex
}
