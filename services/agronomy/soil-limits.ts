/**
 * Field capacity and wilting point of a root zone, with their doubt: what a field's row says (texture or entered), and
 * what its probes have learned. Depths in cm, water contents in m³/m³.
 */

/** A limit and where it came from. */
export interface SoilLimitEstimate {
  v: number
  sd: number
  from: 'field' | 'learned'
  events: number // learned from so many
}

export interface SoilLimitsEstimate {
  fieldCapacity: SoilLimitEstimate
  wiltingPoint: SoilLimitEstimate
}

/**
 * Standard deviation of a limit that was read off a texture: the ranges of FAO-56 Table 19 are 0.08-0.14 wide (FC) and
 * 0.04-0.12 (WP), an even spread over 0.1 has a standard deviation of 0.03.
 */
export const TEXTURE_SD = 0.03

/** The limits of a field's own row. */
export const ownLimits = (field: { fieldCapacity: number; wiltingPoint: number }): SoilLimitsEstimate => ({
  fieldCapacity: { v: field.fieldCapacity, sd: TEXTURE_SD, from: 'field', events: 0 },
  wiltingPoint: { v: field.wiltingPoint, sd: TEXTURE_SD, from: 'field', events: 0 },
})
