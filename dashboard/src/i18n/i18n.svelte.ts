/** The language in use. Only its catalogue is loaded. */
import { farmClock } from '../app/farm-clock.svelte.ts'
import { preferences } from '../app/preferences.svelte.ts'
import type { Texts } from './types.ts'
import { languageFor, languagesOf, loadCatalogue, type Language } from './languages.ts'
import { createLocale, type Locale } from './locale.ts'

const RETRY_MS = 2_000

class I18n {
  readonly languages = languagesOf(document)
  #language = $state<Language>('en')
  #texts = $state.raw<Texts>({})
  #timeZone = $state('UTC')
  #locale = $derived(
    createLocale(this.#texts, {
      language: this.#language,
      timeZone: this.#timeZone,
      nowMs: () => farmClock.nowMs,
      units: preferences.values,
    }),
  )

  get language(): Language {
    return this.#language
  }
  /** The language of texts that the server writes (notifications, reports): it has English and Japanese only. */
  get serverLanguage(): 'en' | 'ja' {
    return this.#language === 'ja' ? 'ja' : 'en'
  }
  get locale(): Locale {
    return this.#locale
  }

  /** Resolves with the catalogue of the chosen language. The page needs it, so loading is retried until it succeeds. */
  async start(): Promise<void> {
    const language = languageFor(preferences.values.language, navigator.languages, this.languages)
    document.documentElement.lang = this.#language = language
    for (;;)
      try {
        return await this.change(language)
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
  }

  /** Switches when the catalogue has loaded; rejects when loading fails. */
  async change(language: Language): Promise<void> {
    this.#texts = await loadCatalogue(language)
    document.documentElement.lang = this.#language = language
  }

  /** Sets the farm's zone, from the server. */
  useTimeZone(timeZone: string): void {
    this.#timeZone = timeZone
  }
}

export const i18n = new I18n()
