/** Records of water applied by hand or through a valve without a controller, and of valve tests. */
import type { FieldRow, ZoneRow } from '../tables.ts'

/** The cause of a manual record. */
export const MANUAL_ENTRY = 'manual-entry'

/** The id of a field change for such water or for a voided run: the estimate is recalculated. */
export const IRRIGATION_REPORTED = 'irrigation-reported'

export type WateredZone = Pick<ZoneRow, 'id' | 'areaM2' | 'efficiency' | 'applicationRateMmH'>

// without an entered efficiency: that of a sprinkler; on a paddy nothing is lost. Unconfirmed
const DEFAULT_EFFICIENCY = { upland: 0.75, paddy: 1 }

/**
 * The zone that manual water wets in a field without an irrigation zone: the whole field, with the id of the field.
 */
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

// A person checks that a valve opens and water flows: a short manual run, marked as a test in every record.

/** Plan version of such a run, and cause of its irrigation record. */
export const VALVE_TEST = 'test'
/** Long enough to notice the water and to reach the first pulses of a meter. */
export const TEST_MINUTES = 0.5
