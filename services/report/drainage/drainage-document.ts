/**
 * The evidence of a mid-season drainage as a printable document. Fields are called ほ場 here, as in the scheme's forms.
 * Pure.
 */
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { REPORT_RULES } from '../season/provenance.ts'
import { dayText, yearText } from '../text/japanese-era.ts'
import { amountsOf, fixed } from '../pdf/amounts.ts'
import type { Block, FactsBlock, PdfDocument } from '../pdf/document.ts'
import { drainageEvidence, type DrainageEvidence, type DateSource } from './drainage-evidence.ts'
import { photosText, picturesBlock, type Pictures } from './drainage-photos.ts'
import type { DrainageSource } from './read-drainage.ts'
import { type Lang, translator } from '../text/lang.ts'
import { timeText } from '../text/provenance-text.ts'

export interface DrainageQuery {
  lang: Lang
  coop: string
  version: string // of Tilth
  nowMs: AtMs
  pictures: Pictures
}

/**
 * The blocks in their printed order. `query.pictures`: JPEG bytes by SHA-256; a photo without bytes is listed and not
 * printed.
 */
export function drainageDocument(source: DrainageSource, query: DrainageQuery): PdfDocument {
  const { lang, coop, nowMs, version, pictures } = query
  const { farm, field, season } = source
  const translate = translator(lang)
  const evidence = drainageEvidence(source.facts)
  const title = translate(
    `Mid-season drainage, ${field.name}, ${yearText(season.year, lang)}`,
    `${yearText(season.year, lang)} ${field.name}　中干し期間の記録`,
  )
  const madeAt = timeText(nowMs, farm.timeZone)
  const blocks: Block[] = [
    {
      kind: 'title',
      text: title,
      under: [
        `${coop}　${dayText(dayOf(nowMs, farm.timeZone), lang)}`,
        translate(
          'Records for a J-Credit of a longer mid-season drainage (AG-005)',
          'J-クレジット「水稲栽培における中干し期間の延長」（AG-005）の申請資料',
        ),
      ],
    },
    verdict(evidence, lang),
    whereFacts(source, lang),
    dateFacts(evidence, source, lang),
    ...levelBlock(evidence, lang),
    beforeTable(evidence, lang),
    lossTable(evidence, lang),
    {
      kind: 'facts',
      title: translate('Further evidence', 'そのほかの資料'),
      facts: [
        [translate('Photos', '写真'), photosText(evidence, farm.timeZone, lang)],
        [
          translate('Organic matter', '有機物の施用'),
          source.organic.length === 0
            ? translate('None is on record.', '記録がありません。')
            : source.organic.map((entry) => organicText(entry, lang)).join(translate('; ', '、')),
        ],
      ],
    },
    ...picturesBlock(evidence, pictures, farm.timeZone, lang),
    {
      kind: 'facts',
      title: translate('Basis of this record', 'この記録の根拠'),
      facts: [
        [translate('Created at', '作成日時'), `${madeAt} (${farm.timeZone}), Tilth ${version}`],
        [translate('Rules', '規則の版'), translate(`report ${REPORT_RULES}`, `集計${REPORT_RULES}`)],
        [translate('Source rows (SHA-256)', '元データ (SHA-256)'), source.sourceSha256],
      ],
    },
    {
      kind: 'sign',
      labels: [
        translate('Grower', '生産者'),
        translate('Checked by', '確認者・確認印'),
        translate('Date', '確認日'),
      ],
    },
  ]
  return {
    lang,
    title,
    author: coop,
    madeAtMs: nowMs,
    blocks,
    foot: `${title} · ${coop} · ${madeAt} · ${source.sourceSha256.slice(0, 12)}`,
  }
}

