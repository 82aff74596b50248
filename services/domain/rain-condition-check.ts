/** When the rain condition of a planned run is evaluated. */
import { MINUTE_MS } from '../../broker/contract/time.ts'

/** Rain is evaluated while the run can still be cancelled: what falls later skips nothing. */
export const RAIN_CHECKED_BEFORE_MS = 3 * MINUTE_MS
