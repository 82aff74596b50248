/** What was chosen on this phone, kept on it, and the theme that follows from it. */
import { readChosen, type Chosen, type Theme } from './chosen.ts'

const STORE_KEY = 'tilth'

class Preferences {
  #chosen = $state.raw<Chosen>(readChosen(readText()))
  #isDark = $state(matches('(prefers-color-scheme: dark)'))
  #wantsContrast = $state(matches('(prefers-contrast: more)'))

  constructor() {
    watch('(prefers-color-scheme: dark)', (isTrue) => (this.#isDark = isTrue))
    watch('(prefers-contrast: more)', (isTrue) => (this.#wantsContrast = isTrue))
  }

  get chosen(): Chosen {
    return this.#chosen
  }

  /** The theme as drawn: light is the default, dark follows the phone, Sun follows a wish for contrast. */
  get theme(): Exclude<Theme, 'auto'> {
    if (this.#chosen.theme !== 'auto') return this.#chosen.theme
    return this.#wantsContrast ? 'sun' : this.#isDark ? 'dark' : 'light'
  }

  choose(change: Partial<Chosen>): void {
    this.#chosen = { ...this.#chosen, ...change }
    try {
      localStorage.setItem(STORE_KEY, JSON.stringify(this.#chosen))
    } catch {
      // a phone that keeps nothing still works today
    }
  }
}

function readText(): string | null {
  try {
    return localStorage.getItem(STORE_KEY)
  } catch {
    return null
  }
}
const matches = (query: string): boolean => matchMedia(query).matches
const watch = (query: string, changed: (isTrue: boolean) => void): void =>
  matchMedia(query).addEventListener('change', (event) => changed(event.matches))

export const preferences = new Preferences()
