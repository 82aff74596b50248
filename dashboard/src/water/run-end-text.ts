/** How a run ended, and what is still to be said of its condition on rain. */
import type { PlanView } from '../../../services/api/schemas.ts'
import type { Locale } from '../i18n/locale.ts'

type Run = PlanView['runs'][number]

/** The end of a run that gave less than planned: when, by whom, and how much of it. */
export function cutText({ cutAtMs, cutMm, cutBy, grossMm }: Run, locale: Locale): string {
  const end =
    cutBy === null
      ? locale.t('run.cut.at', { atMs: cutAtMs })
      : locale.t('run.cut.by', { atMs: cutAtMs, name: cutBy })
  return cutMm === null ? end : locale.t('run.cut.mm', { end, mm: cutMm, ofMm: grossMm })
}

/** A condition on rain holds for a run that has not started; afterwards only its outcome is of interest. */
export const isConditionShown = ({ rainSkip, state }: Run): boolean =>
  state === 'proposed' || state === 'approved' || (state !== 'cancelled' && rainSkip?.measuredMm != null)
