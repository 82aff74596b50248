/** One run of conform: every rule tried in its turn on the controller, each from a bench that is calm. */
import type { Clock } from '../contract/time.ts'
import { MINUTE_MS, SECOND_MS } from '../contract/time.ts'
import { makeBench, timing, type Bench, type BenchOptions } from './bench.ts'
import { openBook, type Entry } from './book.ts'
import { ears, groups } from './trials.ts'
import type { Fault } from './checks/unasked.ts'
import type { Trial } from './trial.ts'
import { broken, untried } from './verdict.ts'

export interface RunOptions extends BenchOptions {
  clock: Clock
  /** Rules or groups; empty: all. */
  only: readonly string[]
  /** What a person is there to do. */
  deeds: { 'power-cut': boolean; fault: boolean }
  /** Each rule as it is settled. */
  tell(entry: Entry): void
  /** How long a controller is waited for. */
  waitMs: number
}

export interface Outcome {
  entries: readonly Entry[]
  /** null: all rules were gone through */
  endedWhy: string | null
}

export async function runConform(options: RunOptions): Promise<Outcome> {
  const bench = makeBench(options)
  const book = openBook(options.tell)
  const heard = listenAll(bench, (rule, says, error) => book.settle(rule, says, error))
  await bench.configure()
  let endedWhy = await waitForHello(bench, options.waitMs)
  if (endedWhy === null) await calm(bench)
  for (const { name, trials } of groups())
    for (const trial of trials) {
      const isAsked =
        options.only.length === 0 || options.only.includes(name) || options.only.includes(trial.rule)
      try {
        if (!isAsked) continue
        if (endedWhy !== null) throw untried(endedWhy)
        whyUntried(bench, trial, options.deeds)
        endedWhy = await whyNotReady(bench)
        if (endedWhy !== null) throw broken(endedWhy, 'a controller that is there')
        await trial.run(bench)
        book.pass(trial.rule, trial.says)
      } catch (error) {
        book.settle(trial.rule, trial.says, error)
      }
      if (endedWhy === null && !bench.view.isGone) endedWhy = await calm(bench)
    }
  for (const { rule, says } of ears) {
    if (heard.broken.has(rule)) continue
    if (heard.heard.has(rule)) book.pass(rule, says)
    else book.settle(rule, says, untried('the controller said nothing of the kind'))
  }
  return { entries: book.entries(), endedWhy }
}

/** Every word goes to every ear; the first fault of a rule is told at once. */
function listenAll(bench: Bench, tell: (rule: string, says: string, error: unknown) => void) {
  const heard = new Set<string>()
  const brokenRules = new Set<string>()
  const listeners = ears.map(({ rule, says, listen }) => ({ rule, says, judge: listen(bench) }))
  bench.onWord((word, atMs) => {
    for (const { rule, says, judge } of listeners) {
      const fault: Fault | null | undefined = judge(word, atMs)
      if (fault === undefined) continue
      heard.add(rule)
      if (fault === null || brokenRules.has(rule)) continue
      brokenRules.add(rule)
      tell(rule, says, broken(fault.came, fault.expected))
    }
  })
  return { heard, broken: brokenRules }
}

/** A hello is a state, and a heartbeat of its session. */
async function waitForHello(bench: Bench, waitMs: number): Promise<string | null> {
  const isThere = await bench.until(() => bench.view.state !== null && bench.view.beats.length > 0, waitMs)
  if (isThere !== null) return null
  const { connect, state, beats } = bench.view
  const lacks = [...(state ? [] : ['state']), ...(beats.length > 0 ? [] : ['heartbeat of the same session'])]
  const came = connect ? 'it connected' : 'it did not connect'
  return `${came}; no ${lacks.join(' and no ')} within ${Math.round(waitMs / MINUTE_MS)} min`
}

function whyUntried(bench: Bench, { needs }: Trial, deeds: RunOptions['deeds']): void {
  const isTimed = bench.isTimed()
  if (needs === 'leased' && isTimed) throw untried('the controller is of class timed')
  if (needs === 'timed' && !isTimed) throw untried('the controller is not of class timed')
  if (needs === 'power' && !deeds['power-cut']) throw untried('left out by --no-power-cut')
  if (needs === 'fault' && !deeds.fault) throw untried('left out by --no-fault')
  const { state } = bench.view
  if (needs !== 'fault' && state?.fault != null)
    throw untried(`a fault is latched (${state.fault}): clear it at the controller and begin again`)
}

/** An order may be sent on a heartbeat of the last 15 s; a controller may take a while to come back. */
async function whyNotReady(bench: Bench): Promise<string | null> {
  const isFresh = () => {
    const { beats, state, sess } = bench.view
    const newest = beats.at(-1)
    return newest && state?.sess === sess && bench.clock.now() - newest.atMs <= timing.freshMs
  }
  const isThere = await bench.until(isFresh, 6 * MINUTE_MS)
  return isThere === null ? 'no heartbeat for six minutes: the controller is gone' : null
}

/** Everything shut, by one way or the other, and its journal stored. Gives why it cannot go on, or null. */
async function calm(bench: Bench): Promise<string | null> {
  const isShut = () => bench.view.open.size === 0
  const tries: [() => Promise<void>, number][] = [
    [async () => bench.say(bench.closing({ valve: '*', force: true })), 5 * SECOND_MS],
    [async () => closeEach(bench), 5 * SECOND_MS],
    // without a lease it must shut by itself
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
  for (const valve of bench.view.open.keys()) await bench.say(bench.closing({ valve }))
}
