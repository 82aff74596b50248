/**
 * I8 through the API, whatever happens on the farm: what a phone is shown of a valve as its present state was so within
 * the last two heartbeats; and while it is shown as unknown and is open, it shuts by the instant shown with it.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import { readAuditDetail } from '../../../services/tables.ts'
import { startFarm, type Farm } from './farm.ts'
import { startShownApi, type ShownApi, type ShownValve } from './shown-api.ts'

let farm: Farm
let api: ShownApi
beforeAll(async () => {
  farm = await startFarm()
  api = await startShownApi(farm)
})
afterAll(async () => {
  await api.stop()
  await farm.stop()
})

type Happening =
  | { do: 'pass'; s: number }
  | { do: 'start'; minutes: number }
  | { do: 'restart'; s: number }
  | { do: 'clock'; ms: number }
  | { do: 'stop' | 'unplug' | 'connect' | 'cut' | 'deaf' | 'mute' | 'well' }
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('pass' as const), s: fc.constantFrom(1, 9, 25, 40, 130) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('start' as const), minutes: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('restart' as const), s: fc.constantFrom(0, 15, 60) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clock' as const),
      ms: fc.constantFrom(0, -600_000, 600_000, 3_600_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('stop', 'unplug', 'connect', 'connect', 'cut', 'deaf', 'mute', 'well'),
    }),
  },
)

let isPlugged = false
let offMs = 0

async function happen(it: Happening): Promise<void> {
  const { controller } = farm
  switch (it.do) {
    case 'pass':
      return farm.pass(it.s * 1_000)
    case 'start':
      return void (await farm.ask({ minutes: it.minutes }))
    case 'stop':
      return void (await farm.ask({ kind: 'stop' }))
    case 'restart':
      return farm.restart(it.s * 1_000)
    case 'clock':
      return farm.setClock((offMs = it.ms))
    case 'unplug':
      isPlugged = false
      return controller.unplug()
    case 'connect':
    case 'cut':
      if (it.do === 'connect' && isPlugged) return
      if (it.do === 'connect') await controller.connect()
      else await controller.powerCut()
      isPlugged = true
      return
    case 'deaf':
      return controller.isDeaf(true)
    case 'mute':
      return controller.swallowAcks(true)
    case 'well':
      controller.isDeaf(false)
      return controller.swallowAcks(false)
  }
}

const FRESH_MS = 2 * standardTiming.heartbeatIdleMs + 1_000
interface Look extends ShownValve {
  atMs: number
  offMs: number
}

/** What was shown and was not so. */
function untrue({ position, boundMs, atMs, offMs }: Look): boolean {
  const openings = farm.controller
    .openings()
    .map(({ openedMs, closedMs }) => ({ openedMs, closedMs: closedMs ?? Infinity }))
  if (position === 'open')
    return !openings.some(({ openedMs, closedMs }) => openedMs <= atMs && closedMs >= atMs - FRESH_MS)
  if (position === 'closed')
    return openings.some(({ openedMs, closedMs }) => openedMs <= atMs - FRESH_MS && closedMs > atMs)
  const open = openings.find(({ openedMs, closedMs }) => openedMs <= atMs && closedMs > atMs)
  if (!open) return false
  // the word of it is on its way
  if (boundMs === null) return open.openedMs <= atMs - FRESH_MS
  return open.closedMs > Math.max(atMs, boundMs - offMs) + 1_000
}

it(
  'I8: no valve is shown in an old state as current, and no bound is too early',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 20, maxLength: 25, size: 'max' }), async (story) => {
        const looks: Look[] = []
        for (const one of story) {
          await happen(one)
          await farm.settle()
          looks.push({ ...(await api.look()), atMs: farm.clock.now(), offMs })
        }
        await happen({ do: 'well' })
        await happen({ do: 'stop' })
        // a valve that did not receive the stop closes when its lease ends
        await farm.pass(130_000)
        expect(looks.filter(untrue)).toEqual([])
        shown.push(...looks.map(({ position }) => position))
      }),
      // one farm lives through all of them: a story cannot be made shorter
      { numRuns: 3, endOnFailure: true },
    )
    // it has seen each of them, or it has shown nothing
    for (const position of ['open', 'closed', 'unknown'] as const)
      expect(shown.filter((one) => one === position).length, position).toBeGreaterThan(2)
    // and all the while no monitor had anything to tell, but of the clocks that were set
    const broken = await farm.state
      .selectFrom('audit')
      .select('detail')
      .where('action', '=', 'rule-broken')
      .execute()
    expect(
      broken
        .map(({ detail }) => readAuditDetail(detail))
        .filter((one) => (one as { rule: string }).rule !== 'I14'),
    ).toEqual([])
  },
)
const shown: ShownValve['position'][] = []
