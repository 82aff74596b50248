/** A worker thread next to the event loop: its responses, its errors, its progress, and its end. */
import { existsSync } from 'node:fs'
import { getPriority } from 'node:os'
import { afterEach, expect, it } from 'vitest'
import { createWorkerClient, WorkerLimitError } from '../../../services/runtime/worker-thread.ts'
import type { TaskRequest } from './thread-worker.ts'

const thread = createWorkerClient<TaskRequest, unknown>(import.meta.url, 'the thread', { secret: 'given' })
afterEach(() => thread.end())

/** Sends a request, and resolves after its first progress report. */
async function begun(asked: TaskRequest): Promise<Promise<unknown>[]> {
  let answer!: Promise<unknown>
  await new Promise<void>((resolve) => {
    answer = thread.request(asked, () => resolve())
    answer.catch(() => {})
  })
  return [answer]
}

it('responds with its init data, reports progress in steps of a hundredth, and transfers bytes', async () => {
  const told: number[] = []
  expect(await thread.request({ what: 'echo' }, (share) => told.push(share))).toEqual({
    given: { secret: 'given' },
    bytes: new Uint8Array(5_000).fill(7),
  })
  expect(told).toEqual([0.2, 0.7])
})

it('an error arrives with its code and params; a bug as a plain error', async () => {
  await expect(thread.request({ what: 'refuse' })).rejects.toMatchObject({
    name: 'TilthError',
    code: 'PRE_HARVEST_INTERVAL',
    message: 'not before August',
    params: { day: '2026-08-01' },
  })
  const bug = await thread.request({ what: 'bug' }).catch((error: unknown) => error)
  expect(bug).toBeInstanceOf(Error)
  expect(bug).not.toHaveProperty('code')
  expect((bug as Error).stack).toMatch(/a bug[^]*thread-worker/)
})

it('that crashes rejects the request, and the next request is served by another', async () => {
  await expect(thread.request({ what: 'exit' })).rejects.toThrow('the thread ended')
  expect(await thread.request({ what: 'echo' })).toHaveProperty('bytes')
})

it('terminates at once, whatever it computes', async () => {
  const [answer] = await begun({ what: 'spin' })
  await thread.end()
  await expect(answer).rejects.toThrow('the thread was terminated')
  expect(await thread.request({ what: 'echo' })).toHaveProperty('bytes')
})

it('is not terminated while it holds the lock, and goes no further', async () => {
  const done = new Int32Array(new SharedArrayBuffer(4))
  const [answer] = await begun({ what: 'hold', forMs: 300, done })
  await thread.end()
  await expect(answer).rejects.toThrow('the thread was terminated')
  expect(Atomics.load(done, 0)).toBe(1)
})

it('is kept for the next request; one with a limit of memory ends with its request, and its heap with it', async () => {
  const twice = async (client: typeof thread) => [
    await client.request({ what: 'thread' }),
    await client.request({ what: 'thread' }),
  ]
  const [first, second] = await twice(thread)
  expect(second).toBe(first)
  const limited = createWorkerClient<TaskRequest, unknown>(import.meta.url, 'the thread', null, {
    heapMb: 64,
  })
  const [one, other] = await twice(limited)
  expect(other).not.toBe(one)
})

it('is terminated by a request that takes too long or too much memory, and the next request is served', async () => {
  const limited = createWorkerClient<TaskRequest, unknown>(import.meta.url, 'the thread', null, {
    heapMb: 64,
    deadlineMs: 10_000,
  })
  const impatient = createWorkerClient<TaskRequest, unknown>(import.meta.url, 'the thread', null, {
    deadlineMs: 100,
  })
  const failures = await Promise.all([
    limited.request({ what: 'fill' }).catch((error: unknown) => error),
    impatient.request({ what: 'spin' }).catch((error: unknown) => error),
  ])
  expect(failures).toEqual([
    new WorkerLimitError('the thread', 'memory'),
    new WorkerLimitError('the thread', 'time'),
  ])
  expect(failures).toMatchObject([{ limit: 'memory' }, { limit: 'time' }])
  expect(await limited.request({ what: 'echo' })).toHaveProperty('bytes')
  await limited.end()
  await impatient.end()
})

it('at its limit of memory never ends the process, even one with much room for young objects', async () => {
  expect(process.execArgv).toContain('--max-semi-space-size=64')
  const limited = createWorkerClient<TaskRequest, unknown>(import.meta.url, 'the thread', null, {
    heapMb: 64,
  })
  for (const what of ['parse', 'fill'] as const)
    await expect(limited.request({ what })).rejects.toEqual(new WorkerLimitError('the thread', 'memory'))
})

it.runIf(existsSync('/proc/thread-self'))('has a lower priority than the event loop', async () => {
  expect(await thread.request({ what: 'priority' })).toBe(getPriority() + 10)
})
