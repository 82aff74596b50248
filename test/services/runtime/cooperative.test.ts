/** Long work that is left for a while: what else waits has its turn, and the answer is the same. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import {
  runCooperatively,
  runSync,
  timeSlices,
  yieldToEventLoop,
  type CooperativeTask,
} from '../../../services/runtime/cooperative.ts'

/** Sums for at least one step, and while `isWaited` returns true. */
function* summing(isWaited: () => boolean): CooperativeTask<number> {
  let sum = 0
  do {
    for (let i = 0; i < 10_000; i++) sum += i % 2
    yield
  } while (isWaited())
  return sum
}

it('lets waiting work run before the task is done', async () => {
  let isServed = false
  setImmediate(() => (isServed = true))
  // it would go on for ever if nothing else were served
  expect(await runCooperatively(summing(() => !isServed))).toBeGreaterThan(0)
})

it('lets waiting work run between the parts of a computation', async () => {
  let isServed = false
  setImmediate(() => (isServed = true))
  const betweenParts = timeSlices()
  // it would go on for ever if nothing else were served
  while (!isServed) await betweenParts()
})

it('returns the same synchronously, before anything else is served', async () => {
  let isServed = false
  setImmediate(() => (isServed = true))
  let steps = 0
  expect(runSync(summing(() => ++steps < 3))).toBe(15_000)
  expect(isServed).toBe(false)
  await turn()
})

it('fails as the task does', async () => {
  function* failing(): CooperativeTask<never> {
    yield
    throw new RangeError('too much')
  }
  await expect(runCooperatively(failing())).rejects.toThrow('too much')
  expect(() => runSync(failing())).toThrow('too much')
})

it('a yield lasts for work that takes three turns of the event loop, as an acknowledgement does', async () => {
  const done: string[] = []
  setImmediate(() => {
    done.push('read')
    setImmediate(() => {
      done.push('committed')
      setImmediate(() => done.push('acknowledged'))
    })
  })
  await yieldToEventLoop()
  expect(done).toEqual(['read', 'committed', 'acknowledged'])
})
