/**
 * The season of an organisation, or of one member, as CSV: one line per field. UTF-8 with a byte order mark (spreadsheets misread Japanese
 * without it), CRLF, formulas escaped. Unknown values are marked, never 0. The same rows at the same instant give the
 * same bytes.
 */
import { CSV_BOM } from '../../runtime/csv.ts'
import { reportCsv } from './csv-file.ts'
import { fail } from '../../errors.ts'
import { isOfMember } from '../season/lines.ts'
import { readTimeZone } from '../season/read-report.ts'
import { REPORT_RULES } from '../season/provenance.ts'
import type { FileDeps, CsvQuery } from '../jobs/file-query.ts'
import { readSeasonRecords } from '../season/season-records.ts'
import { toShiftJis, type ShiftJis } from './shift-jis.ts'
import { readSources } from '../season/sharing.ts'
import { cropText } from '../text/crop-names.ts'
import { missingValueText } from '../text/labels.ts'
import type { Lang } from '../text/lang.ts'
import type { SeasonRecord, SharedPart } from '../season/record.ts'
import { statedYield } from '../text/basis-text.ts'
import { timeText } from '../text/provenance-text.ts'
import { round } from '../text/units.ts'

interface Column {
  en: string
  ja: string
  part?: SharedPart | readonly SharedPart[] // of the consent; absent: always shared
  cell: (record: SeasonRecord, lang: Lang) => string | number | null
}

const columns: Column[] = [
  { en: 'Member code', ja: '組合員コード', cell: ({ memberCode }) => memberCode ?? '' },
  { en: 'Member', ja: '組合員', cell: ({ farm }) => farm },
  { en: 'Field', ja: '圃場', cell: ({ field }) => field },
  { en: 'Crop', ja: '作物', cell: ({ crop }, lang) => cropText(crop, lang) },
  { en: 'Variety', ja: '品種', cell: ({ variety }) => variety ?? '' },
  { en: 'Planted', ja: '植付日', cell: ({ plantedDay }) => plantedDay },
  {
    en: 'Harvested',
    ja: '収穫日',
    part: 'yield',
    cell: ({ harvestedDay, withheld }) => harvestedDay ?? (withheld.includes('yield') ? null : ''),
  },
  { en: 'Area (ha)', ja: '面積 (ha)', cell: ({ areaM2 }) => round(areaM2 / 10_000, 4) },
  { en: 'Area (a)', ja: '面積 (a)', cell: ({ areaM2 }) => round(areaM2 / 100, 2) },
  { en: 'Irrigation (m3)', ja: 'かん水量 (m3)', part: 'water', cell: ({ waterM3 }) => round(waterM3, 1) },
  {
    en: 'Irrigation (mm)',
    ja: 'かん水量 (mm)',
    part: 'water',
    cell: ({ waterM3, areaM2 }) => (waterM3 === null ? null : round((waterM3 * 1000) / areaM2, 1)),
  },
  {
    en: 'Metered share of irrigation (%)',
    ja: 'かん水量のうち実測 (%)',
    part: 'water',
    cell: ({ meteredShare, waterM3 }) =>
      meteredShare === null ? (waterM3 === 0 ? '' : null) : round(meteredShare * 100, 0),
  },
  { en: 'Runs', ja: 'かん水回数', part: 'water', cell: ({ runs }) => runs },
  {
    en: 'Runs without a known volume',
    ja: '水量不明のかん水回数',
    part: 'water',
    cell: ({ runsWithoutVolume }) => runsWithoutVolume,
  },
  { en: 'Rain (mm)', ja: '降水量 (mm)', part: 'water', cell: ({ rainMm }) => round(rainMm, 1) },
  {
    en: 'Days without rain data',
    ja: '降水量の欠測日数',
    part: 'water',
    cell: ({ rainMissingDays }) => rainMissingDays,
  },
  { en: 'Crop ET (mm)', ja: '作物蒸発散量 (mm)', part: 'water', cell: ({ etMm }) => round(etMm, 1) },
  {
    en: 'Days without ET',
    ja: '蒸発散量の欠測日数',
    part: 'water',
    cell: ({ etMissingDays }) => etMissingDays,
  },
  {
    en: 'Yield from water (% of potential, FAO Ky)',
    ja: '水から見た収量 (%, FAO Ky)',
    part: ['water', 'yield'],
    cell: ({ yieldShare }) => (yieldShare === null ? null : round(100 * yieldShare, 0)),
  },
  { en: 'Stress days', ja: '水ストレス日数', part: 'water', cell: ({ stressDays }) => stressDays },
  {
    en: 'Heat sum (degree days)',
    ja: '積算温度 (℃日)',
    part: 'water',
    cell: ({ heatSumCd }) => round(heatSumCd, 0),
  },
  { en: 'Days on record', ja: '記録日数', part: 'water', cell: ({ days }) => days },
  {
    en: 'Yield (kg)',
    ja: '収量 (kg)',
    part: 'yield',
    cell: (record, lang) => round(statedYield(record.yield, lang).kg, 1),
  },
  {
    en: 'Yield basis',
    ja: '収量の基準',
    part: 'yield',
    cell: (record, lang) =>
      statedYield(record.yield, lang).basis ?? (record.withheld.includes('yield') ? null : ''),
  },
  {
    en: 'Harvested area (a)',
    ja: '収穫面積 (a)',
    part: 'yield',
    cell: (record) => (record.withheld.includes('yield') ? null : round(record.yield.areaM2 / 100, 2)),
  },
  { en: 'Loads', ja: '計量回数', part: 'yield', cell: (record) => record.yield.loads },
  {
    en: 'Low grade (kg)',
    ja: 'くず (kg)',
    part: 'yield',
    cell: (record) => {
      if (record.withheld.includes('yield')) return null
      return record.yield.from === 'loads' ? round(record.yield.lowKg, 1) : ''
    },
  },
]

