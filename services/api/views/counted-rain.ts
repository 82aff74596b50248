/** Rain that stayed in the root zone. */
import type { FieldDayRow } from '../../tables.ts'

/** mm; what drained that day is shared out over its rain and irrigation. Null where drainage is not known. */
export function countedRainMm(day: FieldDayRow): number | null {
  const { rainMm, irrigationMm, deepPercolationMm } = day
  if (rainMm === null || deepPercolationMm === null) return null
  if (rainMm <= 0) return 0
  return Math.max(0, rainMm - (deepPercolationMm * rainMm) / (rainMm + irrigationMm))
}
