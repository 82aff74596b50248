import { afterEach, expect, it, vi } from 'vitest'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { createRetrier } from '../../../services/runtime/retry.ts'
import { silent } from '../../broker/rig.ts'

const unhandled = vi.fn()
afterEach(() => void process.off('unhandledRejection', unhandled))

it('work that fails unblocks the waiting caller, and its failure stays with its owner', async () => {
  process.on('unhandledRejection', unhandled)
  const retrier = createRetrier({ clock: virtualClock(0), log: silent })
  const work = Promise.reject(new Error('the disk is full'))
  const owner = expect(work).rejects.toThrow('the disk is full')
  await retrier.untilBlocked(work)
  await owner
  await new Promise((resolve) => setImmediate(resolve))
  expect(unhandled).not.toHaveBeenCalled()
})

it('work that starts to wait unblocks the caller before it is done', async () => {
  const clock = virtualClock(0)
  const retrier = createRetrier({ clock, log: silent })
  let attempts = 0
  const work = retrier.retryForever('write', async () => {
    if (++attempts < 2) throw new Error('locked')
  })
  await retrier.untilBlocked(work)
  expect([attempts, retrier.isWaiting()]).toEqual([1, true])
  await clock.advanceTo(1_000)
  await work
  expect([attempts, retrier.isWaiting(), retrier.failures()]).toEqual([2, false, 1])
})
