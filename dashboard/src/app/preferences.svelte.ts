/** What a person chose on this phone: language, theme, units. Kept apart from one another. */
export const themes = ['auto', 'light', 'dark', 'sun'] as const
export type Theme = (typeof themes)[number]
export const areaUnits = ['ha', 'a'] as const
export type AreaUnit = (typeof areaUnits)[number]

export interface Chosen {
  language: string | null // null: as the phone
  theme: Theme
  areaUnit: AreaUnit | null // null: as usual in the language
}

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

/** Reads what was kept; anything strange falls back to the default. */
export function readChosen(text: string | null): Chosen {
  let raw: Partial<Record<keyof Chosen, unknown>> = {}
  try {
    raw = (JSON.parse(text ?? '{}') as typeof raw | null) ?? {}
  } catch {
    raw = {}
  }
  return {
    language: typeof raw.language === 'string' ? raw.language : null,
    theme: themes.find((theme) => theme === raw.theme) ?? 'auto',
    areaUnit: areaUnits.find((unit) => unit === raw.areaUnit) ?? null,
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
