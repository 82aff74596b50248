/** Columns of the SPRING water table, for the sheet and the CSV. */
import { cropText } from '../text/crop-names.ts'
import { percent, round } from '../text/units.ts'
import { sha256OfRows } from '../season/season-source.ts'
import { amount, text, type Column } from '../xlsx/table.ts'
import { type Spring, readSpring } from './read-spring.ts'
import { type SpringLine, springWater } from './spring-water.ts'
import { translator, type Lang } from '../text/lang.ts'
import { CSV_BOM } from '../../runtime/csv.ts'
import { reportCsv } from '../formats/csv-file.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { missingValueText } from '../text/labels.ts'

/** Area in ha, water in m3 and m3/ha, shares in %. Null is unknown; the shares are empty where no water was used. */
export function springColumns(lang: Lang): Column<SpringLine>[] {
  const translate = translator(lang)
  return [
    text('Member code', '組合員コード', ({ memberCode }) => memberCode ?? ''),
    text('Member', '組合員', ({ member }) => member ?? translate('Producer group', '生産者グループ計')),
    text('Product', '品目', ({ product }) =>
      product === null ? translate('no crop', '作付けなし') : cropText(product, lang),
    ),
    amount('Fields', '圃場数', ({ fields }) => fields),
    amount('Area (ha)', '面積 (ha)', ({ areaM2 }) => round(areaM2 / 10_000, 4)),
    amount('Area with known water (ha)', '水量のわかる面積 (ha)', ({ knownM2 }) =>
      round(knownM2 / 10_000, 4),
    ),
    amount('Water (m3)', '用水量 (m3)', ({ m3 }) => round(m3, 1)),
    amount('Water (m3/ha)', '用水量 (m3/ha)', ({ m3Ha }) => round(m3Ha, 1)),
    amount('Metered share (%)', '実測の割合 (%)', ({ m3, meteredShare }) =>
      m3 === 0 ? '' : percent(meteredShare),
    ),
    amount('Calculated or reported share (%)', '流量からの推定・記入の割合 (%)', ({ m3, meteredShare }) =>
      m3 === 0 ? '' : percent(meteredShare === null ? null : 1 - meteredShare),
    ),
    amount('Runs', 'かん水回数', ({ runs }) => runs),
    amount(
      'Runs without a known volume',
      '水量不明のかん水回数',
      ({ runsWithoutVolume }) => runsWithoutVolume,
    ),
  ]
}

/** The lines of all members and of the producer group, or of one member alone. */
export function springLines({ span, fields, farmId }: Spring & { farmId: string | null }): SpringLine[] {
  const lines = springWater(fields, span.fromDay)
  return farmId === null ? lines : lines.filter(({ member }) => member !== null)
}

/** The period and the source rows. */
export function springProvenance({ span, fields }: Spring, lang: Lang): [string, string][] {
  const translate = translator(lang)
  return [
    [translate('12 months', '12か月'), `${span.fromDay} – ${span.throughDay}`],
    [translate('Rows of these months (SHA-256)', 'この期間の元データ (SHA-256)'), sha256OfRows([fields])],
  ]
}

/** The file's bytes. Year and crop of the query are ignored: it covers the last 12 months and all products. */
export async function springCsvFile(
  { state, nowMs, onProgress }: FileDeps,
  { org, coop, farmId, lang }: FileQuery,
): Promise<Uint8Array> {
  const { span, fields } = await readSpring(state, { org, farmId }, nowMs, onProgress)
  const columns = springColumns(lang)
  const lines = springLines({ span, fields, farmId }).map((line) => [
    ...columns.map(({ cell }) => cell(line) ?? missingValueText(lang)),
    ...[span.fromDay, span.throughDay],
  ])
  const heads = [
    ...columns.map(({ head }) => head[lang]),
    ...(lang === 'ja' ? ['初日', '最終日'] : ['From', 'Through']),
  ]
  const member = farmId === null ? null : (fields[0]?.member ?? '')
  const year = Number(span.throughDay.slice(0, 4))
  return Buffer.from(CSV_BOM + reportCsv({ coop, member, year, lang }, heads, lines))
}
