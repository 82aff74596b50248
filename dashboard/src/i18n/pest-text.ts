/** What pests and diseases ask of a person in one field, in one line. */
import type { FieldCard } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'
import { targetName } from './target-name.ts'

/** The most urgent one by name and the number of others; null where nothing is due. */
export function pestText(pests: FieldCard['pests'], locale: Locale): string | null {
  const [first, ...others] = pests
  if (!first) return null
  const target = targetName(locale, first.target)
  const text =
    first.action === 'treat' && first.toDay !== null
      ? locale.t('need.treat', { target, day: first.toDay })
      : locale.t('need.scout', { target })
  return others.length === 0 ? text : locale.t('need.more', { text, n: others.length })
}
