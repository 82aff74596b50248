/** Columns of fertiliser and field work, with the nutrients applied. */
import { nutrientsKgHa, type Nutrients } from '../../agronomy/crops/nutrients.ts'
import {
  readWorkAmount,
  readWorkMaterial,
  type FieldWorkRow,
  type FieldWorkState,
  type WorkKind,
} from '../../tables.ts'
import { round, type Unit } from '../text/units.ts'
import { amount, day, identityColumns, text, time, type Cell, type Column } from '../xlsx/table.ts'
import { type WorkRow, readWork } from './read-work.ts'
import type { Lang } from '../text/lang.ts'
import { timeText } from '../text/provenance-text.ts'
import { CSV_BOM } from '../../runtime/csv.ts'
import { reportCsv } from '../formats/csv-file.ts'
import { isOfMember } from '../season/lines.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { subProgress } from '../../runtime/progress.ts'
import { readSeasonRecords } from '../season/season-records.ts'
import { missingValueText } from '../text/labels.ts'
import type { SeasonRecord } from '../season/record.ts'

const kindText: Record<WorkKind, Record<Lang, string>> = {
  fertiliser: { en: 'fertiliser', ja: '施肥' },
  organic: { en: 'organic matter', ja: '堆肥・有機物' },
  tillage: { en: 'tillage', ja: '耕うん' },
  puddling: { en: 'puddling', ja: '代かき' },
  planting: { en: 'planting', ja: '植付け' },
  drainage: { en: 'mid-season drainage', ja: '中干し' },
  weeding: { en: 'weeding', ja: '除草' },
  mowing: { en: 'mowing', ja: '草刈り' },
  'harvest-aid': { en: 'before harvest', ja: '収穫前の作業' },
  other: { en: 'other work', ja: 'その他の作業' },
}

/** The name of a kind of work: rice is transplanted. */
export const workText = (kind: WorkKind, crop: string, lang: Lang): string =>
  kind === 'planting' && crop === 'rice' ? { en: 'transplanting', ja: '田植え' }[lang] : kindText[kind][lang]

const stateText: Record<FieldWorkState, Record<Lang, string>> = {
  draft: { en: 'not confirmed', ja: '未確定' },
  confirmed: { en: 'confirmed', ja: '確定' },
  void: { en: 'voided', ja: '取消' },
}

const materialOf = ({ material }: FieldWorkRow) => (material === null ? null : readWorkMaterial(material))

/** `''` without a material, or for voided work. */
const ofMaterial =
  (cell: (work: FieldWorkRow) => Cell) =>
  ({ work }: WorkRow): Cell =>
    work.material === null || work.state === 'void' ? '' : cell(work)

/** Per 10 a or per hectare, like the rest of the report. */
export function workColumns(lang: Lang, unit: Unit): Column<WorkRow>[] {
  const [per, factor] = unit === 'kg/10a' ? (['10a', 10] as const) : (['ha', 1] as const)
  const nutrient = (name: string, key: keyof Nutrients) =>
    amount(
      `${name} (kg/${per})`,
      `${name} (kg/${per})`,
      ofMaterial((work) => {
        const nutrients = nutrientsKgHa(work.massKg, work.areaM2, materialOf(work)!)
        return round(nutrients[key], 2, factor)
      }),
    )
  return [
    ...identityColumns,
    day('Day', '日付', ({ work }) => work.day),
    text('Work', '作業', ({ work, record }) => workText(work.kind, record.crop, lang)),
    text('Material', '資材', ({ work }) => materialOf(work)?.name ?? ''),
    amount(
      'N (%)',
      '窒素 (%)',
      ofMaterial((work) => materialOf(work)!.nPct),
    ),
    amount(
      'P2O5 (%)',
      'りん酸 (%)',
      ofMaterial((work) => materialOf(work)!.p2o5Pct),
    ),
    amount(
      'K2O (%)',
      '加里 (%)',
      ofMaterial((work) => materialOf(work)!.k2oPct),
    ),
    text('As entered', '入力された量', ({ work }) => enteredText(work, lang)),
    amount('Area (a)', '面積 (a)', ({ work }) => round(work.areaM2 / 100, 2)),
    amount(
      'On this area (kg)',
      'この面積での量 (kg)',
      ofMaterial(({ massKg }) => round(massKg, 3)),
    ),
    nutrient('N', 'nKgHa'),
    nutrient('P2O5', 'p2o5KgHa'),
    nutrient('K2O', 'k2oKgHa'),
    text('Method', '方法', ({ work }) => work.method ?? ''),
    text('Machine', '使用機械', ({ work }) => work.machine ?? ''),
    text('Operator', '作業者', ({ work }) => work.operator ?? ''),
    text('Lot', 'ロット番号', ({ work }) => work.lot ?? ''),
    text('Note', '備考', ({ work }) => work.note ?? ''),
    amount('Photos', '写真（枚）', ({ photos }) => photos),
    time('Entered', '入力', ({ work, record }) => timeText(work.enteredAtMs, record.timeZone)),
    text('Record', '記録', ({ work }) => stateText[work.state][lang]),
    text('Void reason', '取消の理由', ({ work }) => work.voidReason ?? ''),
  ]
}

function enteredText({ amount }: FieldWorkRow, lang: Lang): string {
  if (amount === null) return ''
  const { value, unit, bagKg } = readWorkAmount(amount)
  if (unit !== 'bag') return `${value} ${unit}`
  const ofKg = bagKg === null ? '' : ` × ${bagKg} kg`
  return lang === 'ja' ? `${value} 袋${ofKg}` : `${value} bags${ofKg}`
}

const RECORDS_SHARE = 0.8

/** The file's bytes, of one crop when the query names it. */
export async function workCsvFile(
  { state, onProgress }: FileDeps,
  { org, coop, farmId, year, crop, lang, unit }: FileQuery,
): Promise<Uint8Array> {
  const records: SeasonRecord[] = []
  const query = { sources: [{ org, share: null }], year, ...(crop === null ? {} : { crop }) }
  for await (const record of readSeasonRecords(state, {
    ...query,
    onProgress: subProgress(onProgress, 0, RECORDS_SHARE),
  }))
    if (isOfMember(record, farmId)) records.push(record)
  const columns = workColumns(lang, unit)
  const lines = (await readWork(state, records)).map((row) =>
    columns.map(({ cell }) => cell(row) ?? missingValueText(lang)),
  )
  const member = farmId === null ? null : (records[0]?.farm ?? '')
  const heads = columns.map(({ head }) => head[lang])
  return Buffer.from(CSV_BOM + reportCsv({ coop, member, year, lang }, heads, lines))
}
