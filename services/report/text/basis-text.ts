/** Yield bases as text. */
import type { LoadForm } from '../../tables.ts'
import type { YieldBasis } from '../../domain/yield/yield-bases.ts'
import type { Lang } from './lang.ts'
import type { SeasonYield } from '../../domain/yield/season-yield.ts'

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

/** The yield with its basis as text; an entered yield as it was entered. */
export function statedYield(harvest: SeasonYield, lang: Lang): { kg: number | null; basis: string | null } {
  if (harvest.entered) return harvest.entered
  return {
    kg: harvest.kg,
    basis: harvest.from === null ? null : basisText(harvest.basis, harvest.sieveMm, lang),
  }
}
