/** Rain that stayed in the root zone. */
import type { FieldDayRow } from '../../tables.ts'

/**
 * mm; what ran off is not counted, and what drained that day is shared out over what went in of its rain and irrigation.
 * Null where drainage is not known.
 */
export function effectiveRainMm(
  day: Pick<FieldDayRow, 'rainMm' | 'irrigationMm' | 'runoffMm' | 'deepPercolationMm'>,
): number | null {
  const { rainMm, irrigationMm, runoffMm, deepPercolationMm } = day
  if (rainMm === null || deepPercolationMm === null) return null
  const wentInMm = Math.max(0, rainMm - (runoffMm ?? 0))
  if (wentInMm <= 0) return 0
  return Math.max(0, wentInMm - (deepPercolationMm * wentInMm) / (wentInMm + irrigationMm))
}
