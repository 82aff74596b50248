/** Yield bases as text, and parsed from text that a person entered. */
import type { LoadForm } from '../../tables.ts'
import type { YieldBasis } from '../yields/yield-bases.ts'

export type Lang = 'en' | 'ja'

export const formText: Record<LoadForm, Record<Lang, string>> = {
  grain: { en: 'grain', ja: '子実' },
  'rough-rice': { en: 'rough rice', ja: '籾' },
  'brown-rice': { en: 'brown rice', ja: '玄米' },
  fresh: { en: 'as weighed', ja: '計量時の重さ' },
}

/** 'brown rice, 15 % moisture, 1.85 mm sieve'. */
export function basisText(
  { form, moisturePct }: Pick<YieldBasis, 'form' | 'moisturePct'>,
  sieveMm: number | null,
  lang: Lang,
): string {
  const ja = lang === 'ja'
  return [
    formText[form][lang],
    ...(moisturePct === null ? [] : [ja ? `水分${moisturePct}%` : `${moisturePct} % moisture`]),
    ...(sieveMm === null ? [] : [ja ? `ふるい目${sieveMm}mm` : `${sieveMm} mm sieve`]),
  ].join(ja ? '・' : ', ')
}

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
