/** What a foreign valve's messages change: facts first, then its own word, then the answers to the run. */
import { factIn, factKey } from './driver-admission.ts'
import { finish, lock, sendClose, startClosing, startUnordered } from './driver-closing.ts'
import { boundIn, isClosedBy, meaningIn, outcomeOf, wordIn, type Received } from './driver-evidence.ts'
import {
  ask,
  continueRun,
  endUnopened,
  markOpened,
  planOf,
  planOfRun,
  startRunning,
  stepsOfRun,
  type DriverDraft,
} from './driver-phases.ts'
import type { DriverRun, DriverSetup } from './driver-state.ts'
import { stepsOf } from './plan-steps.ts'

/** A message or an answer. */
export function applyMessage(draft: DriverDraft, received: Received): void {
  const { setup, valve } = draft
  for (const requirement of setup.driver.requirementsOf(setup.address)) {
    if (!('topic' in received.from) || received.from.topic !== requirement.topic) continue
    const fact = factIn(requirement, received.payload)
    if (fact !== null) valve.facts[factKey(requirement)] = fact
  }
  const word = wordIn(setup, received)
  const { run } = valve
  // a close waits for the uplink of a class A valve
  const uplinkTopic = setup.driver.uplinkTopic(setup.address)
  const isUplink = 'topic' in received.from && received.from.topic === uplinkTopic && !received.isRetained
  if (run === null) {
    readBoundOfIdle(draft, received)
    valve.said = word ?? valve.said
    if (word === 'open') startUnordered(draft)
    return
  }
  if (received.isRetained) {
    // kept by the broker from an unknown time: it proves nothing of this run
    valve.said = word ?? valve.said
    return
  }
  applyToRun(draft, run, received, word)
  if (valve.run === run && valve.phase === 'closing' && setup.wakeMs !== null && isUplink)
    sendClose(draft, run)
}

/** The duration that the valve repeats before a run. */
function readBoundOfIdle({ setup, valve }: DriverDraft, received: Received): void {
  const { driver, address } = setup
  if (driver.bound === null) return
  const intent = { op: 'open', seq: 1, durMs: driver.bound.minMs, litres: null } as const
  const planned = stepsOf(driver, address, { ...intent, requestId: 0, messageId: '', notAfterMs: 0 })
  if (planned.ok) valve.boundWord = boundIn(planned.value, received).word ?? valve.boundWord
}

function applyToRun(
  draft: DriverDraft,
  run: DriverRun,
  received: Received,
  word: 'open' | 'closed' | null,
): void {
  const { setup, valve } = draft
  const plan = run.seq === null ? null : planOfRun(setup, run)
  const meaning = plan && run.leftMonoMs !== null ? meaningIn(plan, received) : null
  const isOpen = meaning === 'running' || meaning === 'was-open' || word === 'open'
  if (valve.phase !== 'preparing') valve.said = isOpen ? 'open' : (word ?? valve.said)
  switch (valve.phase) {
    case 'preparing':
      return applyToPreparing(draft, run, received, word)
    case 'opening':
      if (meaning === 'was-open') return startClosing(draft, run)
      if (meaning === 'rejected') {
        endUnopened(draft, 'REJECTED')
        ask(draft)
        return
      }
      if (isOpen) startRunning(draft, run)
      break
    case 'asking':
      // a valve that reports closed may still get an open that is on its way
      if (isOpen && run.mayResume) startRunning(draft, run)
      else if (isOpen || word === 'closed') startClosing(draft, run)
      break
    case 'running':
      if (word === 'closed') return closedByItself(draft, run)
      break
    case 'unordered':
      if (word === 'closed') return finish(draft, run, 'P2', 'itself')
      break
    case 'closing':
      return applyToClosing(draft, run, received, isOpen, word)
    case 'idle':
  }
  if (plan) compareBound(draft, run, boundIn(plan, received))
}

function applyToPreparing(
  draft: DriverDraft,
  run: DriverRun,
  received: Received,
  word: 'open' | 'closed' | null,
): void {
  if (word === 'open') {
    endUnopened(draft, 'BUSY')
    return startUnordered(draft)
  }
  const step = stepsOfRun(planOfRun(draft.setup, run))[run.step]
  if (step?.type !== 'wait') return
  const outcome = outcomeOf(step.message, received)
  if (outcome === 'matches') return continueRun(draft, run)
  if (outcome === 'differs') run.hasWaitDiffered = true
}

/** The word of a weak make is no proof where a meter can give one. */
const needsMeter = ({ driver, hasMeter }: DriverSetup): boolean =>
  driver.bound?.isTrusted === false && hasMeter

function closedByItself(draft: DriverDraft, run: DriverRun): void {
  if (needsMeter(draft.setup)) return startClosing(draft, run)
  finish(draft, run, 'P2', 'itself')
}

function applyToClosing(
  draft: DriverDraft,
  run: DriverRun,
  received: Received,
  isOpen: boolean,
  word: 'open' | 'closed' | null,
): void {
  if (isOpen) {
    run.hasSaidOpenSinceClose = true
    markOpened(draft, run)
    return
  }
  // only what comes after a close answers it
  if (run.closeRequestId === null && !draft.setup.driver.closesOnlyOpen) return
  const plan = planOf(draft, 'close', run.closeRequestId ?? 0)
  const meaning = plan && meaningIn(plan, received)
  const isAnswer = plan !== null && (isClosedBy(plan, received) || meaning === 'closed' || meaning === 'idle')
  if (!isAnswer && word !== 'closed') return
  draft.valve.said = 'closed'
  if (needsMeter(draft.setup)) return
  if (run.closeRequestId === null) finish(draft, run, 'P2', 'itself')
  else finish(draft, run, 'P1', 'command')
}

/** A duration that the device repeats, other than the one that it was sent: closed at once. */
function compareBound(draft: DriverDraft, run: DriverRun, read: ReturnType<typeof boundIn>): void {
  const { valve } = draft
  valve.boundWord = read.word ?? valve.boundWord
  if (read.outcome === 'matches') run.bound = 'proved'
  if (read.outcome !== 'differs' || run.bound === 'proved' || run.leftMonoMs === null) return
  run.bound = 'differs'
  if (read.word === run.boundBefore) return
  lock(draft, 'BOUND_DIFFERS')
  startClosing(draft, run)
}
