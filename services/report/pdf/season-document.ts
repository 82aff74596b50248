/**
 * The season of a co-operative as a document to sign: key figures, charts of yields and water, every member, data
 * quality and provenance. Pure.
 */
import { cropText } from '../text/crop-names.ts'
import { yearText } from '../text/japanese-era.ts'
import { type SeasonSource, readSource } from '../season/season-source.ts'
import { missingText } from '../text/labels.ts'
import { amountsOf, type Amounts } from './amounts.ts'
import type { PdfDocument, TableBlock } from './document.ts'
import { withFrame, type DocumentQuery } from './frame.ts'
import { lineFigures } from './line-figures.ts'
import { lineColumns, tableOf } from './line-table.ts'
import { qualityTable } from './quality-table.ts'
import { waterBars, yieldBlock } from './season-charts.ts'
import { type Lang, translator } from '../text/lang.ts'
import type { MemberLine } from '../season/lines.ts'
import { wholeLine, type SeasonReport } from '../season/season-report.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { subProgress } from '../../runtime/progress.ts'
import { memberDocument } from './member-document.ts'

/** Means that too few members share are withheld (`report.tooFew`). */
export function seasonDocument(source: SeasonSource, query: DocumentQuery): PdfDocument {
  const { lang, coop, unit } = query
  const { report } = source.read
  const amounts = amountsOf(unit, report.crop)
  const season = `${yearText(report.year, lang)} ${cropText(report.crop, lang)}`
  const translate = translator(lang)
  return withFrame(source, query, {
    title: translate(`Season report: ${season}`, `${season} 作柄・用水報告書`),
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
        {
          amounts,
          lang,
          title: translate('Water by member', '組合員別の用水量'),
          meanM3Ha: report.mean.waterM3Ha,
        },
      ),
      memberTable(report, amounts, lang),
      qualityTable(source.fields, lang),
    ],
    author: coop,
  })
}

function memberTable(report: SeasonReport, amounts: Amounts, lang: Lang): TableBlock {
  const { members } = report
  const translate = translator(lang)
  return tableOf(
    {
      title: translate('Members', '組合員'),
      note: translate(
        'Members with missing records come first. Yields are weighted by harvested area, water by field area; sprays are the most on one field.',
        '記録の足りない組合員から順に並べています。収量は収穫面積、用水量は圃場面積で加重した平均、防除は圃場ごとの最多の回数です。',
      ),
    },
    members,
    [
      {
        head: translate('Code', 'コード'),
        share: 8,
        isText: true,
        text: ({ memberCode }) => memberCode ?? '',
      },
      { head: translate('Member', '組合員'), share: 11, isText: true, text: ({ name }) => name },
      { head: translate('Fields', '圃場'), share: 5, text: ({ fields }) => String(fields.length) },
      ...lineColumns<MemberLine>(amounts, lang),
      {
        head: translate('Missing', '足りない記録'),
        share: 13,
        isText: true,
        text: ({ missing }) =>
          missing
            .map(({ key, fields }) => `${missingText[key][lang]} (${fields.length})`)
            .join(translate(', ', '、')),
      },
    ],
    lang,
    wholeLine(report, lang),
  )
}

const READ_SHARE = 0.75

/** The file's bytes. NOT_FOUND when the report has no such member. */
export async function seasonPdf(deps: FileDeps, query: FileQuery): Promise<Uint8Array> {
  const { onProgress } = deps
  const source = await readSource(deps, query, subProgress(onProgress, 0, READ_SHARE))
  const { writePdf } = await import('./write-pdf.ts') // loaded on demand: it brings the fonts
  const [member] = source.read.report.members
  const document =
    query.farmId === null || !member ? seasonDocument(source, query) : memberDocument(source, member, query)
  return writePdf(document, subProgress(onProgress, READ_SHARE, 1))
}
