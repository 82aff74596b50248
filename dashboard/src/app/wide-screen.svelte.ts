/** Whether there is room for tables and for more entries in the bar. */
const room = matchMedia('(min-width: 720px)')
let current = $state(room.matches)
room.addEventListener('change', () => (current = room.matches))

export const wide = {
  get current() {
    return current
  },
}
