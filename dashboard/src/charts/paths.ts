/** Lines, bands and bars of a chart as the path of an SVG. Where a point is unknown the line breaks: a gap stays a gap. */

/** A line through the points; `at` gives the place of a point, null where it is unknown. */
export function linePath<P>(
  points: readonly P[],
  at: (point: P) => readonly [x: number, y: number] | null,
): string {
  return knownRuns(points, at)
    .map((run) => pathThrough(run))
    .join('')
}

/** A band between two heights; in steps, when a height holds until the next point. */
export function bandPath<P>(
  points: readonly P[],
  at: (point: P) => readonly [x: number, from: number, to: number] | null,
  isStepped = false,
): string {
  return knownRuns(points, at)
    .map((run) => {
      const corners = isStepped
        ? run.flatMap(([x, from, to], i) => [
            [x, ...(run[i - 1] ?? [x, from, to]).slice(1)],
            [x, from, to],
          ])
        : run
      const forward = corners.map(([x, , to]) => [x!, to!] as const)
      const backward = corners.map(([x, from]) => [x!, from!] as const).reverse()
      return `${pathThrough([...forward, ...backward])}Z`
    })
    .join('')
}

/** Bars as one shape, which an old phone draws faster than sixty of them. */
export const barsPath = <B>(
  bars: readonly B[],
  at: (bar: B) => readonly [left: number, top: number, width: number, height: number],
): string =>
  bars
    .map((bar) => {
      const [left, top, width, height] = at(bar)
      return `M${round(left)} ${round(top)}h${round(width)}v${round(height)}h${-round(width)}z`
    })
    .join('')

const round = (value: number): number => Math.round(value * 10) / 10
const pathThrough = (corners: readonly (readonly [number, number])[]): string =>
  `M${corners.map((corner) => corner.map(round).join()).join('L')}`

/** Runs of consecutive known points, as placed. */
function knownRuns<P, A>(points: readonly P[], at: (point: P) => A | null): A[][] {
  const runs: A[][] = []
  let isGap = true
  for (const point of points) {
    const placed = at(point)
    if (placed && isGap) runs.push([])
    if (placed) runs.at(-1)!.push(placed)
    isGap = !placed
  }
  return runs
}
