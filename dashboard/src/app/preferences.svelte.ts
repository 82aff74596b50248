/** The preferences, stored on this phone, and the theme that follows from them. */
import type { PersonPreferences } from '../../../services/api/schemas.ts'
import { parsePreferences, type PreferenceValues, type Theme } from './preferences-model.ts'

const STORE_KEY = 'tilth'

class Preferences {
  #values = $state.raw<PreferenceValues>(parsePreferences(readText()))
  #isDark = $state(matches('(prefers-color-scheme: dark)'))
  #wantsContrast = $state(matches('(prefers-contrast: more)'))

  constructor() {
    watch('(prefers-color-scheme: dark)', (isTrue) => (this.#isDark = isTrue))
    watch('(prefers-contrast: more)', (isTrue) => (this.#wantsContrast = isTrue))
  }

  get values(): PreferenceValues {
    return this.#values
  }

  /**
   * The theme as drawn: light is the default, dark follows the phone, Sun follows the browser's contrast preference.
   */
  get theme(): Exclude<Theme, 'auto'> {
    if (this.#values.theme !== 'auto') return this.#values.theme
    return this.#wantsContrast ? 'sun' : this.#isDark ? 'dark' : 'light'
  }

  /** Stored on this phone only. */
  choose(change: Partial<Pick<PreferenceValues, 'theme' | 'fieldsAs' | 'isUnsynced'>>): void {
    this.#store({ ...this.#values, ...change })
  }

  /** Stored with the person: sent to the server when possible. */
  choosePersonal(change: Partial<PersonPreferences>): void {
    this.#store({ ...this.#values, ...change, isUnsynced: true })
  }

  /** Adopts the preferences from the server. */
  adopt(stored: PersonPreferences | null): void {
    const { language, theme, fieldsAs } = this.#values
    const defaults = { ...parsePreferences(null), language, theme, fieldsAs }
    const next = stored ? { ...defaults, ...stored, language: stored.language ?? language } : defaults
    // no update without a change
    const isChange = (Object.keys(next) as (keyof PreferenceValues)[]).some(
      (name) => next[name] !== this.#values[name],
    )
    if (isChange) this.#store(next)
  }

  #store(values: PreferenceValues): void {
    this.#values = values
    try {
      localStorage.setItem(STORE_KEY, JSON.stringify(values))
    } catch {
      // without storage the preference lasts until the page closes
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
