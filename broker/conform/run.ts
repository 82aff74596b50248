/** One run of conform: tests every rule on the controller in order, each with all valves closed at the start. */
import { type Clock, MINUTE_MS, SECOND_MS } from '../contract/time.ts'
import { createBench, timing, type Bench, type BenchOptions } from './bench.ts'
import { createResultLog, type RuleResult } from './results.ts'
import { passiveRules, groups } from './trials.ts'
import type { Violation } from './checks/unsolicited.ts'
import type { Trial } from './trial.ts'
import { ruleFailed, ruleSkipped } from './verdict.ts'

export interface RunOptions extends BenchOptions {
  clock: Clock
  /** Rules or groups; empty: all. */
  only: readonly string[]
  /** The actions that the person agreed to do. */
  actions: { 'power-cut': boolean; fault: boolean }
  /** Called with the result of each rule. */
  onResult(entry: RuleResult): void
  /** How long to wait for the controller, ms. */
  waitMs: number
}

export interface Outcome {
  results: readonly RuleResult[]
  /** null: all rules were processed */
  endReason: string | null
}

/** Runs the selected rules; rejects only on an error of conform itself. */
export async function runConform(options: RunOptions): Promise<Outcome> {
  const bench = createBench(options)
  const log = createResultLog(options.onResult)
  const coverage = applyPassiveRules(bench, (rule, requirement, error) =>
    log.record(rule, requirement, error),
  )
  await bench.configure()
  let endReason = await waitForHello(bench, options.waitMs)
  if (endReason === null) await closeEverything(bench)
  for (const { name, trials } of groups())
    for (const trial of trials) {
      const isSelected =
        options.only.length === 0 || options.only.includes(name) || options.only.includes(trial.rule)
      try {
        if (!isSelected) continue
        if (endReason !== null) throw ruleSkipped(endReason)
        skipIfNotApplicable(bench, trial, options.actions)
        endReason = await waitUntilReady(bench)
        if (endReason !== null) throw ruleFailed(endReason, 'a controller that is there')
        await trial.run(bench)
        log.pass(trial.rule, trial.requirement)
      } catch (error) {
        log.record(trial.rule, trial.requirement, error)
      }
      if (endReason === null && !bench.view.isGone) endReason = await closeEverything(bench)
    }
  for (const { rule, requirement } of passiveRules) {
    if (coverage.failedRules.has(rule)) continue
    if (coverage.coveredRules.has(rule)) log.pass(rule, requirement)
    else log.record(rule, requirement, ruleSkipped('the controller published no such message'))
  }
  return { results: log.entries(), endReason }
}

/** Applies the passive rules to every event; the first violation of each is recorded at once. */
function applyPassiveRules(
  bench: Bench,
  record: (rule: string, requirement: string, error: unknown) => void,
) {
  const coveredRules = new Set<string>()
  const failedRules = new Set<string>()
  const listeners = passiveRules.map(({ rule, requirement, listen }) => ({
    rule,
    requirement,
    check: listen(bench),
  }))
  bench.onEvent((event, atMs) => {
    for (const { rule, requirement, check } of listeners) {
      const fault: Violation | null | undefined = check(event, atMs)
      if (fault === undefined) continue
      coveredRules.add(rule)
      if (fault === null || failedRules.has(rule)) continue
      failedRules.add(rule)
      record(rule, requirement, ruleFailed(fault.actual, fault.expected))
    }
  })
  return { coveredRules, failedRules }
}

/** A hello is a state and a heartbeat of the same session. */
async function waitForHello(bench: Bench, waitMs: number): Promise<string | null> {
  const isReady = await bench.until(
    () => bench.view.state !== null && bench.view.heartbeats.length > 0,
    waitMs,
  )
  if (isReady !== null) return null
  const { connect, state, heartbeats } = bench.view
  const missing = [
    ...(state ? [] : ['state']),
    ...(heartbeats.length > 0 ? [] : ['heartbeat of the same session']),
  ]
  const connectText = connect ? 'it connected' : 'it did not connect'
  return `${connectText}; no ${missing.join(' and no ')} within ${Math.round(waitMs / MINUTE_MS)} min`
}

function skipIfNotApplicable(bench: Bench, { needs }: Trial, actions: RunOptions['actions']): void {
  const isTimed = bench.isTimed()
  if (needs === 'leased' && isTimed) throw ruleSkipped('the controller is of class timed')
  if (needs === 'timed' && !isTimed) throw ruleSkipped('the controller is not of class timed')
  if (needs === 'power' && !actions['power-cut']) throw ruleSkipped('left out by --no-power-cut')
  if (needs === 'fault' && !actions.fault) throw ruleSkipped('left out by --no-fault')
  const { state } = bench.view
  if (needs !== 'fault' && state?.fault != null)
    throw ruleSkipped(`a fault is latched (${state.fault}): clear it at the controller and begin again`)
}

/** A command needs a heartbeat of the last 15 s; reconnecting may take minutes. */
async function waitUntilReady(bench: Bench): Promise<string | null> {
  const isFresh = () => {
    const { heartbeats, state, sess } = bench.view
    const newest = heartbeats.at(-1)
    return newest && state?.sess === sess && bench.clock.now() - newest.atMs <= timing.freshMs
  }
  const isReady = await bench.until(isFresh, 6 * MINUTE_MS)
  return isReady === null ? 'no heartbeat for six minutes: the controller is gone' : null
}

/**
 * Closes every valve by one means or another and acknowledges the journal. Returns the reason of a failure, or null.
 */
async function closeEverything(bench: Bench): Promise<string | null> {
  const isShut = () => bench.view.open.size === 0
  const tries: [() => Promise<void>, number][] = [
    [async () => bench.send(bench.closing({ valve: '*', force: true })), 5 * SECOND_MS],
    [async () => closeEach(bench), 5 * SECOND_MS],
    // without a lease it must close by itself
    [async () => bench.lease(() => null), timing.leaseMs + 15 * SECOND_MS],
  ]
  for (const [attempt, withinMs] of tries) {
    if (isShut()) break
    await attempt()
    await bench.until(isShut, withinMs)
  }
  bench.leaseAll()
  if (!isShut())
    return `${[...bench.view.open.keys()].join()} cannot be shut from here: shut the water by hand`
  await bench.sleep(SECOND_MS)
  await bench.storeJournal()
  await bench.sleep(SECOND_MS)
  return null
}

async function closeEach(bench: Bench): Promise<void> {
  for (const valve of bench.view.open.keys()) await bench.send(bench.closing({ valve }))
}
