/** Columns of the SPRING water table, for the sheet and the CSV. */
import { cropText } from '../text/crop-names.ts'
import { percent, round } from '../text/units.ts'
import { sha256OfRows } from '../season/season-source.ts'
import type { Column } from '../xlsx/table.ts'
import { type Spring, readSpring } from './read-spring.ts'
import { type SpringLine, springWater } from './spring-water.ts'
import { translator, type Lang } from '../text/lang.ts'
import { CSV_BOM, csvLines } from '../../runtime/csv.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { missingValueText } from '../text/labels.ts'

/** Area in ha, water in m3 and m3/ha, shares in %. Null is unknown; the shares are empty where no water was used. */
export function springColumns(lang: Lang): Column<SpringLine>[] {
  const translate = translator(lang)
  const column = (
    en: string,
    ja: string,
    cell: Column<SpringLine>['cell'],
    isText = false,
  ): Column<SpringLine> => ({
    head: { en, ja },
    cell,
    ...(isText ? { isText: true } : {}),
  })
  return [
    column('Member code', '組合員コード', ({ memberCode }) => memberCode ?? '', true),
    column(
      'Member',
      '組合員',
      ({ member }) => member ?? translate('Producer group', '生産者グループ計'),
      true,
    ),
    column(
      'Product',
      '品目',
      ({ product }) => (product === null ? translate('no crop', '作付けなし') : cropText(product, lang)),
      true,
    ),
    column('Fields', '圃場数', ({ fields }) => fields),
    column('Area (ha)', '面積 (ha)', ({ areaM2 }) => round(areaM2 / 10_000, 4)),
    column('Area with known water (ha)', '水量のわかる面積 (ha)', ({ knownM2 }) =>
      round(knownM2 / 10_000, 4),
    ),
    column('Water (m3)', '用水量 (m3)', ({ m3 }) => round(m3, 1)),
    column('Water (m3/ha)', '用水量 (m3/ha)', ({ m3Ha }) => round(m3Ha, 1)),
    column('Metered share (%)', '実測の割合 (%)', ({ m3, meteredShare }) =>
      m3 === 0 ? '' : percent(meteredShare),
    ),
    column('Calculated or reported share (%)', '流量からの推定・記入の割合 (%)', ({ m3, meteredShare }) =>
      m3 === 0 ? '' : percent(meteredShare === null ? null : 1 - meteredShare),
    ),
    column('Runs', '灌水回数', ({ runs }) => runs),
    column('Runs without a known volume', '水量不明の灌水回数', ({ runsWithoutVolume }) => runsWithoutVolume),
  ]
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
  { org, lang }: FileQuery,
): Promise<Uint8Array> {
  const { span, fields } = await readSpring(state, org, nowMs, onProgress)
  const columns = springColumns(lang)
  const lines = springWater(fields, span.fromDay).map((line) => [
    ...columns.map(({ cell }) => cell(line) ?? missingValueText(lang)),
    ...[span.fromDay, span.throughDay],
  ])
  const heads = [
    ...columns.map(({ head }) => head[lang]),
    ...(lang === 'ja' ? ['初日', '最終日'] : ['From', 'Through']),
  ]
  return Buffer.from(CSV_BOM + csvLines([heads, ...lines]))
}
