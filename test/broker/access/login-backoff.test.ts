/** Sign-ins that fail are answered late, later each time; a device that knows its secret never waits. */
import { describe, expect, it } from 'vitest'
import { noLimits, standardLimits } from '../../../broker/access/limits.ts'
import { loginBackoff } from '../../../broker/access/login-backoff.ts'
import { secretOf, startBrokerRig } from '../rig.ts'

describe('the delay of a failed sign-in', () => {
  it('grows from 0.2 s, doubled each time, to 10 s and no further', () => {
    const delay = loginBackoff(standardLimits)
    const delays = Array.from({ length: 8 }, () => delay.failed('192.0.2.1', 0))
    expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
    for (let i = 0; i < 2_000; i++) delay.failed('192.0.2.1', 0)
    expect(delay.failed('192.0.2.1', 0)).toBe(10_000)
  })

  it('is of each address for itself, and forgotten after a quarter of an hour without a failure', () => {
    const delay = loginBackoff(standardLimits)
    for (let i = 0; i < 4; i++) delay.failed('192.0.2.1', 0)
    expect(delay.failed('192.0.2.2', 0)).toBe(200)
    expect(delay.failed('192.0.2.1', 15 * 60_000 - 1)).toBe(3_200)
    expect(delay.failed('192.0.2.1', 30 * 60_000)).toBe(200)
  })

  it('remembers 10,000 addresses, those that failed last', () => {
    const delay = loginBackoff(standardLimits)
    for (let i = 0; i < 5; i++) delay.failed('busy', 0)
    for (let i = 0; i < 9_999; i++) delay.failed(`address ${i}`, 0)
    expect(delay.failed('busy', 0)).toBe(6_400)
    for (let i = 0; i < 10_000; i++) delay.failed(`other ${i}`, 0)
    expect(delay.failed('busy', 0)).toBe(200)
  })

  it('there is none where limits are lifted', () => {
    expect(loginBackoff(noLimits).failed('192.0.2.1', 0)).toBe(0)
  })
})

describe('the delay of a failed sign-in, over the wire', () => {
  it('keeps nobody waiting that knows its secret, from the same address and as the same device', async () => {
    const rig = await startBrokerRig({ limits: { 'first-delay': 1_500, 'longest-delay': 1_500 } })
    for (const id of ['probe1', 'probe2']) rig.register('coop', id)
    const order: string[] = []
    const guesses = [
      ['a wrong secret', rig.connect('probe1', { password: 'guess' })],
      ['an unknown device', rig.connect('probe9')],
      ['the secret of another', rig.connect('probe2', { password: secretOf('probe1') })],
    ] as const
    const told = guesses.map(([what, guess]) =>
      guess.catch((error: Error) => {
        order.push(what)
        return error.message
      }),
    )
    for (const id of ['probe1', 'probe2']) order.push((await rig.connect(id)).options.clientId!)
    expect(order).toEqual(['probe1', 'probe2'])
    // one answer for all: nobody learns which devices there are
    expect(await Promise.all(told)).toEqual(Array(3).fill('Connection refused: Not authorized'))
    expect(rig.broker.counters().signInsFailed).toBe(3)
    await rig.stop()
  })
})