function verdict(evidence: DrainageEvidence, lang: Lang): Block {
  const translate = translator(lang)
  const days = (count: number) => translate(`${fixed(count, 0)} days`, `${fixed(count, 0)}日`)
  const unknown = translate('unknown', '不明')
  const { drainage, baseline, neededDays, isLonger } = evidence
  return {
    kind: 'figures',
    figures: [
      {
        label: translate('Days drained', '中干し日数'),
        value: drainage === null ? unknown : days(drainage.days),
        note:
          drainage !== null && drainage.lastDay === null
            ? translate('in progress', '継続中')
            : drainage === null
              ? translate('none on record', '記録なし')
              : translate(
                  `${drainage.dryDays} without water, ${drainage.unknownDays} not measured`,
                  `うち落水 ${drainage.dryDays}日・計測なし ${drainage.unknownDays}日`,
                ),
      },
      {
        label: translate('Mean of earlier years', '過去の平均日数'),
        value:
          baseline === null
            ? unknown
            : translate(`${fixed(baseline.days, 1)} days`, `${fixed(baseline.days, 1)}日`),
        note:
          baseline === null
            ? translate('two years are needed', '2年以上の記録が必要')
            : baseline.from === 'records'
              ? translate('from records', '記録による')
              : translate('entered by a person', '入力された値'),
      },
      {
        label: translate('Required', '必要な日数'),
        value:
          neededDays === null
            ? unknown
            : translate(`${fixed(neededDays, 1)} days`, `${fixed(neededDays, 1)}日`),
        note: translate('mean + 7 days', '平均＋7日'),
      },
      {
        label: translate('7 days longer', '7日以上の延長'),
        value: isLonger === null ? unknown : isLonger ? translate('yes', 'はい') : translate('no', 'いいえ'),
        note: '',
      },
    ],
  }
}

function whereFacts({ farm, field, season }: DrainageSource, lang: Lang): FactsBlock {
  const translate = translator(lang)
  const { area, areaUnit } = amountsOf(lang === 'ja' ? 'kg/10a' : 't/ha', 'rice')
  return {
    kind: 'facts',
    title: translate('Field', 'ほ場'),
    facts: [
      [translate('Grower', '生産者'), [farm.memberCode, farm.name].filter((part) => part !== null).join(' ')],
      [translate('Field', 'ほ場'), field.name],
      [translate('Area', '面積'), `${area(season.fieldM2 ?? field.areaM2)} ${areaUnit}`],
      [translate('Variety', '品種'), season.variety ?? translate('not entered', '記入なし')],
      [
        translate('Location of the farm', '農場の位置'),
        `${fixed(farm.latDeg, 5)}, ${fixed(farm.lonDeg, 5)} (WGS 84)` +
          (field.geojson === null
            ? ''
            : translate('; the shape of the field is on record', '・ほ場の区画は記録済み')),
      ],
    ],
  }
}

const howText: Record<DateSource | 'gauge', Record<Lang, string>> = {
  person: { en: 'by a person', ja: '人の入力' },
  heat: { en: 'estimated from heat', ja: '積算温度からの推定' },
  calendar: { en: 'estimated from the calendar', ja: '暦からの推定' },
  gauge: { en: 'by measured level', ja: '水位の計測' },
}
const endText: Record<string, Record<Lang, string>> = {
  dried: { en: 'target number of dry days reached', ja: '目標の落水日数に達した' },
  cracked: { en: 'small cracks observed', ja: '小ひびを確認した' },
  'panicle-near': { en: 'panicle initiation near', ja: '幼穂形成が近い' },
  person: { en: 'by a person', ja: '人の入力' },
}

function dateFacts(evidence: DrainageEvidence, { facts, season }: DrainageSource, lang: Lang): FactsBlock {
  const translate = translator(lang)
  const { drainage, heading } = evidence
  const dated = (day: string, how: string) => translate(`${day}, ${how}`, `${dayText(day, lang)}（${how}）`)
  const unknown = translate('not on record', '記録なし')
  return {
    kind: 'facts',
    title: translate('Dates and how each is known', '日付と、その根拠'),
    facts: [
      [
        translate('Puddled', '代かき'),
        facts.puddledDay === null ? unknown : dated(facts.puddledDay, howText.person[lang]),
      ],
      [translate('Transplanted', '田植え'), dated(evidence.plantedDay, howText.person[lang])],
      [
        translate('Drainage start', '中干し開始'),
        drainage === null ? unknown : dated(drainage.fromDay, howText[drainage.began][lang]),
      ],
      [
        translate('Drainage end', '中干し終了'),
        drainage?.lastDay == null
          ? unknown
          : dated(drainage.lastDay, drainage.ended === null ? '' : endText[drainage.ended]![lang]),
      ],
      ...drainedDaysFact(facts, lang),
      [
        translate('Heading', '出穂'),
        heading === null ? unknown : dated(heading.day, howText[heading.how][lang]),
      ],
      [
        translate('Harvested', '収穫'),
        season.harvestedDay === null ? unknown : dated(season.harvestedDay, howText.person[lang]),
      ],
    ],
  }
}

