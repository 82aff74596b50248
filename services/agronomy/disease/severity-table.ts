/** Tables that convert hours and a mean temperature into a severity value of one day. */

export interface SeverityBand {
  fromC: number
  toC: number
  /** hours from which the value is 1, 2, 3 (and 4) */
  hours: readonly number[]
}

/** The value of a day; 0 when the temperature is outside every band. The table has a resolution of `stepC`. */
export function severityOf(
  bands: readonly SeverityBand[],
  stepC: number,
  tempC: number | null,
  hours: number,
): number {
  if (tempC === null) return 0
  const read = Math.round(tempC / stepC) * stepC
  const edge = stepC / 1000
  const band = bands.find(({ fromC, toC }) => read >= fromC - edge && read <= toC + edge)
  return band ? band.hours.filter((needed) => hours >= needed).length : 0
}
