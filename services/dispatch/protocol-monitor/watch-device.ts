/**
 * Checks the reports of a controller against the invariants that it must keep. Pure: the observed state and a message
 * in, a new state and violations out. It uses only the device clock, so that a slow network or a change of the server
 * clock violates no rule.
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

/** `orders`: the open commands of the controller before the message was processed. */
export function observeDevice(
  previous: ObservedState,
  message: ObservedMessage,
  orders: readonly Order[],
  limits: Limits,
): MonitorStep {
  const observed = withOrders(previous, orders)
  switch (message.type) {
    case 'state':
      return observeState(observed, message, orders, limits)
    case 'ack':
      return observeAck(observed, message.ack, orders, limits)
    case 'heartbeat':
      return observeClock(observed, message)
    case 'shown':
      return observeShown(observed, message)
  }
}
