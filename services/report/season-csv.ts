/**
 * The season of an organisation as CSV: one line a field. UTF-8 with a byte order mark (or a spreadsheet would misread
 * Japanese), CRLF, formulas disarmed. What is not known says so: it is never 0. The same rows give the same bytes.
 */
import Papa from 'papaparse'
import type { State } from '../ports.ts'
import { seasonRecords, type SeasonRecord } from './season-rows.ts'

export type Lang = 'en' | 'ja'

const missing: Record<Lang, string> = { en: 'missing', ja: '欠測' }

type Column = { en: string; ja: string; cell: (record: SeasonRecord) => string | number | null }

const columns: Column[] = [
  { en: 'Member code', ja: '組合員コード', cell: ({ memberCode }) => memberCode ?? '' },
  { en: 'Member', ja: '組合員', cell: ({ farm }) => farm },
  { en: 'Field', ja: 'ほ場', cell: ({ field }) => field },
  { en: 'Crop', ja: '作物', cell: ({ crop }) => crop },
  { en: 'Variety', ja: '品種', cell: ({ variety }) => variety ?? '' },
  { en: 'Planted', ja: '植付日', cell: ({ plantedDay }) => plantedDay },
  { en: 'Harvested', ja: '収穫日', cell: ({ harvestedDay }) => harvestedDay ?? '' },
  { en: 'Area (ha)', ja: '面積 (ha)', cell: ({ areaM2 }) => round(areaM2 / 10_000, 4) },
  { en: 'Area (a)', ja: '面積 (a)', cell: ({ areaM2 }) => round(areaM2 / 100, 2) },
  { en: 'Irrigation (m3)', ja: '灌水量 (m3)', cell: ({ waterM3 }) => round(waterM3, 1) },
  {
    en: 'Irrigation (mm)',
    ja: '灌水量 (mm)',
    cell: ({ waterM3, areaM2 }) => (waterM3 === null ? null : round((waterM3 * 1000) / areaM2, 1)),
  },
  {
    en: 'Metered share of irrigation (%)',
    ja: '灌水量のうち実測 (%)',
    cell: ({ meteredShare, waterM3 }) =>
      meteredShare === null ? (waterM3 === 0 ? '' : null) : round(meteredShare * 100, 0),
  },
  { en: 'Runs', ja: '灌水回数', cell: ({ runs }) => runs },
  {
    en: 'Runs without a known volume',
    ja: '水量不明の灌水回数',
    cell: ({ runsWithoutVolume }) => runsWithoutVolume,
  },
  { en: 'Rain (mm)', ja: '降水量 (mm)', cell: ({ rainMm }) => round(rainMm, 1) },
  { en: 'Days without rain data', ja: '降水量の欠測日数', cell: ({ rainMissingDays }) => rainMissingDays },
  { en: 'Crop ET (mm)', ja: '作物蒸発散量 (mm)', cell: ({ etMm }) => round(etMm, 1) },
  { en: 'Days without ET', ja: '蒸発散量の欠測日数', cell: ({ etMissingDays }) => etMissingDays },
  {
    en: 'Yield by water (% of full, FAO Ky)',
    ja: '水から見た収量 (%, FAO Ky)',
    cell: ({ yieldShare }) => (yieldShare === null ? null : round(100 * yieldShare, 0)),
  },
  { en: 'Stress days', ja: '水ストレス日数', cell: ({ stressDays }) => stressDays },
  { en: 'Heat sum (degree days)', ja: '積算温度 (℃日)', cell: ({ heatSumCd }) => round(heatSumCd, 0) },
  { en: 'Days on record', ja: '記録日数', cell: ({ days }) => days },
  { en: 'Yield (kg)', ja: '収量 (kg)', cell: ({ yieldKg }) => round(yieldKg, 1) },
  { en: 'Yield basis', ja: '収量の基準', cell: ({ yieldBasis }) => yieldBasis ?? '' },
]

// a cell that a spreadsheet would run: also after blanks, and in full width (OWASP, CSV injection)
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/
const LINES_A_CHUNK = 50

/** Chunks of text, in the order of member code, farm, field. */
export async function* seasonCsv(
  state: State,
  { org, year, lang }: { org: string; year: number; lang: Lang },
): AsyncGenerator<string> {
  yield '\ufeff' + csv([columns.map((column) => column[lang])])
  let lines: (string | number)[][] = []
  for await (const record of seasonRecords(state, { org, year })) {
    lines.push(columns.map(({ cell }) => cell(record) ?? missing[lang]))
    if (lines.length < LINES_A_CHUNK) continue
    yield csv(lines)
    lines = []
  }
  if (lines.length > 0) yield csv(lines)
}

const csv = (lines: unknown[][]): string =>
  Papa.unparse(lines, { escapeFormulae: FORMULA, newline: '\r\n' }) + '\r\n'

function round(value: number, decimals: number): number
function round(value: number | null, decimals: number): number | null
function round(value: number | null, decimals: number): number | null {
  return value === null ? null : Number(value.toFixed(decimals))
}
