/**
 * The mutation gate: one guard at a time is taken out of a copy of the protocol, and the model must notice. A guard
 * whose loss nobody notices is either superfluous or untested.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runModel, type Protocol } from './protocol-model.ts'
import { actionsOf, attacks, dosesOf, SEED } from './protocol-runs.ts'

const contract = join(import.meta.dirname, '../../../broker/contract')
let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'tilth-mutants-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

type Mutant = [guard: string, file: string, before: string | RegExp, after: string]

const mutants: Mutant[] = [
  ['the retained check', 'valve-device-commands.ts', /if \(retained\) return refuse\(.*\)/, ''],
  ['the seal', 'valve-device-commands.ts', /if \(!isSealed\(.*open\)\) return refuse\(.*\)/, ''],
  ['the session check', 'valve-device-commands.ts', /if \(open\.sess !== device\.sess\) return .*/, ''],
  ['the expiry', 'valve-device-commands.ts', /if \(device\.monoMs > open\.expMonoMs\) return .*/, ''],
  ['the watermark', 'valve-device-commands.ts', /if \(open\.seq <= .*answerAgain\(.*\)/, ''],
  ['a close raises the watermark', 'valve-device-commands.ts', /burn\(draft, close\.valve, seq\)/, ''],
  ['a refusal uses its number up', 'valve-device-commands.ts', /burn\(draft, open\.valve, open\.seq\)/, ''],
  [
    'the lease counts from its heartbeat',
    'valve-device-commands.ts',
    'Math.max(device.leaseUntilMonoMs, heartbeat.monoMs + device.timing.leaseMs)',
    'device.monoMs + device.timing.leaseMs',
  ],
  ['the lease', 'valve-device-runs.ts', /device\.leaseUntilMonoMs/g, 'Infinity'],
  [
    'the duration',
    'valve-device-runs.ts',
    "if (openMs >= valve.durMs) stopRun(draft, id, 'timer')",
    'if (false) {}',
  ],
  [
    'burn before act',
    'valve-device-draft.ts',
    /return \[\n([^]*?)\n(\s+\.\.\.\(draft\.isDirty[^]*?: \[\]\),)\n(.*)\n/,
    'return [\n$1\n$3\n$2\n',
  ],
  [
    'the upper bound after a power cut',
    'valve-device.ts',
    'ranMs: Math.min(run.durMs, longestMs(profile))',
    'ranMs: 0',
  ],
  [
    'nothing resumes',
    'valve-device.ts',
    "type: 'drive', valve, open: false",
    "type: 'drive', valve, open: valve in flash.open",
  ],
  [
    'fence before replacement',
    'command-life-time.ts',
    'return fence(now, link, atMs, isFresh, timing)',
    "return still(end(now, 'resolved', 'unconfirmed', atMs, NOTHING))",
  ],
  ['what may have run counts as run', 'command-life-end.ts', /return life\.durMs/, 'return 0'],
  [
    'the server lets no copy live when it calls it never run',
    'command-life.ts',
    'if (!areCopiesDead) return known',
    '',
  ],
]

describe('a protocol without one of its guards is caught', () => {
  it.each(mutants)('%s', async (guard, file, before, after) => {
    const copy = join(folder, guard.replaceAll(' ', '-'))
    await cp(contract, copy, { recursive: true })
    const source = await readFile(join(copy, file), 'utf8')
    const damaged = source.replace(before, after)
    expect(damaged, `the guard is not found in ${file}`).not.toBe(source)
    await writeFile(join(copy, file), damaged)
    const load = (name: string) => import(/* @vite-ignore */ join(copy, name)) as Promise<never>
    const protocol: Protocol = {
      life: await load('command-life.ts'),
      lifeTime: await load('command-life-time.ts'),
      device: await load('valve-device.ts'),
      mac: await load('mac.ts'),
    }
    const isCaught = Object.values(attacks).some(
      (actions) => runModel(protocol, actions, [120_000, 90_000]) !== null,
    )
    if (isCaught) return
    const details = fc.check(
      fc.property(actionsOf, dosesOf, (actions, doses) => runModel(protocol, actions, doses) === null),
      { seed: SEED, numRuns: 1_500, endOnFailure: true },
    )
    expect(details.failed, `nobody missed ${guard} in ${details.numRuns} runs`).toBe(true)
  })
})
