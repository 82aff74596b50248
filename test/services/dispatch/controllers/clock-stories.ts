/** I14: scenarios in which the server's clock is set while water runs. Each ends the same way, whatever time the clock shows. */
import { describe, expect, it } from 'vitest'
import type { DeviceProfile } from '../../../../broker/contract/valve-device/types.ts'
import { startFarm, type Farm } from '../farm.ts'

export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const TEN_YEARS = 3_652.5 * 24 * HOUR
/** How far the clock is set: in the fast lane far ahead and a little back, the others in the lane of long proofs. */
export const fastJumps = [TEN_YEARS, -5 * MINUTE]
export const longJumps = [-TEN_YEARS, HOUR, -HOUR, 5 * MINUTE]

interface Story {
  profile?: Partial<DeviceProfile>
  /** `set` is when the clock may be set */
  tell: (farm: Farm, set: () => void) => Promise<void>
  /** a part of what must come of it */
  ends: object
}

/** What came of it, without a word of the server's clock. */
async function outcomeOf({ profile = {}, tell }: Story, jumpMs: number) {
  const farm = await startFarm({ profile })
  try {
    await farm.controller.connect()
    await farm.pass(15 * SECOND)
    await tell(farm, () => farm.setClock(jumpMs))
    const [orders, runs, irrigations] = await Promise.all([
      farm.state
        .selectFrom('command')
        .select(['op', 'valve', 'seq', 'state', 'outcome', 'ranMs'])
        .orderBy('seq')
        .execute(),
      farm.state.selectFrom('run').select(['state', 'endReason']).execute(),
      farm.state.selectFrom('irrigation').select(['ranMs', 'endReason']).execute(),
    ])
    return { orders, runs, irrigations, openMs: farm.controller.openMs(), isOpen: farm.controller.isOpen() }
  } finally {
    await farm.stop()
  }
}

// the run of ten minutes, whole
const byOneOrder = { orders: [{ outcome: 'timer', ranMs: 10 * MINUTE }], openMs: 10 * MINUTE }
const byAnyOrders = { runs: [{ state: 'done' }], openMs: 10 * MINUTE }

const stories: Record<string, Story> = {
  'a valve is open': {
    async tell(farm, set) {
      await farm.addRun()
      await farm.pass(2 * MINUTE)
      set()
      await farm.pass(10 * MINUTE)
    },
    ends: { orders: [{ outcome: 'timer', ranMs: 10 * MINUTE }], runs: [{ state: 'done' }], isOpen: false },
  },
  'an order is on its way and its answers are lost': {
    async tell(farm, set) {
      farm.controller.swallowAcks(true)
      await farm.addRun()
      await farm.pass(SECOND)
      set()
      await farm.pass(20 * SECOND)
      farm.controller.swallowAcks(false)
      await farm.pass(12 * MINUTE)
    },
    ends: byOneOrder,
  },
  'an order is on its way and does not arrive': {
    async tell(farm, set) {
      farm.controller.isDeaf(true)
      await farm.addRun()
      await farm.pass(10 * SECOND)
      set()
      await farm.pass(10 * SECOND)
      farm.controller.isDeaf(false)
      await farm.pass(12 * MINUTE)
    },
    ends: byOneOrder,
  },
  'the link is down for less than the lease': {
    async tell(farm, set) {
      await farm.addRun()
      await farm.pass(MINUTE)
      await farm.controller.unplug()
      await farm.pass(20 * SECOND)
      set()
      await farm.pass(40 * SECOND)
      await farm.controller.connect()
      await farm.pass(10 * MINUTE)
    },
    ends: byOneOrder,
  },
  'the link is down for longer than the lease, and the rest is wanted': {
    async tell(farm, set) {
      await farm.addRun()
      await farm.pass(MINUTE)
      await farm.controller.unplug()
      await farm.pass(20 * SECOND)
      set()
      await farm.pass(4 * MINUTE)
      await farm.controller.connect()
      await farm.pass(15 * MINUTE)
    },
    ends: byAnyOrders,
  },
  'the run is longer than one order may be': {
    profile: { capMs: 3 * MINUTE },
    async tell(farm, set) {
      await farm.addRun()
      await farm.pass(2 * MINUTE)
      set()
      await farm.pass(12 * MINUTE)
    },
    ends: byAnyOrders,
  },
  'the server dies a moment later': {
    async tell(farm, set) {
      await farm.addRun()
      await farm.pass(2 * MINUTE)
      set()
      await farm.pass(5 * SECOND)
      await farm.restart(10 * SECOND)
      await farm.pass(10 * MINUTE)
    },
    ends: byOneOrder,
  },
  'the server is away': {
    async tell(farm, set) {
      await farm.addRun()
      await farm.pass(2 * MINUTE)
      await farm.stopDispatch()
      set()
      await farm.pass(10 * SECOND)
      await farm.startDispatch()
      await farm.pass(10 * MINUTE)
    },
    ends: byOneOrder,
  },
  'a close is on its way and does not arrive': {
    async tell(farm, set) {
      await farm.addRun()
      await farm.pass(2 * MINUTE)
      farm.controller.loseCloses(true)
      await farm.ask({ kind: 'stop' })
      await farm.pass(2 * SECOND)
      set()
      await farm.pass(10 * SECOND)
      farm.controller.loseCloses(false)
      await farm.pass(MINUTE)
    },
    ends: { orders: [{ outcome: 'command' }, { op: 'close' }], isOpen: false },
  },
}

/** Every scenario with each of the jumps. */
export function testStories(jumps: readonly number[]): void {
  describe.each(Object.entries(stories))('the clock is set while %s', (_, story) => {
    let still: ReturnType<typeof outcomeOf> | undefined

    it.each(jumps)('by %d ms: it ends as if the clock had not been set', async (jumpMs) => {
      still ??= outcomeOf(story, 0)
      expect(await still).toMatchObject(story.ends)
      expect(await outcomeOf(story, jumpMs)).toEqual(await still)
    })
  })
}
