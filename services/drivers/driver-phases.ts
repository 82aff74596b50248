/** How a run on a foreign valve opens: its steps in order, the open once, and running only by the valve's own word. */
import type { DriverIntent, DriverPlan, DriverStep, SendStep } from './driver-types.ts'
import type {
  DriverEffect,
  DriverReport,
  DriverRun,
  DriverSetup,
  ForeignValve,
  OpenWanted,
} from './driver-state.ts'
import type { NotOpenedCode } from './message-keys.ts'
import { plan } from './plan-parts.ts'
import { stepsOf } from './plan-steps.ts'

/** How much later than its duration a valve may say that it is closed. */
export const SLACK_MS = 60_000
/** An answer without a stated time. */
const ANSWER_MS = 15_000
/** Only an open expires: any other request may come late. */
export const NEVER_MS = Date.UTC(2100, 0, 1)

/** A copy of the valve that one event may change, with its effects. */
export interface DriverDraft {
  setup: DriverSetup
  valve: ForeignValve
  effects: DriverEffect[]
}

export const report = ({ effects }: DriverDraft, what: DriverReport): void =>
  void effects.push({ type: 'report', report: what })
const send = ({ effects }: DriverDraft, step: SendStep): void => void effects.push({ type: 'send', step })

/** A run of which nothing has happened. */
export const emptyRun: DriverRun = {
  seq: null,
  commandId: '',
  durMs: 0,
  litres: null,
  requestId: 0,
  notAfterMs: NEVER_MS,
  expMonoMs: 0,
  step: 0,
  waitUntilMonoMs: null,
  hasWaitDiffered: false,
  leftMonoMs: null,
  openedMonoMs: null,
  isWithdrawn: false,
  mayResume: true,
  untilMonoMs: null,
  askMonoMs: null,
  latestMonoMs: null,
  bound: 'unread',
  boundBefore: null,
  boundUntilMonoMs: null,
  unclearSinceMonoMs: null,
  isNotified: false,
  closeRequestId: null,
  closeMonoMs: null,
  hasSaidOpenSinceClose: false,
}

/** What the valve may still need after its time: a class A valve speaks twice before it is late. */
export const slackMs = ({ wakeMs }: DriverSetup): number => SLACK_MS + 2 * (wakeMs ?? 0)

/** The plan of a run: it was granted when the run began. A driver that has changed since then has none of its answers. */
export function planOfRun({ driver, address }: DriverSetup, run: DriverRun): DriverPlan {
  const { seq, durMs, litres, requestId, commandId, notAfterMs } = run
  const intent = {
    op: 'open',
    seq: seq ?? 0,
    durMs,
    litres,
    requestId,
    messageId: commandId,
    notAfterMs,
  } as const
  const planned = stepsOf(driver, address, intent)
  return planned.ok ? planned.value : plan([])
}

/** The plan of a request that opens nothing; null: the driver has no such request. */
export function planOf(
  { setup, valve }: DriverDraft,
  op: 'close' | 'query' | 'withdraw',
  requestId: number,
): DriverPlan | null {
  const messageId = messageIdOf(valve.run?.commandId ?? valve.commandId, requestId)
  const intent: DriverIntent = { op, requestId, messageId, notAfterMs: NEVER_MS }
  const planned = stepsOf(setup.driver, setup.address, intent)
  return planned.ok ? planned.value : null
}

/** A UUID for each message of a command: a network server refuses one that it has. */
const messageIdOf = (commandId: string, requestId: number): string =>
  commandId.slice(0, 24) + requestId.toString(16).padStart(12, '0')

/** Sends a request that opens nothing, under a number of its own; false: the driver has none. */
export function sendRequest(draft: DriverDraft, op: 'close' | 'query' | 'withdraw'): boolean {
  draft.valve.requestId += 1
  const planned = planOf(draft, op, draft.valve.requestId)
  for (const step of planned?.steps ?? []) if (step.type !== 'wait') send(draft, step)
  return planned !== null
}

/** Begins a run that was let through. */
export function beginRun(draft: DriverDraft, open: OpenWanted): void {
  const { valve } = draft
  valve.requestId += 1
  valve.commandId = open.commandId
  valve.phase = 'preparing'
  valve.run = {
    ...emptyRun,
    seq: open.seq,
    commandId: open.commandId,
    durMs: open.durMs,
    litres: open.litres,
    requestId: valve.requestId,
    notAfterMs: open.notAfterMs,
    expMonoMs: open.expMonoMs,
    boundBefore: valve.boundWord,
  }
  takeSteps(draft, valve.run)
}

