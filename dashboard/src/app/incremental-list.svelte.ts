/**
 * A long list is drawn in batches, the visible rows first. Between two batches the page is painted and taps are
 * handled, which an old phone would otherwise do only after the whole list.
 */

/**
 * How many of `total` rows are drawn by now: `first` at the start, `more` with each batch. A list that has its data
 * when its screen opens is drawn completely, so that going back restores the scroll position; a complete list stays
 * complete, or the content below it would disappear for a batch when a row is added.
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
    /** Content below the list waits for it, or it would be pushed down. */
    get isWhole() {
      return count >= total()
    },
  }
}
