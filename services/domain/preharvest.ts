/** The pre-harvest interval (PHI): days from a treatment to the harvest, by the label of the product. */
import type { Day } from '../../broker/contract/time.ts'
import { fail } from '../errors.ts'

/** Of one season on one day. */
export interface PreHarvestStatus {
  state: 'elapsed' | 'active' | 'unknown'
  earliestDay: Day | null
  by?: { product: string; phiDays: number } | null
}

/**
 * PRE_HARVEST_INTERVAL with the earliest day and the product when a treatment blocks the harvest; an unknown interval is reported
 * as unknown, never as open.
 */
export function requireHarvestAllowed(status: PreHarvestStatus, fieldName: string): 'elapsed' | 'unknown' {
  const { state, earliestDay, by: limitingSpray = null } = status
  if (state === 'active')
    fail(
      'PRE_HARVEST_INTERVAL',
      `day: ${fieldName} must not be harvested before ${earliestDay}, because of a treatment`,
      {
        params: {
          field: fieldName,
          day: earliestDay,
          product: limitingSpray?.product ?? null,
          days: limitingSpray?.phiDays ?? null,
        },
      },
    )
  return state
}
