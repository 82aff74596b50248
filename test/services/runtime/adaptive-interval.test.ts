/** When to look again: soon after a short look, and seldom where a look takes long. */
import { expect, it } from 'vitest'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { adaptiveInterval } from '../../../services/runtime/adaptive-interval.ts'

const SOON_MS = 2_000

async function after(lookMs: number, quietMs: number): Promise<number> {
  const clock = virtualClock(0)
  const pace = adaptiveInterval(clock, SOON_MS)
  const looking = pace.run(() => new Promise<void>((resolve) => void clock.at(lookMs, resolve)))
  await clock.advanceTo(lookMs)
  await looking
  await clock.advanceTo(lookMs + quietMs)
  return pace.nextMs() - clock.now()
}

it.each([
  ['never looked before', 0, 0, SOON_MS],
  ['a short look', 50, 0, SOON_MS],
  ['half a second: ten of rest', 500, 0, 10_000],
  ['half of the rest is over', 500, 5_000, 5_000],
  ['all of it is over', 500, 60_000, SOON_MS],
  ['a look of a minute: another minute, and no more', 60_000, 0, 60_000],
])('%s', async (_what, lookMs, quietMs, waitMs) => {
  expect(await after(lookMs, quietMs)).toBe(waitMs)
})

it('a failed run counts too, and its error is passed on', async () => {
  const clock = virtualClock(0)
  const pace = adaptiveInterval(clock, SOON_MS)
  const failing = pace.run(async () => {
    await new Promise<void>((resolve) => void clock.at(1_000, resolve))
    throw new Error('the store is away')
  })
  const seen = expect(failing).rejects.toThrow('the store is away')
  await clock.advanceTo(1_000)
  await seen
  expect(pace.nextMs() - clock.now()).toBe(20_000)
})
