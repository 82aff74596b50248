/** The litres of a running valve reach the open pages while the water runs. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startFarm, type Farm } from './farm.ts'

const MINUTE = 60_000
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

it('each report of a running valve with more litres is one reading of its field, after it is stored', async () => {
  await farm.controller.connect()
  await farm.addRun({ startMs: farm.clock.now() + MINUTE })
  await farm.pass(2 * MINUTE)
  expect((await farm.run()).state).toBe('running')
  const seen: { events: number; litres: number | null }[] = []
  for (let minute = 0; minute < 3; minute++) {
    const before = farm.heardEvents().length
    await farm.pass(MINUTE)
    const row = await farm.state
      .selectFrom('valveState')
      .select('litres')
      .where('valve', '=', 'V1')
      .executeTakeFirstOrThrow()
    const heard = farm.heardEvents().slice(before)
    expect(heard).toMatchObject([{ event: 'reading', fields: ['field-1'] }])
    seen.push({ events: heard.length, litres: row.litres })
  }
  const litres = seen.map((one) => one.litres!)
  expect(litres).toEqual([...litres].sort((a, b) => a - b))
  expect(new Set(litres).size).toBe(3)
})

it('a valve without a meter reports no litres, and wakes no page', async () => {
  await farm.stop()
  farm = await startFarm({ profile: { litresPerPulse: null } })
  await farm.controller.connect()
  await farm.addRun({ startMs: farm.clock.now() + MINUTE })
  await farm.pass(2 * MINUTE)
  const before = farm.heardEvents().length
  await farm.pass(3 * MINUTE)
  expect(farm.heardEvents().length).toBe(before)
})
