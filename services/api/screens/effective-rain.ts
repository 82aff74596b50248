/** Effective rain: the part that stayed in the root zone. */
import type { FieldDayRow } from '../../tables.ts'

/**
 * mm, without runoff; drainage of the day is split between rain and irrigation by their infiltration. Null
 * when the drainage is unknown.
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
