/** Water that a person gave by hand, or with a valve that is not ordered from here, as it is written down and counted. */
import type { FieldRow, ZoneRow } from '../tables.ts'

/** The cause of such a record. */
export const MANUAL = 'hand'

/** What a change of a field is by such water, or by a run that was taken back: the estimator looks again. */
export const IRRIGATION_REPORTED = 'told-water'

export type WateredZone = Pick<ZoneRow, 'id' | 'areaM2' | 'efficiency' | 'applicationRateMmH'>

// of water whose way onto the field nobody has entered, as a sprinkler's; water stands on a paddy. Unconfirmed
const DEFAULT_EFFICIENCY = { upland: 0.75, paddy: 1 }

/** What water by hand wets where a field has no zone that waters it: all of it, by its own id. */
export const virtualZoneFor = ({
  id,
  areaM2,
  kind,
}: Pick<FieldRow, 'id' | 'areaM2' | 'kind'>): WateredZone => ({
  id,
  areaM2,
  efficiency: DEFAULT_EFFICIENCY[kind],
  applicationRateMmH: 0,
})

// A person sees whether a valve opens and water comes: a short start by hand, told apart from watering in every record.

/** Of a run by the name of its plan, of an irrigation by its cause. */
export const VALVE_TEST = 'test'
/** Long enough to hear the water and to come to the first pulses of a meter. */
export const TEST_MINUTES = 0.5
