/**
 * Watches what a controller reports against the invariants that it must keep. Pure: what was seen of it, and a word,
 * give what is broken and what is remembered. It judges by the device's own clock alone, so that a slow network or a
 * server's clock that is set breaks no rule.
 */
import {
  withOrders,
  type DeviceWord,
  type Limits,
  type Order,
  type Seen,
  type Watched,
} from './observed-state.ts'
import { seeAck } from './watch-ack.ts'
import { seeClock, seeShown } from './watch-clock.ts'
import { seeState } from './watch-state.ts'

/** `orders`: those of the controller that have not ended, as they stood before the word was taken. */
export function watchDevice(
  before: Seen,
  word: DeviceWord,
  orders: readonly Order[],
  limits: Limits,
): Watched {
  const seen = withOrders(before, orders)
  switch (word.type) {
    case 'state':
      return seeState(seen, word, orders, limits)
    case 'ack':
      return seeAck(seen, word.ack, orders, limits)
    case 'heartbeat':
      return seeClock(seen, word)
    case 'shown':
      return seeShown(seen, word)
  }
}
