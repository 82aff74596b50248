/** What waits while long work breathes. */
import { expect, it } from 'vitest'
import { yieldToEventLoop } from '../../services/breath.ts'

it('is long enough for what takes three turns of the event loop, as an acknowledgement does', async () => {
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
