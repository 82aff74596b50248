/** A dose in parts: each part is a separate run, and a person's decision on one applies to all. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startFarm, type Farm } from '../farm.ts'

const MINUTE = 60_000
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

/** Three parts of ten minutes, twenty minutes apart, and a run of another dose. */
async function addDose(state: 'approved' | 'proposed'): Promise<void> {
  for (const part of [0, 1, 2])
    await farm.addRun({ state, doseId: 'run-1', startMs: farm.clock.now() + (1 + 30 * part) * MINUTE })
  await farm.addRun({ state, startMs: farm.clock.now() + 5 * 60 * MINUTE })
}
const states = async () => {
  const runs = await farm.state.selectFrom('run').select(['id', 'state']).orderBy('id').execute()
  return runs.map(({ state }) => state)
}

it('opens each part at its time, with the pause between them', async () => {
  await farm.controller.connect()
  await addDose('approved')
  await farm.pass(20 * MINUTE)
  expect(farm.controller.isOpen()).toBe(false)
  expect(farm.controller.openMs()).toBe(10 * MINUTE)
  await farm.pass(12 * MINUTE)
  expect(farm.controller.isOpen()).toBe(true)
  await farm.pass(58 * MINUTE)
  expect(farm.controller.openMs()).toBe(30 * MINUTE)
  expect(await states()).toEqual(['done', 'done', 'done', 'approved'])
})

it('an approval or a rejection applies to the whole dose', async () => {
  await farm.state.updateTable('zone').set({ mode: 'approve' }).execute()
  await farm.controller.connect()
  await addDose('proposed')
  expect((await farm.ask({ kind: 'approve', runId: 'run-2' })).state).toBe('accepted')
  expect(await states()).toEqual(['approved', 'approved', 'approved', 'proposed'])
  expect((await farm.ask({ kind: 'skip-run', runId: 'run-1' })).state).toBe('accepted')
  expect(await states()).toEqual(['cancelled', 'cancelled', 'cancelled', 'proposed'])
  await farm.pass(95 * MINUTE)
  expect(farm.controller.openMs()).toBe(0)
})

it('a STOP cancels the rest of the dose, however late that is', async () => {
  await farm.controller.connect()
  await farm.addRun({ doseId: 'run-1' })
  await farm.addRun({ doseId: 'run-1', startMs: farm.clock.now() + 100 * MINUTE })
  await farm.addRun({ startMs: farm.clock.now() + 300 * MINUTE })
  await farm.pass(3 * MINUTE)
  await farm.ask({ kind: 'stop' })
  expect(await states()).toEqual(['done', 'cancelled', 'approved'])
})
