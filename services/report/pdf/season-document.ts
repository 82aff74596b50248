/**
 * The season of a co-operative as a document to sign: key figures, charts of yields and water, every member, data
 * quality and provenance. Pure.
 */
import type { Lang } from '../formats/basis-text.ts'
import { cropText } from '../formats/crop-names.ts'
import { yearText } from '../formats/japanese-era.ts'
import type { MemberLine } from '../season/season-report.ts'
import type { SeasonSource } from '../season/season-source.ts'
import { missingText } from '../formats/labels.ts'
import { amountsOf, translator, type Amounts } from './amounts.ts'
import type { PdfDocument, TableBlock } from './document.ts'
import { withFrame, type DocumentQuery } from './frame.ts'
import { lineFigures } from './line-figures.ts'
import { lineColumns, tableOf } from './line-table.ts'
import { qualityTable } from './quality-table.ts'
import { waterBars, yieldBlock } from './season-charts.ts'

export function seasonDocument(source: SeasonSource, query: DocumentQuery): PdfDocument {
  const { lang, coop, unit } = query
  const { report } = source.read
  const amounts = amountsOf(unit, report.crop)
  const season = `${yearText(report.year, lang)} ${cropText(report.crop, lang)}`
  const say = translator(lang)
  return withFrame(source, query, {
    title: say(`Season report: ${season}`, `${season} 作柄・用水報告書`),
    blocks: [
      lineFigures(
        {
          ...report.mean,
          areaM2: report.areaM2,
          withYield: report.coverage.withYield,
          withheld: report.tooFew,
        },
        { amounts, lang, fields: report.fields, members: report.members.length },
      ),
      ...yieldBlock(source, amounts, lang),
      ...waterBars(
        report.members.map((member) => ({ ...member, label: member.name })),
        { amounts, lang, title: say('Water by member', '組合員別の用水量'), meanM3Ha: report.mean.waterM3Ha },
      ),
      memberTable(report.members, amounts, lang),
      qualityTable(source.fields, lang),
    ],
    author: coop,
  })
}

function memberTable(members: readonly MemberLine[], amounts: Amounts, lang: Lang): TableBlock {
  const say = translator(lang)
  return tableOf(
    {
      title: say('Members', '組合員'),
      note: say(
        'Members with missing records come first. Means are weighted by harvested area.',
        '記録の足りない組合員から順に並べています。平均は収穫面積で加重しています。',
      ),
    },
    members,
    [
      { head: say('Code', 'コード'), share: 7, isText: true, text: ({ memberCode }) => memberCode ?? '' },
      { head: say('Member', '組合員'), share: 11, isText: true, text: ({ name }) => name },
      { head: say('Fields', '圃場'), share: 5, text: ({ fields }) => String(fields.length) },
      ...lineColumns<MemberLine>(amounts, lang),
      {
        head: say('Missing', '足りない記録'),
        share: 13,
        isText: true,
        text: ({ missing }) =>
          missing
            .map(({ key, fields }) => `${missingText[key][lang]} (${fields.length})`)
            .join(say(', ', '、')),
      },
    ],
    lang,
  )
}
