import type { Holding } from '../../../services/api/schemas.ts'

/** The season of a field that has no harvest day yet; undefined: the field has none, or nothing was read. */
export const unharvestedSeason = (
  holding: Holding | null,
  fieldId: string | undefined,
): Holding['seasons'][number] | undefined =>
  holding?.seasons.find((season) => season.fieldId === fieldId && season.harvestedDay === null)
