/** The preferences, stored on this phone, and the theme that follows from them. */
import type { PersonChoices } from '../../../services/api/schemas.ts'
import { parsePreferences, type PreferenceValues, type Theme } from './preferences-model.ts'

const STORE_KEY = 'tilth'

class Preferences {
  #chosen = $state.raw<PreferenceValues>(parsePreferences(readText()))
  #isDark = $state(matches('(prefers-color-scheme: dark)'))
  #wantsContrast = $state(matches('(prefers-contrast: more)'))

  constructor() {
    watch('(prefers-color-scheme: dark)', (isTrue) => (this.#isDark = isTrue))
    watch('(prefers-contrast: more)', (isTrue) => (this.#wantsContrast = isTrue))
  }

  get chosen(): PreferenceValues {
    return this.#chosen
  }

  /** The theme as drawn: light is the default, dark follows the phone, Sun follows a wish for contrast. */
  get theme(): Exclude<Theme, 'auto'> {
    if (this.#chosen.theme !== 'auto') return this.#chosen.theme
    return this.#wantsContrast ? 'sun' : this.#isDark ? 'dark' : 'light'
  }

  /** Of this phone alone. */
  choose(change: Partial<Pick<PreferenceValues, 'theme' | 'fieldsAs' | 'isUnsaid'>>): void {
    this.#keep({ ...this.#chosen, ...change })
  }

  /** Of the person: sent to the server when possible. */
  choosePersonal(change: Partial<PersonChoices>): void {
    this.#keep({ ...this.#chosen, ...change, isUnsaid: true })
  }

  /** Adopts the preferences from the server. */
  adopt(choices: PersonChoices | null): void {
    const { language, theme, fieldsAs } = this.#chosen
    const usual = { ...parsePreferences(null), language, theme, fieldsAs }
    const next = choices ? { ...usual, ...choices, language: choices.language ?? language } : usual
    // no update without a change
    const isNews = (Object.keys(next) as (keyof PreferenceValues)[]).some(
      (name) => next[name] !== this.#chosen[name],
    )
    if (isNews) this.#keep(next)
  }

  #keep(chosen: PreferenceValues): void {
    this.#chosen = chosen
    try {
      localStorage.setItem(STORE_KEY, JSON.stringify(chosen))
    } catch {
      // a phone that refuses storage still works today
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
