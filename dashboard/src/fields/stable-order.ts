/** A list whose order does not change while it is visible. A person sees how many rows would move. */

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
  for (const place of places) {
    const index = tails.findIndex((tail) => tail >= place)
    if (index < 0) tails.push(place)
    else tails[index] = place
  }
  return items.length - tails.length
}
