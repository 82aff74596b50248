/** How much of a field one more valve waters, so that together its valves water the field once. */
import type { Holding } from '../../../services/api/schemas.ts'

type Zone = Pick<Holding['zones'][number], 'id' | 'fieldId' | 'areaM2' | 'method'>

/** The zones whose water stays on the field: an outlet lets it off. */
export const wateringZones = <T extends Zone>(zones: readonly T[], fieldId: string): T[] =>
  zones.filter((zone) => zone.fieldId === fieldId && zone.method !== 'outlet')

export interface NewZoneArea {
  /** for the new zone, m2 */
  areaM2: number
  /** smaller areas of the others, m2: they watered the whole field before */
  others: { id: string; areaM2: number }[]
}

/** What the others leave; where they leave nothing, all get an equal share of the field. */
export function areaOfNewZone(fieldM2: number, zones: readonly Zone[]): NewZoneArea {
  const restM2 = fieldM2 - zones.reduce((sum, zone) => sum + zone.areaM2, 0)
  // a rest of rounding is no room
  if (restM2 > fieldM2 / 100) return { areaM2: round(restM2), others: [] }
  const shareM2 = fieldM2 / (zones.length + 1)
  const factor = (fieldM2 - shareM2) / Math.max(fieldM2, fieldM2 - restM2)
  return {
    areaM2: round(shareM2),
    others: zones.map(({ id, areaM2 }) => ({ id, areaM2: round(areaM2 * factor) })),
  }
}

/** Watered twice when the valves together have more than the field, beyond rounding. */
export const isWateredTwice = (fieldM2: number, zones: readonly { areaM2: number }[]): boolean =>
  zones.reduce((sum, zone) => sum + zone.areaM2, 0) > fieldM2 * 1.01

const round = (areaM2: number): number => Math.round(areaM2 * 10) / 10
