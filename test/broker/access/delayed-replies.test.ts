/** Answers to failed sign-ins are held back, and cost no memory that others need. */
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { delayedReplies } from '../../../broker/access/delayed-replies.ts'

const HOUR_MS = 3_600_000
const stream = () => new PassThrough()
const isHeld = async (answer: Promise<void>) =>
  Promise.race([
    answer.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 20)),
  ])

describe('a delayed response', () => {
  it('is sent when its delay is over, and at once when that is in the past', async () => {
    const hold = delayedReplies()
    await hold(stream(), -5)
    await hold(stream(), 5)
    expect(await isHeld(hold(stream(), HOUR_MS))).toBe(true)
  })

  it('ends at once for a client that has disconnected', async () => {
    const hold = delayedReplies()
    const gone = stream().destroy()
    const caller = stream()
    const answer = hold(caller, HOUR_MS)
    await hold(gone, HOUR_MS)
    expect(await isHeld(answer)).toBe(true)
    caller.destroy()
    await answer
  })

  it('is dropped with its connection when too many are pending, the oldest first', async () => {
    const hold = delayedReplies(2)
    const callers = [stream(), stream(), stream()]
    const answers = callers.map((each) => hold(each, HOUR_MS))
    await answers[0]
    expect(callers.map(({ destroyed }) => destroyed)).toEqual([true, false, false])
    expect(await isHeld(answers[1]!)).toBe(true)
    expect(await isHeld(answers[2]!)).toBe(true)
  })
})
