/** Parses the yield basis that a person entered as text. */
import type { LoadForm } from '../../tables.ts'

const NUMBER = '(\\d{1,2}(?:[.,]\\d+)?)'
// the number next to the word: a share of broken grains is not a moisture
const MOISTURE = new RegExp(
  `${NUMBER}\\s*%\\s*(?:moisture|H2O)|(?:moisture|水分)\\s*[:：]?\\s*${NUMBER}\\s*%`,
  'i',
)
const SIEVE = new RegExp(`${NUMBER}\\s*mm`, 'i')

export interface StatedBasis {
  form: LoadForm
  moisturePct: number
  sieveMm: number | null
}

/** Parses an entered basis; null without a moisture, since nothing can be compared then. */
export function readBasis(text: string, crop: string): StatedBasis | null {
  const half = text.normalize('NFKC')
  const [, before, after] = MOISTURE.exec(half) ?? []
  const moisture = before ?? after
  if (moisture === undefined) return null
  const form = formIn(half, crop)
  const sieve = SIEVE.exec(half)?.[1]
  if (form === null) return null
  return { form, moisturePct: numberOf(moisture), sieveMm: sieve === undefined ? null : numberOf(sieve) }
}

function formIn(text: string, crop: string): LoadForm | null {
  if (crop !== 'rice') return 'grain'
  if (/brown|玄米/i.test(text)) return 'brown-rice'
  return /rough|paddy|籾|もみ/i.test(text) ? 'rough-rice' : null
}

const numberOf = (text: string): number => Number(text.replace(',', '.'))
