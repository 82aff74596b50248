/** The second line of a field: its water. At most about 24 characters. */
import type { FieldCard } from '../../../services/api/schemas.ts'
import { waterLeft } from '../charts/water-left.ts'
import type { Locale } from './locale.ts'

export interface Amount {
  text: string
  age: string | null // only when the value is late or lost
  isLost: boolean
}

export function amountOf(card: FieldCard, locale: Locale): Amount {
  const val = card.kind === 'paddy' ? card.level : card.left
  const text = card.kind === 'paddy' ? levelText(card, locale) : leftText(card, locale)
  if (text === null || val === null) return { text: locale.t('amount.none'), age: null, isLost: true }
  const age = val.fresh === 'ok' || val.atMs === null ? null : locale.ago(val.atMs)
  if (val.fresh !== 'lost') return { text, age, isLost: false }
  return { text: locale.t('amount.last', { value: shortText(card, locale) ?? text }), age, isLost: true }
}

function leftText(card: FieldCard, locale: Locale): string | null {
  const water = waterLeft(card)
  if (!water) return null
  // the last tenth is noise of the balance
  return water.leftMm < -0.5
    ? locale.t('amount.reserve', { mm: Math.round(-water.leftMm) })
    : locale.t('amount.left', { mm: Math.max(0, Math.round(water.leftMm)), rawMm: Math.round(water.rawMm) })
}

/** The number without its explanation, for an outdated value. */
function shortText(card: FieldCard, locale: Locale): string | null {
  if (card.kind === 'paddy')
    return card.level?.v == null ? null : locale.t('amount.level', { levelMm: card.level.v })
  const water = waterLeft(card)
  return water && locale.t('unit.mm', { mm: Math.max(0, Math.round(water.leftMm)) })
}

function levelText(card: FieldCard, locale: Locale): string | null {
  const levelMm = card.level?.v ?? null
  if (levelMm === null) return null
  if (card.targetBandMm === null) return locale.t('amount.level', { levelMm })
  const target = locale.range(locale.level(card.targetBandMm[0]), locale.level(card.targetBandMm[1]))
  return locale.t('amount.level-target', { levelMm, aim: target })
}
