/**
 * The mutation gate: one guard at a time is taken out of a copy of the drivers, and the attacks or the walks must notice.
 * A guard whose loss nobody notices is either superfluous or untested.
 */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { firstAttack } from './attacks.ts'
import { makes, moves, walk } from './driver-walk.ts'
import type { Drivers } from './valve-bench.ts'

const root = join(import.meta.dirname, '../../..')
const RESULT_FILE = 'broker/contract/result.ts'

/** A guard by its name, the file it stands in, its text, and what stands there without it. */
export type Mutant = readonly [guard: string, file: string, before: string | RegExp, after: string]

export const mutants: readonly Mutant[] = [
  ['the version gate', 'driver-admission.ts', 'if (difference !== 0) return difference > 0', ''],
  [
    'an unreadable version is too old',
    'driver-admission.ts',
    'if (!parts) return false',
    'if (!parts) return true',
  ],
  ['the model gate', 'driver-admission.ts', 'must.equalOneOf.includes(said)', 'true'],
  [
    'an unknown fact refuses',
    'driver-admission.ts',
    /if \(said === undefined\)\s+return .*/,
    'if (said === undefined) continue',
  ],
  [
    'facts end with the connection',
    'driver-reducer.ts',
    'if (!requirement.isOfDevice) delete valve.facts[factKey(requirement)]',
    'continue',
  ],
  ['a number is used once', 'driver-admission.ts', /if \(open\.seq <= valve\.lastSeq\) return .*/, ''],
  [
    'a refusal uses its number up',
    'driver-reducer.ts',
    'if (!isUsed) valve.lastSeq = open.seq',
    'if (!isUsed && objection === null) valve.lastSeq = open.seq',
  ],
  ['expiry of the command', 'driver-admission.ts', /if \(valve\.monoMs > open\.expMonoMs\) return .*/, ''],
  [
    'expiry before the open leaves',
    'driver-phases.ts',
    'if (step.isOpening && valve.monoMs > run.expMonoMs)',
    'if (false)',
  ],
  [
    'an open is asked for, not repeated',
    'driver-deadlines.ts',
    'if (isDue(draft, run.untilMonoMs)) startAsking(draft, run)',
    'if (isDue(draft, run.untilMonoMs)) { run.step = -1; continueRun(draft, run) }',
  ],
  [
    'an open is not sent again after a restart',
    'driver-reducer.ts',
    'if (run.seq !== null && run.leftMonoMs === null)',
    'if (run.seq !== null) { run.step = 0; run.leftMonoMs = null; valve.phase = "preparing"; run.waitUntilMonoMs = 0; run.step = -1; return }\n  if (run.seq !== null && run.leftMonoMs === null)',
  ],
  ['nothing resumes', 'driver-reducer.ts', 'run.mayResume = false', ''],
  [
    'the read-back before ON',
    'driver-phases.ts',
    "if (step.type === 'wait') {",
    "if (step.type === 'wait') { run.step += 1; continue",
  ],
  ['a missing read-back opens nothing', 'driver-deadlines.ts', 'step.isOptional', 'true'],
  ['another read-back locks', 'driver-deadlines.ts', /if \(run\.hasWaitDiffered\) lock\(.*\)/, ''],
  [
    'the read-back of the duration',
    'driver-messages.ts',
    /lock\(draft, 'BOUND_DIFFERS'\)\n\s+startClosing\(draft, run\)/,
    '',
  ],
  [
    'a duration that is not read closes',
    'driver-deadlines.ts',
    "if (run.bound !== 'proved' && isDue(draft, run.boundUntilMonoMs))",
    'if (false)',
  ],
  ['the lock', 'driver-admission.ts', /if \(valve\.lock !== null\) return .*/, ''],
  [
    'running by the word of the valve',
    'driver-messages.ts',
    'if (isOpen) startRunning(draft, run)',
    "if (isOpen || meaning === 'queued') startRunning(draft, run)",
  ],
  ['the queue is empty', 'driver-phases.ts', '=> [...before, ...steps]', '=> (void before, [...steps])'],
  [
    'closed after its time',
    'driver-deadlines.ts',
    '} else if (isDue(draft, run.untilMonoMs)) startClosing(draft, run)',
    '}',
  ],
  [
    'the close is repeated',
    'driver-deadlines.ts',
    'if (isDue(draft, nextCloseMonoMs(draft, run))) sendClose(draft, run)',
    '',
  ],
  [
    'a person is notified',
    'driver-deadlines.ts',
    'run.isNotified = true\n  report(draft,',
    'run.isNotified = true\n  void ((_: unknown, __: unknown) => 0)(draft,',
  ],
  ['a closing needs a proof', 'driver-messages.ts', "if (!isAnswer && word !== 'closed') return", ''],
  ['a retained message proves nothing', 'driver-messages.ts', 'if (received.isRetained) {', 'if (false) {'],
  [
    'only what follows a close answers it',
    'driver-messages.ts',
    /if \(run\.closeRequestId === null && .*\) return/,
    '',
  ],
  [
    'time alone is no proof for a valve that answers',
    'driver-deadlines.ts',
    "planOf(draft, 'query', 0) === null && (closesOnlyOpen || said === 'closed')",
    'true',
  ],
  [
    'a weak make needs a meter',
    'driver-admission.ts',
    /if \(driver\.bound\?\.isTrusted === false[^]*?\n\s+return .*/,
    '',
  ],
  [
    'the word of a weak make is no proof',
    'driver-messages.ts',
    'driver.bound?.isTrusted === false && hasMeter',
    'false && (driver, hasMeter)',
  ],
  ['the test run', 'driver-admission.ts', /if \(testedProof === null && !isTest\) return .*/, ''],
  ['ten minutes without a good proof', 'driver-admission.ts', 'open.durMs > WEAK_PROOF_MS', 'false'],
  ['the sleep of a class A valve', 'driver-admission.ts', 'wakeMs > LONGEST_SLEEP_MS', 'false'],
  [
    'others are noticed',
    'driver-messages.ts',
    "if (word === 'open') startUnordered(draft)\n    return",
    'return',
  ],
  [
    'the bound of others',
    'driver-deadlines.ts',
    /case 'unordered':\n\s+if \(isDue\(.*\)\) startClosing\(draft, run\)\n\s+else /,
    "case 'unordered':\n      ",
  ],
  [
    'an expired downlink is taken back',
    'driver-deadlines.ts',
    /if \(!run\.isWithdrawn .*\) withdraw\(draft, run\)/,
    '',
  ],
  [
    'a close follows each uplink',
    'driver-messages.ts',
    'setup.wakeMs !== null && isUplink)',
    'false && isUplink)',
  ],
]

/** Takes nothing out: the gate must say that it survived. */
export const noOp: Mutant = ['nothing', 'driver-reducer.ts', /^/, '// nothing is taken out\n']

/** A copy of the drivers with the guard taken out. Throws when it is not where it should be: it would prove nothing. */
export async function damagedDrivers([guard, file, before, after]: Mutant, folder: string): Promise<Drivers> {
  const copy = join(folder, guard.replaceAll(' ', '-'))
  await mkdir(join(copy, 'broker/contract'), { recursive: true })
  await cp(join(root, RESULT_FILE), join(copy, RESULT_FILE))
  await cp(join(root, 'services/drivers'), join(copy, 'services/drivers'), { recursive: true })
  const path = join(copy, 'services/drivers', file)
  const source = await readFile(path, 'utf8')
  const damaged = source.replace(before, after)
  if (damaged === source) throw new Error(`the guard "${guard}" is not found in ${file}`)
  await writeFile(path, damaged)
  const load = (name: string) =>
    import(/* @vite-ignore */ join(copy, 'services/drivers', name)) as Promise<object>
  return { ...(await load('driver-reducer.ts')), ...(await load('drivers.ts')) } as Drivers
}

/** Whether an attack succeeds without the guard, or a random walk goes wrong. */
export async function judgeMutant(
  mutant: Mutant,
  folder: string,
  runs = 300,
): Promise<'caught' | 'survived'> {
  const drivers = await damagedDrivers(mutant, folder)
  if (fails(() => firstAttack(drivers))) return 'caught'
  const isCaught = Object.values(makes).some((make) => {
    const walks = fc.property(moves, (path) => !fails(() => walk(make, path, drivers)))
    return fc.check(walks, { seed: 20_261_130, numRuns: runs, endOnFailure: true }).failed
  })
  return isCaught ? 'caught' : 'survived'
}

/** A valve that wakes without end has failed too. */
function fails(run: () => string | null): boolean {
  try {
    return run() !== null
  } catch {
    return true
  }
}
