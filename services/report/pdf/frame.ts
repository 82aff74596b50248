/** The opening and closing blocks of every season document. Pure. */
import { dayOf } from '../../../broker/contract/time.ts'
import { basisText } from '../text/basis-text.ts'
import { dayText } from '../text/japanese-era.ts'
import type { Unit } from '../text/units.ts'
import type { SeasonSource } from '../season/season-source.ts'
import type { Block, PdfDocument } from './document.ts'
import { type Lang, translator } from '../text/lang.ts'
import { provenanceLines, timeText } from '../text/provenance-text.ts'

export interface DocumentQuery {
  lang: Lang
  unit: Unit
  coop: string // name of the organisation
}

/**
 * Adds the title, the basis of the figures and boxes to sign. The footer ends with 12 digits of the SHA-256 of the
 * source rows.
 */
export function withFrame(
  { about: provenance, read }: SeasonSource,
  { lang, coop }: DocumentQuery,
  { title, blocks, author }: { title: string; blocks: Block[]; author: string },
): PdfDocument {
  const translate = translator(lang)
  const madeOn = dayText(dayOf(provenance.madeAtMs, provenance.timeZone), lang)
  const { basis } = read.report
  return {
    lang,
    title,
    author,
    madeAtMs: provenance.madeAtMs,
    foot: `${title} · ${coop} · ${timeText(provenance.madeAtMs, provenance.timeZone)} · ${provenance.sourceSha256.slice(0, 12)}`,
    blocks: [
      {
        kind: 'title',
        text: title,
        under: [
          `${coop}　${madeOn}`,
          basis === null ? '' : translate('Yield: ', '収量の基準：') + basisText(basis, null, lang),
        ],
      },
      ...blocks,
      {
        kind: 'facts',
        title: translate('Basis of the figures', 'この報告書の根拠'),
        facts: provenanceLines(provenance, lang),
      },
      {
        kind: 'sign',
        labels: [
          translate('Prepared by', '作成者'),
          translate('Checked by', '確認者・確認印'),
          translate('Date', '確認日'),
        ],
      },
    ],
  }
}
