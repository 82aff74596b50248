/**
 * Watches what a controller reports against the invariants that it must keep. Pure: what was seen of it, and a word,
 * give what is broken and what is remembered. It judges by the device's own clock alone, so that a slow network or a
 * server's clock that is set breaks no rule.
 */
import {
  withOrders,
  type ObservedMessage,
  type Limits,
  type Order,
  type ObservedState,
  type MonitorStep,
} from './observed-state.ts'
import { observeAck } from './watch-ack.ts'
import { observeClock, observeShown } from './watch-clock.ts'
import { observeState } from './watch-state.ts'

/** `orders`: those of the controller that have not ended, as they stood before the word was taken. */
export function observeDevice(
  before: ObservedState,
  word: ObservedMessage,
  orders: readonly Order[],
  limits: Limits,
): MonitorStep {
  const seen = withOrders(before, orders)
  switch (word.type) {
    case 'state':
      return observeState(seen, word, orders, limits)
    case 'ack':
      return observeAck(seen, word.ack, orders, limits)
    case 'heartbeat':
      return observeClock(seen, word)
    case 'shown':
      return observeShown(seen, word)
  }
}
