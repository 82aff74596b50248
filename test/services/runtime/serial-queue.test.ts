/** The order in which dispatch handles its messages. */
import { expect, it } from 'vitest'
import { serialQueue } from '../../../services/runtime/serial-queue.ts'

function rig() {
  const line = serialQueue()
  const did: string[] = []
  let busy = 0
  const work = (name: string) => async () => {
    busy++
    expect(busy).toBe(1)
    await Promise.resolve()
    did.push(name)
    busy--
  }
  return { line, did, work }
}

it('runs one task at a time, in order; an urgent task goes before every waiting message, after earlier urgent ones', async () => {
  const { line, did, work } = rig()
  for (const name of ['state 1', 'state 2', 'state 3']) void line.enqueue(work(name))
  for (const name of ['start', 'stop']) void line.enqueueUrgent(work(name))
  await line.settled()
  // what has begun is not interrupted
  expect(did).toEqual(['state 1', 'start', 'stop', 'state 2', 'state 3'])
})

it('continues after a failed task, and rejects for its caller', async () => {
  const { line, did, work } = rig()
  const failed = line.enqueue(() => Promise.reject(new Error('disk')))
  void line.enqueue(work('next'))
  await expect(failed).rejects.toThrow('disk')
  await line.settled()
  expect(did).toEqual(['next'])
})

it('is settled only when the tasks added by its tasks are done too', async () => {
  const { line, did, work } = rig()
  void line.enqueue(async () => {
    await Promise.resolve()
    void line.enqueue(work('added'))
  })
  await line.settled()
  expect(did).toEqual(['added'])
  await line.settled()
})
