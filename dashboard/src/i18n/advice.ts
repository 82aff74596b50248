/**
 * A decision in plain sentences: action, amount and time, then the reasons. Built only from the stored decision, so
 * that it never states more than the decision.
 */
import type { DecisionView } from '../../../services/api/schemas.ts'
import { earlyFillText } from './paddy-texts.ts'
import type { Param } from './types.ts'
import type { Locale } from './locale.ts'

type Decision = Pick<DecisionView, 'verdict' | 'terms'>
type Term = DecisionView['terms'][number]

/** Rain or crop use below this amount is not mentioned, mm. */
const DRY_MM = 0.5
/** Verdicts whose own text covers the rain, or to which rain does not matter. */
const verdictsOnRain =
  /^(rain-coming|watering|withheld|paddy-(storm|drain|board|locked|final|wet|leak)|needs-|fallback|cannot)/
const verdictsOnLevel = /^paddy-(ok|soon|wet|board|leak|drainage|final|storm)/

/** The sentences in order; a decision of a newer server may have only the last. */
export function adviceOf({ verdict, terms }: Decision, locale: Locale): string[] {
  const find = (key: string): Term | null => terms.find((term) => term.key === key) ?? null
  const advice =
    locale.messageOrNull('advice', verdict.key, verdict.params) ??
    locale.messageOrNull('line', verdict.key, verdict.params)
  return [
    advice,
    verdict.key === 'cannot-judge'
      ? null
      : leftOf(find('available-now'), find('crop-use'), verdict.params.dueMs, locale),
    verdictsOnLevel.test(verdict.key) ? null : levelOf(find('level-now'), locale),
    verdictsOnRain.test(verdict.key) ? null : rainOf(find('rain-expected'), locale),
  ].filter((sentence) => sentence !== null)
}

/**
 * What a planned run fills, from where to where and of how much, and why a paddy is filled whose level is not low yet: as
 * stored. A decision of an older server has neither.
 */
export function fillOf({ verdict, terms }: Decision, locale: Locale): string[] {
  const params = terms.find(({ key }) => key === 'depth' || key === 'fill')?.params ?? {}
  const { fromMm, toMm } = params
  const isKnown = typeof fromMm === 'number' && typeof toMm === 'number'
  return [isKnown ? fillText({ fromMm, toMm }, params, locale) : null, earlyFillText(verdict, locale)].filter(
    (sentence) => sentence !== null,
  )
}

function fillText(
  { fromMm, toMm }: { fromMm: number; toMm: number },
  params: NonNullable<Term['params']>,
  locale: Locale,
): string {
  if (params.ofMm === undefined) return locale.t('why.fills.level', params)
  // of a run that a limit has cut
  if (toMm < 0) return locale.t('why.fills.still-short', { shortMm: -fromMm, leftMm: -toMm })
  return fromMm < 0
    ? locale.t('why.fills.short', { ...params, shortMm: -fromMm })
    : locale.t('why.fills', params)
}

function leftOf(left: Term | null, use: Term | null, dueMs: Param, locale: Locale): string | null {
  if (left?.mm == null) return null
  if (left.mm < 0) return locale.t('why.short', { mm: -left.mm })
  if (typeof dueMs === 'number') return locale.t('why.lasts', { mm: left.mm, dueMs })
  if (use?.mm == null || use.mm > -DRY_MM) return null
  return locale.t('why.left', { mm: left.mm, useMm: -use.mm, ...use.params })
}

const levelOf = (level: Term | null, locale: Locale): string | null =>
  level?.params?.loMm == null ? null : locale.t('why.level', level.params)

function rainOf(rain: Term | null, locale: Locale): string | null {
  if (!rain) return null
  const { mm, lo, hi } = rain
  if (mm === null || lo === undefined || hi === undefined) return locale.t('why.rain-unknown')
  if (hi < DRY_MM) return locale.t('why.dry')
  return mm < DRY_MM
    ? locale.t('why.rain', { hiMm: hi })
    : locale.t('why.rain-counted', { loMm: lo, hiMm: hi, mm })
}
