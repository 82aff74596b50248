/**
 * The next run of an output: not before its pause is over, within its hours and its daily minutes. Pure. A run
 * that is no longer wanted is ended, or skipped.
 */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { minutesAllowed } from '../../domain/auxiliary-outputs.ts'
import { toJson, type AuxOutputRow, type AuxOutputRunRow } from '../../tables.ts'
import type { OutputVerdict } from './decide-output.ts'

export interface OutputRunChanges {
  insert: AuxOutputRunRow | null
  end: string[] // active
  skip: string[] // not started
}

const endMs = ({ fromMs, minutes }: AuxOutputRunRow): AtMs => fromMs + minutes * MINUTE_MS

/** `turns`: of the last day, in order. `lookAgainMs`: the time of the next evaluation. */
export function nextOutputRun(
  output: AuxOutputRow,
  turns: readonly AuxOutputRunRow[],
  { isWanted, key, params }: OutputVerdict,
  x: { nowMs: AtMs; lookAgainMs: AtMs; timeZone: string; usedMinutes: number; newId: () => string },
): OutputRunChanges {
  const due = turns.filter(({ state }) => state === 'due')
  const sentRuns = turns.filter(({ state }) => state === 'sent')
  const noChange = { insert: null, end: [], skip: [] }
  if (!isWanted) return { ...noChange, end: sentRuns.map(({ id }) => id), skip: due.map(({ id }) => id) }
  if (due.length > 0) return noChange
  const started = turns.filter(({ state }) => state !== 'skipped')
  const last = started.at(-1)
  const fromMs = Math.max(
    x.nowMs,
    last ? last.fromMs + output.everyMinutes * MINUTE_MS : 0,
    sentRuns.length > 0 ? Math.max(...sentRuns.map(endMs)) : 0,
  )
  if (fromMs >= x.lookAgainMs) return noChange
  const left = Math.floor(output.maxDailyMinutes - x.usedMinutes)
  const minutes = minutesAllowed(output, fromMs, x.timeZone, Math.min(output.onMinutes, left))
  if (minutes < 1) return noChange
  const { org, farmId, fieldId } = output
  return {
    ...noChange,
    insert: {
      id: x.newId(),
      org,
      farmId,
      fieldId,
      outputId: output.id,
      fromMs,
      minutes,
      state: 'due',
      reason: toJson({ key, params }),
      commandId: null,
      ranMs: null,
      endReason: null,
    },
  }
}

/** Minutes since an instant that an output was on, or may have been: unknown durations count in full. */
export const usedMinutes = (turns: readonly AuxOutputRunRow[], sinceMs: AtMs): number =>
  turns
    .filter(({ state, fromMs }) => state !== 'skipped' && fromMs >= sinceMs)
    .reduce((sum, { minutes, ranMs }) => sum + (ranMs === null ? minutes : ranMs / MINUTE_MS), 0)
