/** The intervals of the command protocol. */

/** Every interval of the protocol, ms. A device receives its part in the retained config message. */
export interface Timing {
  heartbeatIdleMs: number
  heartbeatOpenMs: number
  leaseMs: number // a valve stays open this long after the last heartbeat that was acknowledged
  freshMs: number // nothing is opened on an older heartbeat
  resendMs: number
  expiryMs: number // an opening may start this long after the heartbeat it refers to
  stateMs: number
  unconfirmedMs: number // without an ack or a heartbeat for this time, the state is unknown
  missedWindowMs: number // a run that could not start by then is skipped; farm time, never scaled
  reconcileMs: number
  slackMs: number // tolerance for clocks, messages in transit and relays
}

export const standardTiming: Timing = {
  heartbeatIdleMs: 10_000,
  heartbeatOpenMs: 5_000,
  leaseMs: 120_000,
  freshMs: 15_000,
  resendMs: 5_000,
  expiryMs: 60_000,
  stateMs: 60_000,
  unconfirmedMs: 90_000,
  missedWindowMs: 900_000,
  reconcileMs: 30_000,
  slackMs: 1_000,
}

/** The same protocol with every interval `factor` times as long, for a simulation that runs fast. */
export function scaleTiming(timing: Timing, factor: number): Timing {
  if (!(factor > 0)) throw new RangeError(`timing factor must be above 0, got ${factor}`)
  const scaled = Object.entries(timing).map(([key, ms]) => [key, ms * factor])
  return { ...(Object.fromEntries(scaled) as unknown as Timing), missedWindowMs: timing.missedWindowMs }
}
