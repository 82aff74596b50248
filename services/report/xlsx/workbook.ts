/**
 * The season as a workbook. Its sheets are worked out here some rows at a time, and written in a thread of their own.
 * The same rows, at the same instant of the given clock, give the same bytes.
 */
import { breath } from '../../breath.ts'
import type { SeriesStore } from '../../ports.ts'
import { aboutLines } from '../about.ts'
import type { Lang } from '../basis-text.ts'
import type { FileDeps, FileQuery } from '../file.ts'
import { readSensors } from '../sensors/read-sensors.ts'
import { sensorColumns } from '../sensors/sensor-columns.ts'
import type { Part } from '../shared.ts'
import { readSource } from '../season-source.ts'
import { readSpring } from '../spring/read-spring.ts'
import { aboutSpring, springColumns } from '../spring/spring-columns.ts'
import { springWater } from '../spring/spring-water.ts'
import { packed, written, type XlsxAsked } from '../thread.ts'
import { nothingText } from '../words.ts'
import { workColumns } from '../work/work-columns.ts'
import { loadColumns, sprayColumns } from './listed-sheets.ts'
import { fieldColumns, memberColumns, qualityColumns, waterColumns } from './season-sheets.ts'
import type { Column } from './table.ts'

const ROWS_A_TURN = 25
// shares of the time that they take
const READ = 0.5
const WORKED_OUT = 0.8

/** The file's bytes. */
export async function seasonWorkbook(
  deps: FileDeps & { series: SeriesStore },
  query: FileQuery,
): Promise<Uint8Array> {
  const { lang, unit } = query
  const tell = deps.tell ?? (() => {})
  const { read, fields, loads, sprays, work, about } = await readSource(deps, query)
  const water = await readSpring(deps.state, query.org, deps.nowMs)
  const spring = springWater(water.fields, water.span.fromDay)
  const sensors = await readSensors(deps, read.records)
  tell(READ)
  const { report } = read
  const sheets: SheetOf<never>[] = [
    sheet({ en: 'Summary', ja: '集計' }, memberColumns(lang, unit, report.crop), report.members),
    sheet({ en: 'Fields', ja: 'ほ場別' }, fieldColumns(lang, unit, report.crop), fields),
    sheet({ en: 'Loads', ja: '計量' }, loadColumns(lang), loads),
    sheet({ en: 'Water', ja: '水' }, waterColumns(), fields),
    sheet({ en: 'Sprays', ja: '防除' }, sprayColumns(lang), sprays),
    sheet({ en: 'Data quality', ja: 'データの質' }, qualityColumns(), fields),
    sheet({ en: 'Sensors', ja: 'センサー' }, sensorColumns(lang), sensors),
    {
      ...sheet({ en: 'SPRING water', ja: 'SPRING用水' }, springColumns(lang), spring),
      also: await aboutSpring(water, lang),
    },
    sheet({ en: 'Fertiliser', ja: '施肥・作業' }, workColumns(lang, unit), work),
  ]
  const all = sheets.reduce((total, { rows }) => total + rows.length, 1)
  const lines = aboutLines(about, lang)
  let told = 0
  const asked: XlsxAsked['sheets'] = []
  for (const { name, columns, rows, also = [] } of sheets) {
    const packs: SharedArrayBuffer[] = []
    for (let from = 0; from < rows.length; from += ROWS_A_TURN) {
      const some = rows.slice(from, from + ROWS_A_TURN)
      packs.push(
        packed(
          some.map((row) =>
            columns.map(({ cell, part }) => cell(row) ?? nothingText(lang, sharerOf(row), part)),
          ),
        ),
      )
      tell(READ + (WORKED_OUT - READ) * ((told += some.length) / all))
      await breath()
    }
    const heads = columns.map(({ head }) => head[lang])
    const isText = columns.map((column) => column.isText ?? false)
    asked.push({ sheet: { name: name[lang], about: [...lines, ...also], heads, isText }, rows: packs })
  }
  return written(deps.thread, { sheets: asked })
}

interface SheetOf<Row> {
  name: Record<Lang, string>
  columns: Column<Row>[]
  rows: readonly Row[]
  also?: [label: string, value: string][] // what this sheet alone stands on
}
const sheet = <Row>(name: Record<Lang, string>, columns: Column<Row>[], rows: readonly Row[]) =>
  ({ name, columns, rows }) as unknown as SheetOf<never>

/** Who shares a row, or withholds a part of it. */
function sharerOf(row: object): { withheld: readonly Part[] } | undefined {
  if ('withheld' in row) return row as { withheld: readonly Part[] }
  return 'record' in row ? (row.record as { withheld: readonly Part[] }) : undefined
}
