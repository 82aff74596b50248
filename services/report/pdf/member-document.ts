/** The season of one member: only that member's fields. Pure. */
import { cropText } from '../text/crop-names.ts'
import { dayText, yearText } from '../text/japanese-era.ts'
import type { ReportField, SeasonSource } from '../season/season-source.ts'
import { missingText, plantedHeading } from '../text/labels.ts'
import { amountsOf, type Amounts } from './amounts.ts'
import type { PdfDocument, TableBlock } from './document.ts'
import { withFrame, type DocumentQuery } from './frame.ts'
import { lineFigures } from './line-figures.ts'
import { lineColumns, tableOf } from './line-table.ts'
import { waterBars } from './season-charts.ts'
import { type Lang, translator } from '../text/lang.ts'
import type { MemberLine } from '../season/lines.ts'

/** Figures, a table of fields and a chart of their water; the basis of the figures is that of this member. */
export function memberDocument(source: SeasonSource, member: MemberLine, query: DocumentQuery): PdfDocument {
  const { lang, unit, coop } = query
  const { report } = source.read
  const amounts = amountsOf(unit, report.crop)
  const translate = translator(lang)
  const season = `${yearText(report.year, lang)} ${cropText(report.crop, lang)}`
  const { fields } = source
  const memberText = [member.memberCode, member.name].filter((part) => part !== null).join(' ')
  return withFrame(source, query, {
    title: translate(`${memberText}, ${season}`, `${memberText}　${season}`),
    author: coop,
    blocks: [
      lineFigures(member, { amounts, lang, fields: fields.length }),
      fieldTable(fields, member, { amounts, lang, crop: report.crop }),
      ...waterBars(
        fields.map(({ line }) => ({ ...line, label: line.field })),
        { amounts, lang, title: translate('Water by field', '圃場別の用水量'), meanM3Ha: member.waterM3Ha },
      ),
    ],
  })
}

function fieldTable(
  fields: readonly ReportField[],
  member: MemberLine,
  { amounts, lang, crop }: { amounts: Amounts; lang: Lang; crop: string },
): TableBlock {
  const translate = translator(lang)
  const rows = fields.map(({ record, line }) => ({
    ...line,
    plantedDay: record.plantedDay,
    harvestedDay: record.harvestedDay,
  }))
  const whole: (typeof rows)[number] | undefined = rows[0] && {
    ...rows[0],
    ...member,
    field: translate('All fields', '全圃場'),
    variety: '',
    plantedDay: '',
    harvestedDay: '',
    missing: [],
  }
  return tableOf(
    {
      title: translate('Fields', '圃場'),
      note: translate(
        'In the last row yields are weighted by harvested area, water by field area; sprays are the most on one field.',
        '最後の行は、収量は収穫面積、用水量は圃場面積で加重した平均、防除は圃場ごとの最多の回数です。',
      ),
    },
    rows,
    [
      { head: translate('Field', '圃場'), share: 10, isText: true, text: ({ field }) => field },
      { head: translate('Variety', '品種'), share: 9, isText: true, text: ({ variety }) => variety ?? '' },
      ...(['plantedDay', 'harvestedDay'] as const).map((day) => ({
        head: day === 'plantedDay' ? plantedHeading(crop)[lang] : translate('Harvested', '収穫日'),
        share: 8,
        isText: true as const,
        ...(day === 'harvestedDay' ? { part: 'yield' as const } : {}),
        text: (row: (typeof rows)[number]) =>
          row[day] === null && row.withheld.includes('yield') ? null : shortDay(row[day], lang),
      })),
      ...lineColumns<(typeof rows)[number]>(amounts, lang),
      {
        head: translate('Missing', '足りない記録'),
        share: 10,
        isText: true,
        text: ({ missing }) => missing.map((key) => missingText[key][lang]).join(translate(', ', '、')),
      },
    ],
    lang,
    whole,
  )
}

/** Without the year, which is in the title. */
const shortDay = (day: string | null, lang: Lang): string =>
  day === null || day === '' ? '' : lang === 'ja' ? dayText(day, lang).replace(/^.*年/, '') : day
