/** How a run on a foreign valve ends: what is unclear is asked, then closed until it is proved, and a person is notified. */
import type { ProofGrade } from './driver-types.ts'
import {
  ask,
  emptyRun,
  NEVER_MS,
  planOf,
  pollAfter,
  report,
  sendRequest,
  SLACK_MS,
  slackMs,
  type DriverDraft,
} from './driver-phases.ts'
import type { DriverRun, DriverSetup, LockReason } from './driver-state.ts'
import { CLOSE_EVERY_MS } from './plan-parts.ts'
import { stepsOf } from './plan-steps.ts'

const ASK_MS = 5_000
/** A person is notified after this time of closing without a proof. */
const TELL_MS = 120_000
const CLOSE_EVERY_WHEN_TOLD_MS = 60_000
/** An open that was never answered may still be on its way. */
const LATE_MS = 600_000

/** Unclear: asked once, then closed. */
export function startAsking(draft: DriverDraft, run: DriverRun): void {
  const { valve } = draft
  run.unclearSinceMonoMs ??= valve.monoMs
  valve.phase = 'asking'
  run.askMonoMs = null
  run.untilMonoMs = valve.monoMs + ASK_MS
  if (!ask(draft) && valve.isLinkUp) startClosing(draft, run)
}

/** Closes until it is proved. */
export function startClosing(draft: DriverDraft, run: DriverRun): void {
  run.unclearSinceMonoMs ??= draft.valve.monoMs
  run.boundUntilMonoMs = run.untilMonoMs = run.askMonoMs = null
  draft.valve.phase = 'closing'
  sendClose(draft, run)
}

/** Sends a close; one that would do harm to a closed valve only after its word that it is open. */
export function sendClose(draft: DriverDraft, run: DriverRun): void {
  const { setup, valve } = draft
  if (!valve.isLinkUp) return
  const isRepeat = run.closeMonoMs !== null
  run.closeMonoMs = valve.monoMs
  if (setup.driver.closesOnlyOpen && valve.said !== 'open') return
  sendRequest(draft, 'close')
  run.closeRequestId = valve.requestId
  run.hasSaidOpenSinceClose = false
  // a valve that is closed already may not answer a close
  if (isRepeat) ask(draft)
}

/** When the close is sent again; null: at the next uplink. */
export function nextCloseMonoMs({ setup, valve }: DriverDraft, run: DriverRun): number | null {
  if (!valve.isLinkUp || setup.wakeMs !== null) return null
  if (run.closeMonoMs === null) return valve.monoMs
  const everyMs = run.isNotified
    ? CLOSE_EVERY_WHEN_TOLD_MS
    : (planOf({ setup, valve, effects: [] }, 'close', 0)?.repeatEveryMs ?? CLOSE_EVERY_MS)
  return run.closeMonoMs + everyMs
}

/** When a person is notified that the closing is not proved. */
export const notifyMonoMs = ({ setup }: DriverDraft, run: DriverRun): number =>
  (run.unclearSinceMonoMs ?? 0) + TELL_MS + 2 * (setup.wakeMs ?? 0)

/** The closing is proved. */
export function finish(
  draft: DriverDraft,
  run: DriverRun,
  proof: ProofGrade,
  by: 'itself' | 'command' | 'time',
): void {
  const { valve } = draft
  report(draft, { is: 'closed', seq: run.seq, proof, by, ranMs: ranAtMostMs(draft, run) })
  if (run.openedMonoMs === null && run.seq !== null) valve.lateUntilMonoMs = valve.monoMs + LATE_MS
  valve.said = 'closed'
  valve.run = null
  valve.phase = 'idle'
}

/** The longest that it can have run: by the device's bound where it is trusted, else until now. */
function ranAtMostMs({ setup, valve }: DriverDraft, run: DriverRun): number {
  const sinceMs = valve.monoMs - (run.leftMonoMs ?? run.openedMonoMs ?? valve.monoMs)
  if (run.seq === null) return sinceMs
  const boundMs = run.durMs + SLACK_MS
  if (!run.mayResume) return boundMs
  return setup.driver.bound?.isTrusted === true ? Math.min(sinceMs, boundMs) : sinceMs
}

/** A duration that the device does not keep: closed, and nothing opens until a person has looked at it. */
export function lock(draft: DriverDraft, reason: LockReason): void {
  draft.valve.lock = reason
  report(draft, { is: 'locked', reason })
}

/** A valve that others have opened: left and counted within a known bound, else closed. */
export function startUnordered(draft: DriverDraft): void {
  const { setup, valve } = draft
  const boundMs = othersBoundMs(setup)
  const isLate = valve.monoMs < valve.lateUntilMonoMs
  const durMs = boundMs ?? 0
  const run: DriverRun = {
    ...emptyRun,
    commandId: valve.commandId,
    durMs,
    openedMonoMs: valve.monoMs,
    askMonoMs: pollAfter(setup, valve),
    untilMonoMs: valve.monoMs + durMs + slackMs(setup),
    latestMonoMs: boundMs === null ? null : valve.monoMs + durMs + SLACK_MS,
  }
  valve.run = run
  valve.phase = 'unordered'
  const isClosing = boundMs === null || isLate
  report(draft, { is: 'unordered', isClosing })
  if (isClosing) startClosing(draft, run)
}

/** The bound of what others start: in the device by itself, or once it was set up. */
function othersBoundMs({ driver, address, isSetUp }: DriverSetup): number | null {
  const setup = { op: 'setup', capMs: 0, requestId: 0, messageId: '', notAfterMs: NEVER_MS } as const
  const needsSetup = stepsOf(driver, address, setup).ok
  return needsSetup && !isSetUp ? null : driver.othersBoundMs
}

/** Closes a valve that nobody has opened, as far as is known: once when it reports closed, else until it is proved. */
export function closeIdle(draft: DriverDraft, isProofWanted: boolean): void {
  const { setup, valve } = draft
  if (isProofWanted && valve.said !== 'closed') {
    const boundMs = othersBoundMs(setup)
    const latestMonoMs = boundMs === null ? null : valve.monoMs + boundMs + slackMs(setup)
    valve.run = { ...emptyRun, commandId: valve.commandId, openedMonoMs: valve.monoMs, latestMonoMs }
    return startClosing(draft, valve.run)
  }
  if (setup.driver.closesOnlyOpen || !valve.isLinkUp) return
  sendRequest(draft, 'close')
  ask(draft)
}
