/** Application rates of a paddy's inlet and outlet as its gauge has measured them. Pure. */
import { readPaddyNow, unlessInvalid, type FieldStateRow, type ZoneRow } from '../../tables.ts'
import { tenth } from '../../runtime/math.ts'

const PLAUSIBLE_FACTOR = 3

/** Zones with the measured rate, mm/h, in place of the nominal one, unless it is implausible. */
export function withMeasuredRates(zones: readonly ZoneRow[], states: readonly FieldStateRow[]): ZoneRow[] {
  // an invalid state measures nothing; the plan of its own field reports it
  const paddyByField = new Map(
    states.map(({ fieldId, paddy }) => [fieldId, paddy ? unlessInvalid(() => readPaddyNow(paddy)) : null]),
  )
  return zones.map((zone) => {
    const paddy = paddyByField.get(zone.fieldId)
    const mmH = zone.method === 'outlet' ? paddy?.outletMmH : paddy?.inletMmH
    const isPlausible =
      mmH != null &&
      mmH >= zone.applicationRateMmH / PLAUSIBLE_FACTOR &&
      mmH <= zone.applicationRateMmH * PLAUSIBLE_FACTOR
    return isPlausible ? { ...zone, applicationRateMmH: tenth(mmH) } : zone
  })
}
