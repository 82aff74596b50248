/**
 * What one intent means for one valve. Durations are rounded down to the driver's step; one below its minimum or above
 * its maximum is refused by name, because a longer need is several runs. Pure.
 */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { Bound, Driver, DriverIntent, DriverPlan, PlanError, ValveAddress } from './driver-types.ts'

/** The longest run of a foreign valve: the cap of every device that the duration alone bounds. */
export const DRIVER_CAP_MS = 1_800_000

/** The plan of an intent, or why there is none. */
export function stepsOf(
  driver: Driver,
  address: ValveAddress,
  intent: DriverIntent,
): Result<DriverPlan, PlanError> {
  if (!driver.via.includes(address.via))
    return err({ code: 'VALVE_ADDRESS_INVALID', why: `${driver.name} is not reached by ${address.via}` })
  const granted = intent.op === 'open' ? withGrantedDuration(driver, intent) : ok(intent)
  if (!granted.ok) return granted
  const planned = driver.planOf(address, granted.value)
  return planned === null
    ? err({ code: 'VALVE_REQUEST_UNSUPPORTED', why: `${driver.name} has no ${intent.op}` })
    : ok(planned)
}

type Open = Extract<DriverIntent, { op: 'open' }>

function withGrantedDuration(driver: Driver, intent: Open): Result<Open, PlanError> {
  const { bound, refused, name } = driver
  if (refused !== null) return err(refused)
  if (bound === null) return err({ code: 'VALVE_REQUEST_UNSUPPORTED', why: `${name} has no open` })
  const durMs = grantedMs(bound, intent.durMs)
  return durMs.ok ? ok({ ...intent, durMs: durMs.value }) : durMs
}

/** The duration that a driver can bound, rounded down to its step. */
export function grantedMs(bound: Bound, durMs: number): Result<number, PlanError> {
  const maxMs = Math.min(bound.maxMs, DRIVER_CAP_MS)
  if (!Number.isFinite(durMs) || durMs <= 0)
    return err({ code: 'VALVE_DURATION_INVALID', why: `a run of ${durMs} ms is none` })
  const rounded = Math.floor(durMs / bound.stepMs) * bound.stepMs
  if (rounded < bound.minMs)
    return err({ code: 'VALVE_RUN_TOO_SHORT', why: `${durMs} ms: the shortest run is ${bound.minMs} ms` })
  if (rounded > maxMs)
    return err({ code: 'VALVE_RUN_TOO_LONG', why: `${durMs} ms: the longest run is ${maxMs} ms` })
  return ok(rounded)
}
