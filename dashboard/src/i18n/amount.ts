/** The second line of a field: how much water it has. At most about 24 characters. */
import type { FieldCard } from '../../../services/api/schemas.ts'
import { waterLeft } from '../charts/water-left.ts'
import type { Locale } from './locale.ts'

export interface Amount {
  text: string
  age: string | null // only when the value is late or lost
  isLost: boolean
}

export function amountOf(card: FieldCard, say: Locale): Amount {
  const val = card.kind === 'paddy' ? card.level : card.left
  const text = card.kind === 'paddy' ? levelText(card, say) : leftText(card, say)
  if (text === null || val === null) return { text: say.t('amount.none'), age: null, isLost: true }
  const age = val.fresh === 'ok' || val.atMs === null ? null : say.ago(val.atMs)
  if (val.fresh !== 'lost') return { text, age, isLost: false }
  return { text: say.t('amount.last', { value: shortText(card, say) ?? text }), age, isLost: true }
}

function leftText(card: FieldCard, say: Locale): string | null {
  const water = waterLeft(card)
  if (!water) return null
  // the last tenth is noise of the balance
  return water.leftMm < -0.5
    ? say.t('amount.reserve', { mm: Math.round(-water.leftMm) })
    : say.t('amount.left', { mm: Math.max(0, Math.round(water.leftMm)), rawMm: Math.round(water.rawMm) })
}

/** An old value alone: what it was, not what it meant. */
function shortText(card: FieldCard, say: Locale): string | null {
  if (card.kind === 'paddy')
    return card.level?.v == null ? null : say.t('amount.level', { levelMm: card.level.v })
  const water = waterLeft(card)
  return water && say.t('unit.mm', { mm: Math.max(0, Math.round(water.leftMm)) })
}

function levelText(card: FieldCard, say: Locale): string | null {
  const levelMm = card.level?.v ?? null
  if (levelMm === null) return null
  if (card.aimMm === null) return say.t('amount.level', { levelMm })
  const aim = say.range(say.level(card.aimMm[0]), say.level(card.aimMm[1]))
  return say.t('amount.level-aim', { levelMm, aim })
}
