/** I14: the server's clock is set. The other jumps of the scenarios are in `clock-change.gate.test.ts`. */
import { describe, expect, it } from 'vitest'
import { startFarm } from '../farm.ts'
import { fastJumps, HOUR, longJumps, MINUTE, SECOND, TEN_YEARS, testStories } from './clock-stories.ts'

testStories(fastJumps)

describe.each([0, ...fastJumps, ...longJumps])('the clock is set by %d ms', (jumpMs) => {
  it('a doubt is fenced when it would have been (I9)', async () => {
    const farm = await startFarm()
    try {
      await farm.controller.connect()
      await farm.pass(15 * SECOND)
      farm.controller.isDeaf(true)
      await farm.addRun()
      await farm.pass(30 * SECOND)
      farm.setClock(jumpMs)
      const state = async () =>
        (await farm.state.selectFrom('command').select('state').where('op', '=', 'open').execute())[0]!.state
      await farm.pass(55 * SECOND)
      expect(await state()).toBe('sent')
      await farm.pass(10 * SECOND)
      expect(await state()).toBe('fencing')
    } finally {
      await farm.stop()
    }
  })
})

it('a later run follows the clock: it is skipped when it is past its window', async () => {
  const farm = await startFarm()
  try {
    await farm.controller.connect()
    await farm.pass(15 * SECOND)
    await farm.addRun({ startMs: farm.clock.now() + HOUR })
    farm.setClock(2 * HOUR)
    await farm.pass(MINUTE)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'window-missed' })
    expect(farm.controller.openMs()).toBe(0)
  } finally {
    await farm.stop()
  }
})

it('a due run opens at the time of the clock, also when that was set back by years', async () => {
  const farm = await startFarm()
  try {
    await farm.controller.connect()
    await farm.pass(15 * SECOND)
    farm.setClock(-TEN_YEARS)
    await farm.addRun({ startMs: farm.clock.now() - TEN_YEARS + HOUR })
    await farm.pass(HOUR - MINUTE)
    expect(farm.controller.isOpen()).toBe(false)
    await farm.pass(2 * MINUTE)
    expect(farm.controller.isOpen()).toBe(true)
  } finally {
    await farm.stop()
  }
})
