/** Writes sheets as an XLSX file; the same sheets give the same bytes. */
import writeXlsxFile, { type Cell, type Sheet as XlsxSheet } from 'write-excel-file/node'
import type { ColumnKind, Sheet } from './table.ts'
import { escapeFormula } from '../../runtime/csv.ts'

const WIDEST = 40

/** The package exports the feature type without its file content. */
type WorkbookFeature = NonNullable<NonNullable<Parameters<typeof writeXlsxFile>[1]>['features']>[number]

/** Text that a spreadsheet would run as a formula is escaped; `''` is an empty cell. */
export async function writeWorkbook(sheets: readonly Sheet[]): Promise<Uint8Array> {
  const file = await writeXlsxFile(sheets.map(xlsxSheet), { features: [filterAndPrint(sheets)] }).toBuffer()
  return withFixedDates(file)
}

/** Rows above the data: the provenance, an empty one, the headings. */
const rowsAbove = ({ about }: Sheet): number => about.length + 2

function xlsxSheet(sheet: Sheet) {
  const { name, about: provenance, heads, kinds, rows, total } = sheet
  const top = provenance.map(([label, value]): Cell[] => [headCell(label), textCell(value)])
  const formats = kinds.map((kind, at) => (kind === 'number' ? numberFormat(rows, at) : FORMATS[kind]))
  const toCells = (row: readonly (string | number)[], isBold: boolean): Cell[] =>
    row.map((value, at) => cellOf(value, { kind: kinds[at] ?? 'text', format: formats[at], isBold }))
  const data: Cell[][] = [
    ...top,
    [],
    heads.map(headCell),
    ...rows.map((row) => toCells(row, false)),
    ...(total === null ? [] : [toCells(total, true)]),
  ]
  return {
    data,
    sheet: name,
    orientation: 'landscape',
    stickyRowsCount: rowsAbove(sheet),
    stickyColumnsCount: STICKY_COLUMNS,
    columns: heads.map((head, index) => ({
      width: kinds[index] === 'text' ? Math.min(WIDEST, longest(rows, index, head) + 2) : 11,
    })),
  } satisfies XlsxSheet<never>
}

const STICKY_COLUMNS = 2 // member code and name
const FORMATS = { text: undefined, day: 'yyyy-mm-dd', time: 'yyyy-mm-dd hh:mm' } as const
type Look = { kind: ColumnKind; format: string | undefined; isBold: boolean }

function cellOf(value: string | number, { kind, format, isBold }: Look): Cell {
  if (value === '') return null
  const style = isBold ? { fontWeight: 'bold' as const } : {}
  if (typeof value === 'number') return { value, type: Number, ...(format ? { format } : {}), ...style }
  const atMs = kind === 'day' || kind === 'time' ? Date.parse(`${value.replace(' ', 'T')}Z`) : NaN
  // a spreadsheet has no time zones: the farm's clock is written as it is
  if (!Number.isNaN(atMs)) return { value: new Date(atMs), type: Date, format: format!, ...style }
  return { ...textCell(value), ...(widthOf(value) > WIDEST ? { wrap: true } : {}), ...style }
}
const textCell = (value: string) => ({ value: escapeFormula(value), type: String })
const headCell = (value: string): Cell => ({ ...textCell(value), fontWeight: 'bold', wrap: true })

/** As many decimals as the column's values have. */
function numberFormat(rows: Sheet['rows'], at: number): string {
  const decimals = rows.reduce((most, row) => {
    const value = row[at]
    return typeof value === 'number' ? Math.max(most, decimalsOf(value)) : most
  }, 0)
  return decimals === 0 ? '#,##0' : `#,##0.${'0'.repeat(decimals)}`
}
const decimalsOf = (value: number): number => /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0

/** A filter on the headings; on paper A4 landscape, one page wide, with the headings on every page. */
function filterAndPrint(sheets: readonly Sheet[]): WorkbookFeature {
  const filterOf = (sheet: Sheet): string => {
    const head = rowsAbove(sheet)
    return `A${head}:${columnLetters(sheet.heads.length)}${head + sheet.rows.length}`
  }
  return {
    files: {
      transform: {
        'xl/worksheets/sheet{id}.xml': {
          transform: (xml, _options, { sheetIndex }) =>
            xml
              .replace(/(<worksheet[^>]*>)/, '$1<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>')
              .replace('</sheetData>', `</sheetData><autoFilter ref="${filterOf(sheets[sheetIndex]!)}"/>`)
              .replace(/<pageSetup[^>]*\/>/, '')
              .replace(
                '</worksheet>',
                '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>' +
                  '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>' +
                  '<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter></worksheet>',
              ),
        },
        'xl/workbook.xml': {
          transform: (xml) =>
            xml.replace(
              /<definedNames\s*\/>|<definedNames><\/definedNames>/,
              `<definedNames>${sheets.map(printTitles).join('')}</definedNames>`,
            ),
        },
      },
    },
  }
}

function printTitles(sheet: Sheet, at: number): string {
  const name = `'${sheet.name.replaceAll("'", "''")}'`.replaceAll('&', '&amp;')
  const head = rowsAbove(sheet)
  const last = head + sheet.rows.length + (sheet.total === null ? 0 : 1)
  const area = `<definedName name="_xlnm.Print_Area" localSheetId="${at}">${name}!$A$1:$${columnLetters(sheet.heads.length)}$${last}</definedName>`
  return `${area}<definedName name="_xlnm.Print_Titles" localSheetId="${at}">${name}!$A:$B,${name}!$${head}:$${head}</definedName>`
}

/** 1 is A, 27 is AA. */
const columnLetters = (n: number): string =>
  n === 0 ? '' : columnLetters(Math.floor((n - 1) / 26)) + String.fromCharCode(65 + ((n - 1) % 26))

/** A Japanese character is twice as wide as a Latin one. */
const widthOf = (text: string): number =>
  text.length + (text.match(/[\u3000-\u9fff\uff00-\uffef]/g)?.length ?? 0)
const longest = (rows: readonly (string | number)[][], at: number, head: string): number =>
  rows.reduce((max, row) => Math.max(max, widthOf(String(row[at] ?? ''))), Math.min(14, widthOf(head)))

/**
 * A ZIP file contains the time of each entry and would differ from second to second: all entries get the first day that
 * the format supports. APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16.
 */
const END = 0x06054b50
const ENTRY = 0x02014b50
const FIRST_DAY = 0x0021

/** Changes `zip` in place and returns it. RangeError when it is not a ZIP file. */
export function withFixedDates(zip: Buffer): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new RangeError('not a ZIP file')
  let offset = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(offset) !== ENTRY) throw new RangeError('a ZIP file without its list of parts')
    const local = zip.readUInt32LE(offset + 42)
    for (const times of [offset + 12, local + 10]) {
      zip.writeUInt16LE(0, times)
      zip.writeUInt16LE(FIRST_DAY, times + 2)
    }
    offset +=
      46 + zip.readUInt16LE(offset + 28) + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32)
  }
  return zip
}
