/** How wide the screen is. */
function atLeast(widthPx: number): { readonly current: boolean } {
  const query = matchMedia(`(min-width: ${widthPx}px)`)
  let current = $state(query.matches)
  query.addEventListener('change', () => (current = query.matches))
  return {
    get current() {
      return current
    },
  }
}

/** Wide enough for tables, and for more entries in the bar. */
export const wide = atLeast(720)
/** A desk: the navigation stands at the left, and pages have two columns. The styles use the same width. */
export const desk = atLeast(1024)