/** The file's bytes, in the order of member code, farm, field. */
export const seasonCsvFile = async (deps: FileDeps, query: CsvQuery): Promise<Uint8Array> =>
  Buffer.from(CSV_BOM + (await seasonText(deps, query)))

/** The same in Shift_JIS, with the number of characters it lacks. */
export const seasonCsvShiftJis = async (deps: FileDeps, query: CsvQuery): Promise<ShiftJis> =>
  toShiftJis(await seasonText(deps, query))

async function seasonText(
  { state, version, nowMs, onProgress }: FileDeps,
  { org, coop, farmId, year, lang }: CsvQuery,
): Promise<string> {
  const { sources } = await readSources(state, org, nowMs)
  const records: SeasonRecord[] = []
  for await (const record of readSeasonRecords(state, {
    sources,
    year,
    ...(onProgress ? { onProgress } : {}),
  }))
    if (isOfMember(record, farmId)) records.push(record)
  const [first] = records
  if (farmId !== null && !first) fail('NOT_FOUND', `the season ${year} has no member ${farmId.slice(0, 64)}`)
  const timeZone = await readTimeZone(state, org, sources)
  // every line can be copied out of the file, so it ends with the provenance
  const provenance = {
    ...(lang === 'ja'
      ? { heads: ['作成日時', '作成', '規則の版'] }
      : { heads: ['Created at', 'Created by', 'Rules'] }),
    cells: [`${timeText(nowMs, timeZone)} (${timeZone})`, `Tilth ${version}`, REPORT_RULES],
  }
  const member = farmId === null ? null : first!.farm
  const heads = [...columns.map((column) => column[lang]), ...provenance.heads]
  const lines = records.map((record) => [
    ...columns.map(
      ({ cell, part }) =>
        cell(record, lang) ?? missingValueText(lang, record, part === undefined ? [] : [part].flat()),
    ),
    ...provenance.cells,
  ])
  return reportCsv({ coop, member, year, lang }, heads, lines)
}
