/** When a planned run starts, and what its approval does: never a time that has passed. */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Locale } from './locale.ts'

interface PlannedRun {
  atMs: AtMs
  minutes: number
  state: string
}

/** Planned, and its time has come: an approval opens the valve at once. */
export const isDue = ({ atMs, state }: Omit<PlannedRun, 'minutes'>, nowMs: AtMs): boolean =>
  atMs <= nowMs && (state === 'proposed' || state === 'approved')

/** The start of a run; of one that is due, what it waits for. */
export function startText(run: Omit<PlannedRun, 'minutes'>, locale: Locale, nowMs: AtMs): string {
  if (!isDue(run, nowMs)) return locale.when(run.atMs)
  return locale.t(run.state === 'proposed' ? 'run.start.approval' : 'now')
}

/** What the approval of a run does, as the text of its button. */
export const approvalText = (run: PlannedRun, locale: Locale, nowMs: AtMs): string =>
  isDue(run, nowMs)
    ? locale.t('run.approve.now', { endMs: nowMs + run.minutes * MINUTE_MS })
    : locale.t('run.approve.at', { atMs: run.atMs })
