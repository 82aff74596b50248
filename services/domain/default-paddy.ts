/** The row of a paddy for which nothing was entered. */
import { defaultPaddy } from '../agronomy/paddy/defaults.ts'
import type { PaddyRow } from '../tables.ts'

export const defaultPaddyRow = (fieldId: string, org: string): PaddyRow => ({ fieldId, org, ...defaultPaddy })
