/** Whether the screen is wide enough for tables and for more entries in the bar. */
const wideQuery = matchMedia('(min-width: 720px)')
let current = $state(wideQuery.matches)
wideQuery.addEventListener('change', () => (current = wideQuery.matches))

export const wide = {
  get current() {
    return current
  },
}
