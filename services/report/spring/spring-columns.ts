/** Columns of the SPRING water table, for the sheet and the CSV. */
import type { Lang } from '../formats/basis-text.ts'
import { cropText } from '../formats/crop-names.ts'
import { percent, round } from '../formats/units.ts'
import { sha256OfRows } from '../season/season-source.ts'
import type { Column } from '../xlsx/table.ts'
import type { Spring } from './read-spring.ts'
import type { SpringLine } from './spring-water.ts'

export function springColumns(lang: Lang): Column<SpringLine>[] {
  const say = (en: string, ja: string) => (lang === 'ja' ? ja : en)
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
    column('Member', '組合員', ({ member }) => member ?? say('Producer group', '生産者グループ計'), true),
    column(
      'Product',
      '品目',
      ({ product }) => (product === null ? say('no crop', '作付けなし') : cropText(product, lang)),
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
  const say = (en: string, ja: string) => (lang === 'ja' ? ja : en)
  return [
    [say('12 months', '12か月'), `${span.fromDay} – ${span.throughDay}`],
    [say('Rows of these months (SHA-256)', 'この期間の元データ (SHA-256)'), sha256OfRows([fields])],
  ]
}
