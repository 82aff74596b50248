/** The second line of a field: its water. At most about 24 characters. */
import type { FieldCard } from '../../../services/api/schemas.ts'
import { NO_VALUE } from './format.ts'
import type { Locale } from './locale.ts'

export interface Amount {
  text: string
  age: string | null // only when the value is late or lost
  isLost: boolean
}

type Water = NonNullable<FieldCard['water']>

export function amountOf(card: FieldCard, locale: Locale): Amount {
  const [fresh, atMs, text] = card.water
    ? [card.water.fresh, card.water.asOfMs, waterText(card.water, locale)]
    : [card.level?.fresh ?? 'lost', card.level?.atMs ?? null, levelText(card, locale)]
  if (text === null) return { text: locale.t('amount.none'), age: null, isLost: true }
  const age = fresh === 'ok' || atMs === null ? null : locale.ago(atMs)
  if (fresh !== 'lost') return { text, age, isLost: false }
  if (card.water === null) {
    const value = locale.t('amount.level', { levelMm: card.level!.v! })
    return { text: locale.t('amount.last', { value }), age, isLost: true }
  }
  // the number is of now, the age is that of the last measurement
  const value = isShort(card.water) ? text : locale.t('unit.mm', { mm: wholeMm(card.water) })
  return {
    text: locale.t('amount.estimated', { value }),
    age: age && locale.t('amount.measured', { ago: age }),
    isLost: true,
  }
}

/** The water of a field in as few signs as a map has room for: 2 mm, −5 mm, 7.5 cm; estimated with a ?, or a dash. */
export function amountShort(card: FieldCard, locale: Locale): string {
  if (card.water) {
    const text = locale.t('unit.mm', { mm: roundedMm(card.water.leftMm) })
    return card.water.fresh === 'lost' ? `${text} ?` : text
  }
  const levelMm = card.level?.v ?? null
  if (levelMm === null) return NO_VALUE
  return card.level?.fresh === 'lost' ? `${locale.depth(levelMm)} ?` : locale.depth(levelMm)
}

/** Drier than the limit of the decision, in whole mm; less is noise of the balance. */
export const isShort = ({ leftMm }: Pick<Water, 'leftMm'>): boolean => roundedMm(leftMm) < 0
/** Whole mm that are left, or that are short. */
export const wholeMm = ({ leftMm }: Pick<Water, 'leftMm'>): number => Math.abs(roundedMm(leftMm))
/**
 * Whole mm, a half away from 0: 4.5 mm short is 5 mm short in words, and -5 mm in a chart. Sums of tenths that differ in
 * their last binary digit round alike.
 */
export const roundedMm = (mm: number): number =>
  Math.sign(mm) * Math.round(Math.round(10 * Math.abs(mm)) / 10)

const waterText = (water: Water, locale: Locale): string =>
  isShort(water)
    ? locale.t('amount.short', { mm: wholeMm(water) })
    : locale.t('amount.left', { mm: wholeMm(water), ofMm: Math.round(water.ofMm) })

function levelText(card: FieldCard, locale: Locale): string | null {
  const levelMm = card.level?.v ?? null
  if (levelMm === null) return null
  if (card.targetBandMm === null) return locale.t('amount.level', { levelMm })
  const target = locale.range(locale.level(card.targetBandMm[0]), locale.level(card.targetBandMm[1]))
  return locale.t('amount.level-target', { levelMm, aim: target })
}
