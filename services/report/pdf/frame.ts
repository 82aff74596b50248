/** The opening and closing blocks of every season document. Pure. */
import { dayOf } from '../../../broker/contract/time.ts'
import { provenanceLines, timeText } from '../season/provenance.ts'
import { basisText, type Lang } from '../formats/basis-text.ts'
import { dayText } from '../formats/japanese-era.ts'
import type { Unit } from '../formats/units.ts'
import type { SeasonSource } from '../season/season-source.ts'
import { translator } from './amounts.ts'
import type { Block, PdfDocument } from './document.ts'

export interface DocumentQuery {
  lang: Lang
  unit: Unit
  coop: string // name of the organisation
}

export function withFrame(
  { about, read }: SeasonSource,
  { lang, coop }: DocumentQuery,
  { title, blocks, author }: { title: string; blocks: Block[]; author: string },
): PdfDocument {
  const say = translator(lang)
  const madeOn = dayText(dayOf(about.madeAtMs, about.timeZone), lang)
  const { basis } = read.report
  return {
    lang,
    title,
    author,
    madeAtMs: about.madeAtMs,
    foot: `${title} · ${coop} · ${timeText(about.madeAtMs, about.timeZone)} · ${about.sourceSha256.slice(0, 12)}`,
    blocks: [
      {
        kind: 'title',
        text: title,
        under: [
          `${coop}　${madeOn}`,
          basis === null ? '' : say('Yield: ', '収量の基準：') + basisText(basis, null, lang),
        ],
      },
      ...blocks,
      {
        kind: 'facts',
        title: say('Basis of the figures', 'この報告書の根拠'),
        facts: provenanceLines(about, lang),
      },
      {
        kind: 'sign',
        labels: [say('Prepared by', '作成者'), say('Checked by', '確認者・確認印'), say('Date', '確認日')],
      },
    ],
  }
}
