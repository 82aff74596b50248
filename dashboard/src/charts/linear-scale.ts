/** A linear scale of a chart: the place of an amount on the page, and round amounts to mark. */
export interface Scale {
  (amount: number): number
  /** its two ends on the page */
  range: readonly [number, number]
  /** the amount at a place on the page */
  invert(place: number): number
  /** about `approxCount` round amounts within the scale */
  ticks(approxCount: number): number[]
}

/** From the first amount at `range[0]` to the last at `range[1]`. */
export function linearScale([from, to]: readonly [number, number], range: readonly [number, number]): Scale {
  const perUnit = (range[1] - range[0]) / (to - from || 1)
  return Object.assign((amount: number) => range[0] + (amount - from) * perUnit, {
    range,
    invert: (place: number) => from + (place - range[0]) / perUnit,
    ticks: (approxCount: number) => roundAmounts(from, to, approxCount),
  })
}

/** Steps of 1, 2 or 5 times a power of ten, whichever is nearest in ratio to the span in `approxCount` parts. */
function roundAmounts(from: number, to: number, approxCount: number): number[] {
  const rawStep = (to - from) / approxCount
  const power = 10 ** Math.floor(Math.log10(rawStep))
  const ratio = rawStep / power
  const step = power * (ratio >= 50 ** 0.5 ? 10 : ratio >= 10 ** 0.5 ? 5 : ratio >= 2 ** 0.5 ? 2 : 1)
  const amounts: number[] = []
  const first = Math.ceil(from / step)
  // bounded: of a number without a place for the step, adding 1 gives the same number
  for (let n = first; n * step <= to && amounts.length < 10 * approxCount; n++)
    amounts.push(Number((n * step).toPrecision(12)))
  return amounts
}
