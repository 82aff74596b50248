/** The season as a workbook. The same rows at the same instant give the same bytes. */
import type { FileQuery, WorkbookDeps } from '../jobs/file-query.ts'
import { subProgress } from '../../runtime/progress.ts'
import { readSensors } from './read-sensors.ts'
import { readSource } from '../season/season-source.ts'
import { readSpring } from '../spring/read-spring.ts'
import { springProvenance, springColumns } from '../spring/spring-columns.ts'
import { springWater } from '../spring/spring-water.ts'
import { missingValueText } from '../text/labels.ts'
import { workColumns } from '../work/work-columns.ts'
import { loadColumns, sprayColumns, sensorColumns } from './detail-sheets.ts'
import { fieldColumns, memberColumns, qualityColumns, waterColumns } from './season-sheets.ts'
import type { Column, Sheet } from './table.ts'
import { writeWorkbook } from './write-workbook.ts'
import type { Lang } from '../text/lang.ts'
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
  const water = await readSpring(state, query.org, nowMs, subProgress(onProgress, SEASON_SHARE, SPRING_SHARE))
  const spring = springWater(water.fields, water.span.fromDay)
  const sensors = await readSensors(deps, read.records)
  const { report } = read
  const sheets: SheetOf<never>[] = [
    sheet({ en: 'Summary', ja: '集計' }, memberColumns(lang, unit, report.crop), report.members),
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
  const sheetContents = sheets.map(({ name, columns, rows, also = [] }, at): Sheet => {
    tellSheet(at / sheets.length)
    return {
      name: name[lang],
      about: [...lines, ...also],
      heads: columns.map(({ head }) => head[lang]),
      isText: columns.map((column) => column.isText ?? false),
      rows: rows.map((row) =>
        columns.map(({ cell, part }) => cell(row) ?? missingValueText(lang, ownerOf(row), part)),
      ),
    }
  })
  onProgress?.(CALCULATED_SHARE)
  return writeWorkbook(sheetContents)
}

interface SheetOf<Row> {
  name: Record<Lang, string>
  columns: Column<Row>[]
  rows: readonly Row[]
  also?: [label: string, value: string][] // additional provenance of this sheet
}
const sheet = <Row>(name: Record<Lang, string>, columns: Column<Row>[], rows: readonly Row[]) =>
  ({ name, columns, rows }) as unknown as SheetOf<never>

/** The record that lists the withheld parts of a row. */
function ownerOf(row: object): { withheld: readonly SharedPart[] } | undefined {
  if ('withheld' in row) return row as { withheld: readonly SharedPart[] }
  return 'record' in row ? (row.record as { withheld: readonly SharedPart[] }) : undefined
}
