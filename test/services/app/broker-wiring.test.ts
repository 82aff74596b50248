/** A start serves devices before people, but not for ever. */
import { expect, it } from 'vitest'
import { untilNoneWaits } from '../../../services/app/broker-wiring.ts'

it('waits until the connections that have come are accepted', async () => {
  let waiting = 3
  await untilNoneWaits({ waiting: () => waiting-- })
  expect(waiting).toBe(-1)
})

it('does not wait for devices that connect without end', async () => {
  await untilNoneWaits({ waiting: () => 1 })
})
