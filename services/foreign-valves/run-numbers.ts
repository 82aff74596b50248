/** Numbers of runs that no command of dispatch has: a test run, and a run that others have started. */
import type { ControllerDraft } from './controller-types.ts'

/** The next number of a valve, for a run without a command. */
export function useNumber(draft: ControllerDraft, valve: string): number {
  const { flash } = draft.device
  const seq = Math.max(flash.last[valve] ?? 0, draft.outputs[valve]!.valve.lastSeq) + 1
  draft.device = { ...draft.device, flash: { ...flash, last: { ...flash.last, [valve]: seq } } }
  draft.effects.push({ type: 'use-number', valve, seq })
  return seq
}
