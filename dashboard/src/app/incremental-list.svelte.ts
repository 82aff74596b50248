/**
 * A long list is drawn some rows a turn, those that are seen first: between two turns the page is painted and a tap
 * answered, which an old phone would else do only when all of it stands.
 */

/**
 * How many of `total` rows may stand by now: `first` when they come, and `more` each turn. A list that is there when its
 * screen opens stands whole, so that a step back finds the place where it was left; and one that has become whole stays so,
 * or what stands below it would go for a turn when a row is added.
 */
export function renderIncrementally(
  total: () => number,
  first: number,
  more: number,
): { readonly count: number; readonly isWhole: boolean } {
  let count = $state(total() > 0 ? Infinity : first)
  $effect(() => {
    if (count >= total()) {
      if (total() > 0) count = Infinity
      return
    }
    const next = setTimeout(() => (count += more))
    return () => clearTimeout(next)
  })
  return {
    get count() {
      return count
    },
    /** What stands below the list comes after it, or it would be pushed down. */
    get isWhole() {
      return count >= total()
    },
  }
}
