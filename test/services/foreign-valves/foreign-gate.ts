/**
 * The mutation gate of the wiring: one guard at a time is taken out of a copy of services/foreign-valves, and one of the
 * attacks must succeed on the farm that runs the copy.
 */
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startForeignFarm, type ForeignFarm, type ForeignModule } from './foreign-farm.ts'
import { breakTable } from '../../support/broken-table.ts'

const root = join(import.meta.dirname, '../../..')
const MINUTE_MS = 60_000

/** A guard by its name, the file it stands in, its text, and what stands there without it. */
export type Mutant = readonly [guard: string, file: string, before: string | RegExp, after: string]

export const mutants: readonly Mutant[] = [
  [
    'the store before the open',
    'controller-runner.ts',
    'await io.store(change)',
    'for (const effect of step.effects) io.perform(effect)\n        step.effects.length = 0\n        await io.store(change)',
  ],
  ['an open that is not stored stays', 'controller-runner.ts', 'if (mayOpen(event, step)) return', ''],
  [
    'a valve is asked and closed after a restart',
    'foreign-controller.ts',
    /for \(const id of Object\.keys\(draft\.outputs\)\) applyDriver\(draft, id, \{ type: 'restarted' \}\)/,
    '',
  ],
  ['its state survives', 'controller-rows.ts', '.set({ state: toJson(stored) })', '.set({ state: null })'],
  ['nothing is claimed before its proof', 'publications.ts', 'return isSettled ? [] : [id]', 'return []'],
  ['a closing waits for its proof', 'publications.ts', "run === null || phase === 'unordered'", 'true'],
  [
    'STOP reaches a valve that is held closed',
    'foreign-controller.ts',
    "if (isNew && output.valve.phase !== 'closing')",
    'if (false)',
  ],
  [
    'another test after an update',
    'running-controller.ts',
    'version !== null && valve.testedVersion !== version',
    'false',
  ],
  ['a test needs a closing by itself', 'test-runs.ts', "by === 'command' && proof !== 'P3'", 'false'],
  [
    'dispatch continues above the number of a test',
    'run-numbers.ts',
    "draft.effects.push({ type: 'use-number', valve, seq })",
    '',
  ],
]

/** Takes nothing out: the gate must say that it survived. */
export const noOp: Mutant = ['nothing', 'foreign-controller.ts', /^/, '// nothing is taken out\n']

const opens = (farm: ForeignFarm) => farm.valve.commands.filter((text) => text.includes('ON')).length

/** Each resolves with what went wrong; null: the farm held. */
const attacks: ((farm: ForeignFarm) => Promise<string | null>)[] = [
  async (farm) => {
    await breakTable(farm.state, 'foreign_controller', ['update'])
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    return opens(farm) > 0 ? 'it opened without being stored' : null
  },
  async (farm) => {
    farm.crashAtOpening('after it has left')
    await farm.addRun()
    await farm.pass(1_000)
    await farm.restart(1_000)
    await farm.pass(MINUTE_MS)
    if (opens(farm) > 1) return 'it was opened again after a restart'
    return farm.valve.isOpen() ? 'it was left open after a restart' : null
  },
  async (farm) => {
    await farm.pass(30 * MINUTE_MS)
    await farm.addRun({ minutes: 20 })
    await farm.pass(MINUTE_MS)
    Object.assign(farm.valve.radio, { losesCommands: true, losesReports: true })
    await farm.restart(1_000)
    await farm.pass(20_000)
    if (farm.shown().at(-1) === 'closed') return 'it was shown closed after a restart without a proof'
    Object.assign(farm.valve.radio, { losesCommands: false, losesReports: false })
    await farm.pass(30_000)
    return farm.valve.isOpen() ? 'its closing was not repeated after a restart' : null
  },
  async (farm) => {
    farm.valve.radio.losesCommands = true
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    return farm.shown().includes('open') ? 'it was shown open before it said so' : null
  },
  async (farm) => {
    Object.assign(farm.valve.radio, { staysOpen: true, ignoresClose: true })
    await farm.addRun({ minutes: 2 })
    await farm.pass(5 * MINUTE_MS)
    return farm.shown().at(-1) === 'closed' ? 'it was shown closed without a proof' : null
  },
  async (farm) => {
    await farm.control().startTest('green-coop', 'controller-1', 'V1', 'user-sato')
    await farm.pass(5_000)
    await farm.request({ kind: 'stop-all', zoneId: null })
    await farm.pass(5_000)
    return farm.valve.isOpen() ? 'STOP did not close it' : null
  },
  async (farm) => {
    await farm.control().startTest('green-coop', 'controller-1', 'V1', 'user-sato')
    await farm.pass(2 * MINUTE_MS)
    await farm.restart()
    await farm.pass(MINUTE_MS)
    const wrong = (await farm.alerts()).map(({ cause }) => cause)
    return wrong.length > 0 ? `alerts after a test: ${wrong.join()}` : null
  },
  async (farm) => {
    farm.valve.radio.staysOpen = true
    await farm.control().startTest('green-coop', 'controller-1', 'V1', 'user-sato')
    await farm.pass(5 * MINUTE_MS)
    return (await farm.row()).testedProof === null ? null : 'a valve that stays open passed its test'
  },
  async (farm) => {
    await farm.valve.disconnect()
    farm.valve.version = '2.15.0'
    await farm.valve.connect()
    await farm.pass(20_000)
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    return opens(farm) > 0 ? 'it opened untested after an update' : null
  },
]

/** A copy of the module with the guard taken out. Throws when it is not where it should be: it would prove nothing. */
async function damagedModule([guard, file, before, after]: Mutant, folder: string): Promise<ForeignModule> {
  const copy = join(folder, guard.replaceAll(' ', '-'))
  await mkdir(join(copy, 'services'), { recursive: true })
  await symlink(join(root, 'broker'), join(copy, 'broker'))
  for (const name of await readdir(join(root, 'services')))
    if (name !== 'foreign-valves') await symlink(join(root, 'services', name), join(copy, 'services', name))
  await cp(join(root, 'services/foreign-valves'), join(copy, 'services/foreign-valves'), { recursive: true })
  const path = join(copy, 'services/foreign-valves', file)
  const source = await readFile(path, 'utf8')
  const damaged = source.replace(before, after)
  if (damaged === source) throw new Error(`the guard "${guard}" is not found in ${file}`)
  await writeFile(path, damaged)
  return import(
    /* @vite-ignore */ join(copy, 'services/foreign-valves/start-foreign-valves.ts')
  ) as Promise<ForeignModule>
}

/** Whether an attack succeeds without the guard. */
export async function judgeMutant(mutant: Mutant, folder: string): Promise<'caught' | 'survived'> {
  const module = await damagedModule(mutant, folder)
  for (const attack of attacks) {
    const farm = await startForeignFarm({}, module)
    try {
      await farm.valve.connect()
      await farm.pass(20_000)
      if ((await attack(farm)) !== null) return 'caught'
    } finally {
      await farm.stop()
    }
  }
  return 'survived'
}
