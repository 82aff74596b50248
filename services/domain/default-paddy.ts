/** The row of a paddy for which nothing was entered. */
import { defaultPaddy } from '../agronomy/paddy/defaults.ts'
import type { PaddyRow } from '../tables.ts'

/** Used where no row is stored; it is not written to the store. */
export const defaultPaddyRow = (fieldId: string, org: string): PaddyRow => ({ fieldId, org, ...defaultPaddy })
