/**
 * A foreign valve as a pure machine: `(valve, event) -> valve and effects`. It lies beneath the device reducer
 * (broker/contract/valve-device, kind `timed`), whose output it is. The caller stores the returned valve before it
 * performs the effects, so an open leaves at most once, also over a crash in between.
 *
 * Time is `monoMs`, the server's monotonic clock.
 */
import { factKey, objectionTo } from './driver-admission.ts'
import { closeIdle, sendClose, startAsking, startClosing } from './driver-closing.ts'
import { applyDeadlines, nextWakeMonoMs } from './driver-deadlines.ts'
import { applyMessage } from './driver-messages.ts'
import { ask, beginRun, endUnopened, report, SLACK_MS, type DriverDraft } from './driver-phases.ts'
import type { DriverEvent, DriverSetup, DriverStepped, ForeignValve, OpenWanted } from './driver-state.ts'
import { stepsOf } from './plan-steps.ts'

/** Applies one event. */
export function reduceDriver(setup: DriverSetup, before: ForeignValve, event: DriverEvent): DriverStepped {
  const valve: ForeignValve = {
    ...before,
    // an event with an earlier time stamp than the last one must not set the clock back
    monoMs: event.type === 'restarted' ? event.monoMs : Math.max(before.monoMs, event.monoMs),
    facts: { ...before.facts },
    run: before.run && { ...before.run },
  }
  const draft: DriverDraft = { setup, valve, effects: [] }
  applyEvent(draft, event)
  applyDeadlines(draft)
  const atMonoMs = nextWakeMonoMs(draft)
  if (atMonoMs < Infinity) draft.effects.push({ type: 'wake', atMonoMs })
  return { valve, effects: draft.effects }
}

function applyEvent(draft: DriverDraft, event: DriverEvent): void {
  const { valve } = draft
  switch (event.type) {
    case 'open-wanted':
      return wantOpen(draft, event)
    case 'close-wanted':
      return wantClose(draft, event.why)
    case 'received': {
      const { topic, payload, isRetained } = event
      return applyMessage(draft, { from: { topic }, payload, isRetained })
    }
    case 'answered':
      if (event.body === null) return
      return applyMessage(draft, { from: { answerOf: event.url }, payload: event.body, isRetained: false })
    case 'flow':
      valve.still =
        event.litresPerMinute === 0
          ? { fromMonoMs: valve.still?.fromMonoMs ?? valve.monoMs, untilMonoMs: valve.monoMs }
          : null
      return
    case 'restarted':
      return restart(draft)
    case 'link':
      return event.isUp ? linkUp(draft) : linkDown(draft)
    case 'unlocked':
      valve.lock = null
      return
    case 'time-passed':
  }
}

function wantOpen(draft: DriverDraft, open: OpenWanted): void {
  const { setup, valve } = draft
  const objection = objectionTo(setup, valve, open)
  const isUsed = open.seq <= valve.lastSeq
  // a number is used up by its first wish, whatever becomes of it
  if (!isUsed) valve.lastSeq = open.seq
  if (objection) return report(draft, { is: 'not-opened', seq: open.seq, ...objection })
  const { seq, durMs, litres, commandId, notAfterMs } = open
  const intent = { op: 'open', seq, durMs, litres, requestId: 0, messageId: commandId, notAfterMs } as const
  const planned = stepsOf(setup.driver, setup.address, intent)
  if (!planned.ok)
    return report(draft, {
      is: 'not-opened',
      seq: open.seq,
      code: 'PLAN_REFUSED',
      params: { plan: planned.error.code },
    })
  beginRun(draft, { ...open, durMs: planned.value.runMs })
}

/** At the end of its duration the valve closes by itself: a close then would hide whether it did. */
function wantClose(draft: DriverDraft, why: 'command' | 'timer' | 'boot'): void {
  const { run, phase } = draft.valve
  if (run === null) return closeIdle(draft, why === 'command')
  if (phase === 'preparing') return endUnopened(draft, 'WITHDRAWN')
  if (why === 'timer' && phase !== 'asking') return
  if (phase === 'closing') return sendClose(draft, run)
  startClosing(draft, run)
}

/** What was in flight is unclear: it is never sent again, it is asked and closed. */
function restart(draft: DriverDraft): void {
  const { valve, setup } = draft
  const { run } = valve
  valve.isLinkUp = false
  valve.said = null
  valve.still = null
  valve.lateUntilMonoMs = 0
  dropFactsOfConnection(draft)
  if (run === null) return
  if (run.seq !== null && run.leftMonoMs === null) return endUnopened(draft, 'RESTARTED')
  if (run.seq === null && valve.phase === 'unordered') {
    valve.run = null
    valve.phase = 'idle'
    return
  }
  // nothing shows how long Tilth was away: every bound counts from now
  const openMs = setup.wakeMs === null ? 0 : 2 * setup.wakeMs
  const wasOpened = run.openedMonoMs !== null
  run.leftMonoMs = run.seq === null ? null : valve.monoMs
  run.openedMonoMs = wasOpened ? valve.monoMs : null
  if (run.latestMonoMs !== null) run.latestMonoMs = valve.monoMs + openMs + run.durMs + SLACK_MS
  run.mayResume = false
  run.closeMonoMs = run.boundUntilMonoMs = run.askMonoMs = null
  run.unclearSinceMonoMs = valve.monoMs
  run.isNotified = false
  valve.phase = valve.phase === 'closing' ? 'closing' : 'asking'
  run.untilMonoMs = null
}

function dropFactsOfConnection({ setup, valve }: DriverDraft): void {
  const { driver, address } = setup
  for (const requirement of driver.requirementsOf(address))
    if (!requirement.isOfDevice) delete valve.facts[factKey(requirement)]
}

function linkDown(draft: DriverDraft): void {
  const { valve } = draft
  valve.isLinkUp = false
  dropFactsOfConnection(draft)
  if (valve.phase === 'preparing') endUnopened(draft, 'LINK_DOWN')
}

function linkUp(draft: DriverDraft): void {
  const { valve } = draft
  if (valve.isLinkUp) return
  valve.isLinkUp = true
  const { run, phase } = valve
  if (run !== null && phase === 'asking') startAsking(draft, run)
  else if (run !== null && phase === 'closing') sendClose(draft, run)
  else ask(draft)
}
