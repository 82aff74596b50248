/** How often the controllers of the demonstration report while a person watches, in farm time. */
import { scaleTiming, standardTiming } from '../../broker/contract/command-lifecycle/timing.ts'
import { SECOND_MS } from '../../broker/contract/time.ts'

/** Heartbeats and leases are, at the usual speed of 60, those of a real controller in real time. */
const LIVE_TIMING_FACTOR = 60
/** The litres of a running valve climb while a person watches, without more messages than a phone can draw. */
const LEAST_REAL_MS = 2 * SECOND_MS

/**
 * `speed`: farm seconds in a second. A state, which carries the litres, comes as often as that of a real controller, every
 * minute of the farm, but not more often than every two seconds of real time.
 */
export function controllerIntervals(speed: number) {
  const { heartbeatIdleMs, heartbeatOpenMs, leaseMs } = scaleTiming(standardTiming, LIVE_TIMING_FACTOR)
  const stateMs = Math.max(standardTiming.stateMs, LEAST_REAL_MS * speed)
  return { heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs }
}