/** Every step of a run in order: the questions before it, then its messages. */
export const stepsOfRun = ({ before, steps }: DriverPlan): readonly DriverStep[] => [...before, ...steps]

/** Sends until a step waits. The opening step leaves only now, never again, and not after the command's expiry. */
export function takeSteps(draft: DriverDraft, run: DriverRun): void {
  const { setup, valve } = draft
  const planned = planOfRun(setup, run)
  const steps = stepsOfRun(planned)
  for (let step = steps[run.step]; step !== undefined; step = steps[run.step]) {
    if (step.type === 'wait') {
      run.waitUntilMonoMs = valve.monoMs + step.withinMs
      return
    }
    if (step.isOpening && valve.monoMs > run.expMonoMs) return endUnopened(draft, 'EXPIRED')
    run.step += 1
    if (step.isOpening) markLeft(draft, run, planned)
    send(draft, step)
  }
}

function markLeft({ setup, valve }: DriverDraft, run: DriverRun, planned: DriverPlan): void {
  const answers = planned.acknowledgements.filter(({ means }) => means === 'running')
  const answerMs = Math.max(0, ...answers.map(({ withinMs }) => withinMs ?? ANSWER_MS))
  valve.phase = 'opening'
  valve.said = null
  run.leftMonoMs = valve.monoMs
  run.untilMonoMs = valve.monoMs + (setup.wakeMs === null ? answerMs : slackMs(setup))
  run.latestMonoMs = run.untilMonoMs + run.durMs + SLACK_MS
  run.askMonoMs = pollAfter(setup, valve)
}

/** When it is asked next, where it reports nothing by itself. */
export const pollAfter = ({ driver }: DriverSetup, { monoMs }: ForeignValve): number | null =>
  driver.pollEveryMs === null ? null : monoMs + driver.pollEveryMs

/** The awaited answer has come, or may be missing. */
export function continueRun(draft: DriverDraft, run: DriverRun): void {
  run.step += 1
  run.waitUntilMonoMs = null
  run.hasWaitDiffered = false
  takeSteps(draft, run)
}

/** Ends a run of which nothing flowed. */
export function endUnopened(draft: DriverDraft, code: NotOpenedCode): void {
  const { valve } = draft
  report(draft, { is: 'not-opened', seq: valve.run?.seq ?? valve.lastSeq, code, params: {} })
  valve.run = null
  valve.phase = 'idle'
}

/** The valve has said that it is open. */
export function startRunning(draft: DriverDraft, run: DriverRun): void {
  const { setup, valve } = draft
  const planned = planOfRun(setup, run)
  markOpened(draft, run)
  valve.phase = 'running'
  run.unclearSinceMonoMs = null
  run.isNotified = false
  run.untilMonoMs = valve.monoMs + run.durMs + slackMs(setup)
  const [proof] = planned.boundProofs
  const closedWithinMs = planned.closedProofs[0]?.withinMs ?? null
  run.askMonoMs = pollAfter(setup, valve) ?? (closedWithinMs === null ? null : valve.monoMs + closedWithinMs)
  if (proof === undefined || run.bound === 'proved') return
  run.boundUntilMonoMs = valve.monoMs + proof.withinMs
  ask(draft)
}

/** Reports the opening, once. */
export function markOpened(draft: DriverDraft, run: DriverRun): void {
  if (run.openedMonoMs !== null || run.seq === null) return
  run.openedMonoMs = draft.valve.monoMs
  run.latestMonoMs = draft.valve.monoMs + run.durMs + SLACK_MS
  report(draft, { is: 'opened', seq: run.seq, durMs: run.durMs })
}

/** Asks the valve for its state, where it can be asked. */
export function ask(draft: DriverDraft): boolean {
  const { setup, valve } = draft
  return setup.wakeMs === null && valve.isLinkUp && sendRequest(draft, 'query')
}

/** Withdraws an open that a network server still holds. */
export function withdraw(draft: DriverDraft, run: DriverRun): void {
  run.isWithdrawn = true
  sendRequest(draft, 'withdraw')
}
