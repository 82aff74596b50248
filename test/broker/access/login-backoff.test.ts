/** Failed sign-ins are answered late, later each time; a device that knows its secret never waits. */
import { describe, expect, it } from 'vitest'
import { secretOf, startBrokerRig } from '../rig.ts'

describe('the delay of a failed sign-in, over the wire', () => {
  it('delays no client with the right secret, from the same address and as the same device', async () => {
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
