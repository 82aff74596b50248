/**
 * The mutation gate: one guard at a time is taken out of a copy of the protocol, and the model must notice. A guard
 * whose loss nobody notices is either superfluous or untested.
 */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { runModel, type Protocol } from './protocol-model.ts'
import { actionsOf, attackDoses, attacks, dosesOf, SEED } from './protocol-runs.ts'

const contract = join(import.meta.dirname, '../../../../broker/contract')

/** A guard by its name, the file it stands in, its text, and what stands there without it. */
export type Mutant = readonly [guard: string, file: string, before: string | RegExp, after: string]

/** The ten that the contract names (section 3, Proof). */
export const tenGuards = [
  'session check',
  'expiry',
  'sequence watermark',
  'burn before act',
  'conservative bound after power loss',
  'no resume',
  'close raises watermark',
  'fence before replacement',
  'lease',
  'lease by echo',
] as const

export const mutants: readonly Mutant[] = [
  ['the retained check', 'valve-device/commands.ts', /if \(retained\) return reject\(.*\)/, ''],
  ['the seal', 'valve-device/commands.ts', /if \(!hasValidMac\(.*open\)\) return reject\(.*\)/, ''],
  ['session check', 'valve-device/commands.ts', /if \(open\.sess !== device\.sess\) return .*/, ''],
  ['expiry', 'valve-device/commands.ts', /if \(device\.monoMs > open\.expMonoMs\) return .*/, ''],
  [
    'sequence watermark',
    'valve-device/commands.ts',
    /if \(open\.seq <= .*\n? *return acknowledgeDuplicate\(.*\)/,
    '',
  ],
  ['close raises watermark', 'valve-device/commands.ts', /consumeSequence\(draft, close\.valve, seq\)/, ''],
  [
    'a refusal uses its number up',
    'valve-device/commands.ts',
    /consumeSequence\(draft, open\.valve, open\.seq\)/,
    '',
  ],
  [
    'lease by echo',
    'valve-device/commands.ts',
    'Math.max(device.leaseUntilMonoMs, heartbeat.monoMs + device.timing.leaseMs)',
    'device.monoMs + device.timing.leaseMs',
  ],
  ['lease', 'valve-device/runs.ts', /device\.leaseUntilMonoMs/g, 'Infinity'],
  [
    'the duration',
    'valve-device/runs.ts',
    "if (openMs >= valve.durMs) stopRun(draft, id, 'timer')",
    'if (false) {}',
  ],
  [
    'burn before act',
    'valve-device/draft.ts',
    /return \[\n([^]*?)\n(\s+\.\.\.\(draft\.isDirty[^]*?: \[\]\),)\n(.*)\n/,
    'return [\n$1\n$3\n$2\n',
  ],
  [
    'conservative bound after power loss',
    'valve-device/device.ts',
    'ranMs: Math.min(run.durMs, maxRunMs(profile))',
    'ranMs: 0',
  ],
  [
    'no resume',
    'valve-device/device.ts',
    "type: 'drive', valve, open: false",
    "type: 'drive', valve, open: valve in flash.open",
  ],
  [
    'fence before replacement',
    'command-lifecycle/timers.ts',
    'return fence(now, link, atMs, isFresh, timing)',
    "return unchanged(end(now, 'resolved', 'unconfirmed', atMs, NO_RUN))",
  ],
  ['what may have run counts as run', 'command-lifecycle/endings.ts', /return command\.durMs/, 'return 0'],
  [
    'a latched fault lets nothing open',
    'valve-device/commands.ts',
    /if \(device\.flash\.fault !== null\) return .*/,
    '',
  ],
  [
    'a fault outlives a power cut',
    'valve-device/device.ts',
    'boot: flash.boot + 1,',
    'boot: flash.boot + 1, fault: null,',
  ],
  [
    'the retained check of a clear',
    'valve-device/commands.ts',
    /if \(retained\) return acknowledge\(.*\)/,
    '',
  ],
  ['the seal of a clear', 'valve-device/commands.ts', /if \(!hasValidMac\(.*clear\)\) return .*/, ''],
  [
    'the session check of a clear',
    'valve-device/commands.ts',
    /if \(clear\.sess !== device\.sess\) return .*/,
    '',
  ],
  ['a clear names its fault', 'valve-device/commands.ts', 'clear.of < device.flash.faultNo || ', ''],
  [
    'the server lets no copy live when it calls it never run',
    'command-lifecycle/reduce.ts',
    /if \(!areCopiesDead\)\s+return .*/,
    '',
  ],
]

/** A mutant that takes nothing out: the gate must say that it survived, or it would say nothing of the others. */
export const noOp: Mutant = ['nothing', 'valve-device/commands.ts', /^/, '// nothing is taken out\n']

/** A copy of the protocol with the guard taken out. Throws when it is not where it should be: it would prove nothing. */
export async function damagedProtocol(
  [guard, file, before, after]: Mutant,
  folder: string,
): Promise<Protocol> {
  const copy = join(folder, guard.replaceAll(' ', '-'))
  await cp(contract, copy, { recursive: true })
  const source = await readFile(join(copy, file), 'utf8')
  const damaged = source.replace(before, after)
  if (damaged === source) throw new Error(`the guard "${guard}" is not found in ${file}`)
  await writeFile(join(copy, file), damaged)
  const load = (name: string) => import(/* @vite-ignore */ join(copy, name)) as Promise<never>
  return {
    life: await load('command-lifecycle/reduce.ts'),
    lifeTime: await load('command-lifecycle/timers.ts'),
    device: await load('valve-device/device.ts'),
    mac: await load('mac.ts'),
  }
}

/**
 * Whether the model notices that the guard is gone: in the attacks that are written down, then in up to `runs` by
 * chance, seeded.
 */
export async function judgeMutant(
  mutant: Mutant,
  folder: string,
  runs = 1_500,
): Promise<'caught' | 'survived'> {
  const protocol = await damagedProtocol(mutant, folder)
  const isCaught = Object.values(attacks).some((actions) => runModel(protocol, actions, attackDoses) !== null)
  if (isCaught) return 'caught'
  const { failed } = fc.check(
    fc.property(actionsOf, dosesOf, (actions, doses) => runModel(protocol, actions, doses) === null),
    { seed: SEED, numRuns: runs, endOnFailure: true },
  )
  return failed ? 'caught' : 'survived'
}
