/** Policies without a model: none, a timer, one sensor, and a perfect refill with the true state. mm at the meter. */
import type { Climate } from '../climates.ts'
import { LIMITS, type Policy } from '../season.ts'

export const rainfed = (): Policy => () => 0

/** A fixed depth at a fixed interval. */
export const timer =
  (mm: number, everyD: number): Policy =>
  ({ index }) =>
    (index + 2) % everyD === 0 ? mm : 0

/** Irrigates when the upper sensor shows that this share of the soil's capacity is used. */
export function oneSensor({ soil }: Climate, share: number, mm: number): Policy {
  const below = soil.fieldCapacity - share * (soil.fieldCapacity - soil.wiltingPoint)
  return ({ soilMoisture: [vwc] }) => (vwc != null && vwc < below ? mm : 0)
}

/** Knows the true root zone, and refills it when this share of TAW is used. */
export const perfectRefill =
  (share: number, efficiency: number): Policy =>
  (_, { depletionMm, tawMm }) =>
    depletionMm >= share * tawMm ? Math.min(LIMITS.mostMm, depletionMm / efficiency) : 0
