/** What happens to a foreign valve because time has passed, and when it needs the time again. */
import {
  finish,
  lock,
  nextCloseMonoMs,
  sendClose,
  startAsking,
  startClosing,
  notifyMonoMs,
} from './driver-closing.ts'
import {
  ask,
  continueRun,
  endUnopened,
  planOf,
  planOfRun,
  report,
  stepsOfRun,
  withdraw,
  type DriverDraft,
} from './driver-phases.ts'
import type { DriverRun } from './driver-state.ts'

/** A meter proves a closing after this time at 0. */
const STILL_MS = 60_000

const isDue = (draft: DriverDraft, atMonoMs: number | null): boolean =>
  atMonoMs !== null && draft.valve.monoMs >= atMonoMs

/** Performs everything that is due. */
export function applyDeadlines(draft: DriverDraft): void {
  // a deadline may begin a phase whose own deadline is later: each phase is left at most once
  for (let run = draft.valve.run; run !== null;) {
    const { phase } = draft.valve
    applyOfPhase(draft, run)
    if (draft.valve.phase === phase || draft.valve.run === null) return
    run = draft.valve.run
  }
}

function applyOfPhase(draft: DriverDraft, run: DriverRun): void {
  const { phase, isLinkUp, monoMs } = draft.valve
  switch (phase) {
    case 'preparing':
      if (isDue(draft, run.waitUntilMonoMs)) missAnswer(draft, run)
      return
    case 'opening':
      if (!run.isWithdrawn && isLinkUp && monoMs > run.expMonoMs) withdraw(draft, run)
      if (isDue(draft, run.untilMonoMs)) startAsking(draft, run)
      else askWhenDue(draft, run)
      return
    case 'running':
      if (run.bound !== 'proved' && isDue(draft, run.boundUntilMonoMs)) {
        lock(draft, run.bound === 'differs' ? 'BOUND_DIFFERS' : 'BOUND_UNREAD')
        startClosing(draft, run)
      } else if (isDue(draft, run.untilMonoMs)) startClosing(draft, run)
      else askWhenDue(draft, run)
      return
    case 'asking':
      tellWhenDue(draft, run)
      if (isDue(draft, run.untilMonoMs)) startClosing(draft, run)
      return
    case 'closing':
      return applyOfClosing(draft, run)
    case 'unordered':
      if (isDue(draft, run.untilMonoMs)) startClosing(draft, run)
      else askWhenDue(draft, run)
      return
    case 'idle':
  }
}

/** Without its read-back nothing opens. */
function missAnswer(draft: DriverDraft, run: DriverRun): void {
  const plan = planOfRun(draft.setup, run)
  const step = stepsOfRun(plan)[run.step]
  if (step?.type === 'wait' && step.isOptional) return continueRun(draft, run)
  if (run.step < plan.before.length) return endUnopened(draft, 'BUSY')
  if (run.hasWaitDiffered) lock(draft, 'READ_BACK_DIFFERS')
  endUnopened(draft, 'NO_READ_BACK')
}

function askWhenDue(draft: DriverDraft, run: DriverRun): void {
  if (!isDue(draft, run.askMonoMs)) return
  const { pollEveryMs } = draft.setup.driver
  run.askMonoMs = pollEveryMs === null ? null : draft.valve.monoMs + pollEveryMs
  ask(draft)
}

function tellWhenDue(draft: DriverDraft, run: DriverRun): void {
  if (run.isNotified || !isDue(draft, notifyMonoMs(draft, run))) return
  run.isNotified = true
  report(draft, { is: 'unproved', seq: run.seq, latestMonoMs: run.latestMonoMs })
}

function applyOfClosing(draft: DriverDraft, run: DriverRun): void {
  const proof = proofByTime(draft, run)
  if (proof !== null) return finish(draft, run, proof, proof === 'P3' ? 'command' : 'time')
  tellWhenDue(draft, run)
  if (isDue(draft, nextCloseMonoMs(draft, run))) sendClose(draft, run)
}

/** The meter's proof; or time alone, for a valve that can be asked nothing and has not said that it is open. */
function proofByTime(draft: DriverDraft, run: DriverRun): 'P3' | 'P0' | null {
  const { still, said, monoMs } = draft.valve
  if (draft.setup.hasMeter && still !== null && run.closeRequestId !== null && !run.hasSaidOpenSinceClose) {
    const fromMonoMs = Math.max(still.fromMonoMs, run.unclearSinceMonoMs ?? still.fromMonoMs)
    if (still.untilMonoMs - fromMonoMs >= STILL_MS) return 'P3'
  }
  const { bound, closesOnlyOpen } = draft.setup.driver
  const isMute = planOf(draft, 'query', 0) === null && (closesOnlyOpen || said === 'closed')
  const isOver = run.latestMonoMs !== null && monoMs >= run.latestMonoMs
  return isMute && bound?.isTrusted === true && said !== 'open' && isOver ? 'P0' : null
}

/** When the valve needs its next `time-passed`; Infinity: never. */
export function nextWakeMonoMs(draft: DriverDraft): number {
  const { run, phase, isLinkUp, monoMs } = draft.valve
  if (run === null) return Infinity
  const isUnclear = phase === 'asking' || phase === 'closing'
  const due = [
    phase === 'preparing' ? run.waitUntilMonoMs : null,
    run.untilMonoMs,
    run.askMonoMs,
    run.bound === 'proved' ? null : run.boundUntilMonoMs,
    phase === 'opening' && !run.isWithdrawn && isLinkUp ? run.expMonoMs + 1 : null,
    isUnclear && !run.isNotified ? notifyMonoMs(draft, run) : null,
    phase === 'closing' ? nextCloseMonoMs(draft, run) : null,
    phase === 'closing' && monoMs < (run.latestMonoMs ?? 0) ? run.latestMonoMs : null,
  ].filter((atMonoMs) => atMonoMs !== null)
  return Math.min(Infinity, ...due.map((atMonoMs) => Math.max(atMonoMs, monoMs + 1)))
}
