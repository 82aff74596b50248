/**
 * A list that does not move under a finger: while it is visible, rows keep their places, and a person sees how many
 * have moved.
 */

/** The items in the order last shown; new items follow in their own order. */
export function keepShownOrder<T extends { id: string }>(
  shownIds: readonly string[],
  items: readonly T[],
): T[] {
  const place = new Map(shownIds.map((id, index) => [id, index]))
  return [...items].sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || 0)
}

/** How many items would change place: those outside the longest run that is in order. */
export function countMoved(shownIds: readonly string[], items: readonly { id: string }[]): number {
  const place = new Map(shownIds.map((id, index) => [id, index]))
  const places = items.flatMap(({ id }) => place.get(id) ?? [])
  const tails: number[] = []
  for (const at of places) {
    const index = tails.findIndex((tail) => tail >= at)
    if (index < 0) tails.push(at)
    else tails[index] = at
  }
  return items.length - tails.length
}
