/** Policies that need no model: none, a timer, one sensor, and two that see the truth. mm at the meter. */
import type { Climate } from '../climates.ts'
import { LIMITS, type Policy } from '../season.ts'

export const rainfed = (): Policy => () => 0

/** So many mm every so many days. */
export const timer =
  (mm: number, everyD: number): Policy =>
  ({ index }) =>
    (index + 2) % everyD === 0 ? mm : 0

/** Waters when the upper sensor has used up this share of what its soil can hold. */
export function oneSensor({ soil }: Climate, share: number, mm: number): Policy {
  const below = soil.fieldCapacity - share * (soil.fieldCapacity - soil.wiltingPoint)
  return ({ soilMoisture: [vwc] }) => (vwc != null && vwc < below ? mm : 0)
}

/** Sees the root zone as it is, and fills it up when this share of TAW is used. */
export const perfectRefill =
  (share: number, efficiency: number): Policy =>
  (_, { depletionMm, tawMm }) =>
    depletionMm >= share * tawMm ? Math.min(LIMITS.mostMm, depletionMm / efficiency) : 0
