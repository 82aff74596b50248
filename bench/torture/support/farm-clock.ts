/**
 * A clock shared by several processes: a multiple of wall-clock speed from a common instant. A lease of two minutes
 * passes in seconds without changing any setting of the product.
 */
import { scaledClock, systemClock, type AtMs, type Clock } from '../../../broker/contract/time.ts'

export interface FarmTime {
  /** when the farm's clock equalled the wall clock */
  epochMs: AtMs
  speed: number
  /** advanced since by */
  shiftMs?: number
}

export const startOfTime = (speed: number): FarmTime => ({ epochMs: systemClock.now(), speed })

export const farmClock = ({ epochMs, speed, shiftMs = 0 }: FarmTime): Clock =>
  scaledClock(epochMs + (systemClock.now() - epochMs) * speed + shiftMs, speed)