/** In addition to the gauge: the days that the work records name as drained. */
function drainedDaysFact({ drainedDays }: DrainageSource['facts'], lang: Lang): FactsBlock['facts'] {
  const translate = translator(lang)
  if (drainedDays.length === 0) return []
  const days = drainedDays.map((day) => dayText(day, lang)).join(translate(', ', '、'))
  return [
    [
      translate('Drained (work record)', '落水（作業記録）'),
      `${days}${translate(', by a person', '（人の入力）')}`,
    ],
  ]
}

function levelBlock({ levels, drainage }: DrainageEvidence, lang: Lang): Block[] {
  const translate = translator(lang)
  if (drainage === null || levels.every(({ mm }) => mm === null)) return []
  const from = levels.findIndex(({ day }) => day >= drainage.fromDay)
  const last = levels.findLastIndex(({ day }) => drainage.lastDay === null || day <= drainage.lastDay)
  return [
    {
      kind: 'line',
      title: translate('Water at the end of each day (mm above the soil)', '日ごとの水位（田面から mm）'),
      note: translate(
        'Only measured levels; the band is the drainage.',
        '計測した水位だけを示します。帯は中干し期間です。',
      ),
      days: levels.map(({ day }, index) => (index % 7 === 0 ? day.slice(5) : '')),
      values: levels.map(({ mm }) => mm),
      bands: [{ from, to: last }],
    },
  ]
}

function beforeTable({ before }: DrainageEvidence, lang: Lang): Block {
  const translate = translator(lang)
  return {
    kind: 'table',
    title: translate('Earlier years', '過去の中干し'),
    note:
      before.length === 0 ? translate('No earlier year is on record.', '過去の年の記録がありません。') : '',
    columns: [
      { head: translate('Year', '年'), share: 1, isText: true },
      { head: translate('Days drained', '中干し日数'), share: 1, isText: false },
    ],
    rows: before.map(({ year, days }) => [
      yearText(year, lang),
      days === null ? translate('unknown', '不明') : String(days),
    ]),
  }
}

function lossTable({ losses }: DrainageEvidence, lang: Lang): Block {
  const translate = translator(lang)
  return {
    kind: 'table',
    title: translate('Daily water loss', '日減水深'),
    note:
      losses.length === 0
        ? translate(
            'No day up to a week after transplanting had no rain, no irrigation and a measured level.',
            '田植え後1週間までに、雨もかん水もなく水位を計測できた日がありません。',
          )
        : translate(
            'Days up to a week after transplanting without rain or irrigation, by the gauge. Whether the gates were shut is not on record.',
            '田植え後1週間までの、雨もかん水もない日の水位計による値。水口・水尻の開閉は記録していません。',
          ),
    columns: [
      { head: translate('Day', '日付'), share: 1, isText: true },
      { head: translate('Loss (mm/d)', '減水深 (mm/日)'), share: 1, isText: false },
    ],
    rows: losses.map(({ day, mm }) => [dayText(day, lang), fixed(mm, 0)]),
  }
}

function organicText({ day, name, massKg, areaM2 }: DrainageSource['organic'][number], lang: Lang): string {
  const translate = translator(lang)
  const rate =
    massKg === null
      ? translate('amount unknown', '量は不明')
      : lang === 'ja'
        ? `${fixed((1000 * massKg) / areaM2, 0)} kg/10a`
        : `${fixed((10_000 * massKg) / areaM2, 0)} kg/ha`
  return [dayText(day, lang), name, rate].filter((part) => part !== null).join(' ')
}
