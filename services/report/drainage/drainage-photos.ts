/** The photos of a drainage in its document: all are listed, those of its start and end are printed. Pure. */
import type { Block } from '../pdf/document.ts'
import { workText } from '../work/work-columns.ts'
import type { DrainageEvidence, EvidencePhoto } from './drainage-evidence.ts'
import { type Lang, translator } from '../text/lang.ts'
import { timeText } from '../text/provenance-text.ts'

/** JPEG bytes of the printed photos, by SHA-256. */
export type Pictures = ReadonlyMap<string, Uint8Array>

/** Each with the first digits of its SHA-256, which identify the picture. */
export function photosText({ photos }: DrainageEvidence, timeZone: string, lang: Lang): string {
  const translate = translator(lang)
  return photos.length === 0
    ? translate(
        'No photos on record. Add photos of the start and the end of the drainage.',
        '写真の記録がありません。中干しの開始時と終了時の写真を添えてください。',
      )
    : photos.map((photo) => captionOf(photo, timeZone, lang)).join(translate('; ', '、'))
}

function captionOf({ takenMs, work, sha256 }: EvidencePhoto, timeZone: string, lang: Lang): string {
  const translate = translator(lang)
  const [when, sha] = [timeText(takenMs, timeZone), sha256.slice(0, SHA_SHOWN)]
  // only rice is drained in mid-season
  const what = workText(work, 'rice', lang)
  return translate(`${when} ${what} (${sha})`, `${when} ${what}（${sha}）`)
}
const SHA_SHOWN = 12

const AT_EACH_END = 4

/** The first and last photos, as the scheme requires start and end. */
export const photosToPrint = (photos: readonly EvidencePhoto[]): EvidencePhoto[] =>
  photos.filter((_, index) => index < AT_EACH_END || index >= photos.length - AT_EACH_END)

/** At most four photos of each end, with the number of the others; none when `pictures` has no bytes of them. */
export function picturesBlock(
  { photos }: DrainageEvidence,
  pictures: Pictures,
  timeZone: string,
  lang: Lang,
): Block[] {
  const translate = translator(lang)
  const printed = photosToPrint(photos).flatMap((photo) => {
    const jpeg = pictures.get(photo.sha256)
    return jpeg === undefined ? [] : [{ jpeg, caption: captionOf(photo, timeZone, lang) }]
  })
  if (printed.length === 0) return []
  const left = photos.length - printed.length
  return [
    {
      kind: 'pictures',
      title: translate('Photos of the start and the end', '開始時・終了時の写真'),
      note: left === 0 ? '' : translate(`${left} more are on record.`, `ほかに${left}枚の記録があります。`),
      pictures: printed,
    },
  ]
}
