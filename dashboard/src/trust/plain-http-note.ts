/** Whether a person has hidden the note about plain HTTP on this phone. */
const KEY = 'tilth-plain-http'

export function isPlainHttpNoteHidden(): boolean {
  try {
    return localStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}

/** Without storage it comes back with the next page. */
export function hidePlainHttpNote(): void {
  try {
    localStorage.setItem(KEY, 'hidden')
  } catch {
    // hidden until the page closes
  }
}
