/**
 * A clock that several processes share: so many times as fast as the wall, counted from one instant. A lease of two
 * minutes passes in seconds, and nothing of the product has to be set to other values for it.
 */
import { scaledClock, systemClock, type AtMs, type Clock } from '../../../broker/contract/time.ts'

export interface FarmTime {
  /** when the farm's clock and the wall's agreed */
  epochMs: AtMs
  speed: number
  /** how far it has been put forward since */
  shiftMs?: number
}

export const startOfTime = (speed: number): FarmTime => ({ epochMs: systemClock.now(), speed })

export const farmClock = ({ epochMs, speed, shiftMs = 0 }: FarmTime): Clock =>
  scaledClock(epochMs + (systemClock.now() - epochMs) * speed + shiftMs, speed)
