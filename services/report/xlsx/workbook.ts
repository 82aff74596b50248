/** The season as a workbook. The same rows at the same instant give the same bytes. */
import type { FileQuery, WorkbookDeps } from '../jobs/file-query.ts'
import { subProgress } from '../../runtime/progress.ts'
import { readSensors } from './read-sensors.ts'
import { readSource } from '../season/season-source.ts'
import { readSpring } from '../spring/read-spring.ts'
import { springProvenance, springColumns, springLines } from '../spring/spring-columns.ts'
import { isWithheld } from '../text/labels.ts'
import { workColumns } from '../work/work-columns.ts'
import { loadColumns, sprayColumns, sensorColumns } from './detail-sheets.ts'
import { fieldColumns, memberColumns, qualityColumns, waterColumns } from './season-sheets.ts'
import { bilingual, type Column, type Sheet } from './table.ts'
import { writeWorkbook } from './write-workbook.ts'
import { translator, type Lang } from '../text/lang.ts'
import { sum } from '../../runtime/math.ts'
import { wholeLine } from '../season/season-report.ts'
import type { SharedPart } from '../season/record.ts'
import { provenanceLines } from '../text/provenance-text.ts'

// shares of the total time
const SEASON_SHARE = 0.6
const SPRING_SHARE = 0.62
const READ_SHARE = 0.63
const CALCULATED_SHARE = 0.8

/** The file's bytes. */
export async function seasonWorkbook(deps: WorkbookDeps, query: FileQuery): Promise<Uint8Array> {
  const { lang, unit } = query
  const { state, nowMs, onProgress } = deps
  const source = await readSource(deps, query, subProgress(onProgress, 0, SEASON_SHARE))
  const { read, fields, loads, sprays, work, about: provenance } = source
  const water = await readSpring(state, query, nowMs, subProgress(onProgress, SEASON_SHARE, SPRING_SHARE))
  const spring = springLines({ ...water, farmId: query.farmId })
  const sensors = await readSensors(deps, read.records)
  const { report } = read
  const sheets: SheetOf<never>[] = [
    {
      ...sheet({ en: 'Summary', ja: '集計' }, memberColumns(lang, unit, report.crop), report.members),
      whole: wholeLine(report, lang) as never,
    },
    sheet({ en: 'Fields', ja: '圃場別' }, fieldColumns(lang, unit, report.crop), fields),
    sheet({ en: 'Loads', ja: '計量' }, loadColumns(lang), loads),
    sheet({ en: 'Water', ja: '水' }, waterColumns(), fields),
    sheet({ en: 'Sprays', ja: '防除' }, sprayColumns(lang), sprays),
    sheet({ en: 'Data quality', ja: 'データの質' }, qualityColumns(), fields),
    sheet({ en: 'Sensors', ja: 'センサー' }, sensorColumns(lang), sensors),
    {
      ...sheet({ en: 'SPRING water', ja: 'SPRING用水' }, springColumns(lang), spring),
      also: springProvenance(water, lang),
    },
    sheet({ en: 'Fertiliser', ja: '施肥・作業' }, workColumns(lang, unit), work),
  ]
  const lines = provenanceLines(provenance, lang)
  const tellSheet = subProgress(onProgress, READ_SHARE, CALCULATED_SHARE)
  const sheetContents = sheets.map((item, at): Sheet => {
    tellSheet(at / sheets.length)
    return contentOf(item, lines, lang)
  })
  onProgress?.(CALCULATED_SHARE)
  return writeWorkbook(sheetContents)
}

/** A sheet ready to write, below the lines of its provenance. */
export const contentOf = (
  { name, columns, rows, whole, also = [] }: SheetOf<never>,
  lines: Sheet['about'],
  lang: Lang,
): Sheet => ({
  name: name[lang],
  about: [...lines, ...also],
  heads: [...columns.map(({ head }) => head[lang]), ...emptyReasons.map((text) => text[lang])],
  kinds: [...columns.map(({ kind }) => kind), 'text', 'text'],
  rows: rows.map((row) => cellsOf(columns, row, lang)),
  total: totalRow(columns, rows, { whole, lang }),
})

/** A sheet before its language is chosen. */
export interface SheetOf<Row> {
  name: Record<Lang, string>
  columns: Column<Row>[]
  rows: readonly Row[]
  also?: [label: string, value: string][] // additional provenance of this sheet
  whole?: Row // of all rows, where a sum would mean nothing
}
/** Columns over the rows that they are made for. */
export const sheet = <Row>(name: Record<Lang, string>, columns: Column<Row>[], rows: readonly Row[]) =>
  ({ name, columns, rows }) as unknown as SheetOf<never>

/** Headings of the two last columns: which cells of the row are empty, and why. */
const emptyReasons = [bilingual('Unknown', '欠測の項目'), bilingual('Not shared', '非共有の項目')]

/** A row; an unknown or withheld cell is empty and named in the last columns, so that numbers stay numbers. */
function cellsOf<Row>(columns: readonly Column<Row>[], row: Row, lang: Lang): (string | number)[] {
  const owner = ownerOf(row as object)
  const values = columns.map(({ cell }) => cell(row))
  const empty = columns.filter((_, at) => values[at] === null)
  const headsOf = (isOne: (column: Column<Row>) => boolean) =>
    empty
      .filter(isOne)
      .map(({ head }) => head[lang])
      .join('; ')
  return [
    ...values.map((value) => value ?? ''),
    headsOf(({ parts }) => !isWithheld(owner, parts)),
    headsOf(({ parts }) => isWithheld(owner, parts)),
  ]
}

/** The sums of the columns that can be summed, or the cells of `whole`; null without either. */
function totalRow<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { whole, lang }: { whole: Row | undefined; lang: Lang },
): (string | number)[] | null {
  if (rows.length === 0) return null
  if (whole !== undefined) return cellsOf(columns, whole, lang)
  if (!columns.some(({ isSummed }) => isSummed)) return null
  const label = translator(lang)('Total of the known values', 'わかる値の合計')
  return columns.map(({ cell, isSummed }, at) => {
    if (!isSummed) return at === 0 ? label : ''
    const values = rows.flatMap((row) => {
      const value = cell(row)
      return typeof value === 'number' ? [value] : []
    })
    return values.length === 0 ? '' : Number(sum(values).toFixed(MOST_DECIMALS))
  })
}
const MOST_DECIMALS = 4

/** The record that lists the withheld parts of a row. */
function ownerOf(row: object): { withheld: readonly SharedPart[] } | undefined {
  if ('withheld' in row) return row as { withheld: readonly SharedPart[] }
  return 'record' in row ? (row.record as { withheld: readonly SharedPart[] }) : undefined
}
