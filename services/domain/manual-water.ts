/** Water that a person gave by hand, or with a valve that is not ordered from here, as it is written down and counted. */
import type { FieldRow, ZoneRow } from '../tables.ts'

/** The cause of such a record. */
export const BY_HAND = 'hand'

/** What a change of a field is by such water, or by a run that was taken back: the estimator looks again. */
export const TOLD_WATER = 'told-water'

export type WateredZone = Pick<ZoneRow, 'id' | 'areaM2' | 'efficiency' | 'applicationRateMmH'>

// of water whose way onto the field nobody has entered, as a sprinkler's; water stands on a paddy. Unconfirmed
const USUAL_EFFICIENCY = { upland: 0.75, paddy: 1 }

/** What water by hand wets where a field has no zone that waters it: all of it, by its own id. */
export const wholeField = ({ id, areaM2, kind }: Pick<FieldRow, 'id' | 'areaM2' | 'kind'>): WateredZone => ({
  id,
  areaM2,
  efficiency: USUAL_EFFICIENCY[kind],
  applicationRateMmH: 0,
})
