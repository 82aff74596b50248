/** Lines, bands and bars of a chart as the path of an SVG. The line breaks at an unknown point. */

/** A line through the points; `place` gives the position of a point, null where it is unknown. */
export function linePath<P>(
  points: readonly P[],
  place: (point: P) => readonly [x: number, y: number] | null,
): string {
  return knownRuns(points, place)
    .map((run) => pathThrough(run))
    .join('')
}

/** A band between two heights; in steps, when a height holds until the next point. */
export function bandPath<P>(
  points: readonly P[],
  place: (point: P) => readonly [x: number, from: number, to: number] | null,
  isStepped = false,
): string {
  return knownRuns(points, place)
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
  place: (bar: B) => readonly [left: number, top: number, width: number, height: number],
): string =>
  bars
    .map((bar) => {
      const [left, top, width, height] = place(bar)
      return `M${roundTenth(left)} ${roundTenth(top)}h${roundTenth(width)}v${roundTenth(height)}h${-roundTenth(width)}z`
    })
    .join('')

const roundTenth = (value: number): number => Math.round(value * 10) / 10
const pathThrough = (corners: readonly (readonly [number, number])[]): string =>
  `M${corners.map((corner) => corner.map(roundTenth).join()).join('L')}`

/** Runs of consecutive known points, by position. */
function knownRuns<P, A>(points: readonly P[], place: (point: P) => A | null): A[][] {
  const runs: A[][] = []
  let isGap = true
  for (const point of points) {
    const position = place(point)
    if (position && isGap) runs.push([])
    if (position) runs.at(-1)!.push(position)
    isGap = !position
  }
  return runs
}
