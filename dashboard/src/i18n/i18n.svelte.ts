/** The language in use, and the parts of its catalogue that are loaded. */
import { untrack } from 'svelte'
import { farmClock } from '../app/farm-clock.svelte.ts'
import { preferences } from '../app/preferences.svelte.ts'
import { languageFor, languagesOf, loadPart, type Language } from './languages.ts'
import { createLocale, type Locale } from './locale.ts'
import { textParts, type TextPart } from './text-parts.ts'
import type { Texts } from './types.ts'

const RETRY_MS = 2_000

class I18n {
  readonly languages = languagesOf(document)
  #language = $state<Language>('en')
  // parts are added to it in place: a screen opens with its texts, so nothing on the page must be drawn again
  #texts = $state.raw<Texts>({})
  readonly #loaded = new Set<TextPart>()
  readonly #fetches = new Map<TextPart, Promise<Texts>>() // in the language of the start
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

  /** Resolves with the first texts of the chosen language. The page needs them, so loading is retried until it succeeds. */
  async start(parts: readonly TextPart[]): Promise<void> {
    const language = languageFor(preferences.values.language, navigator.languages, this.languages)
    document.documentElement.lang = this.#language = language
    for (;;)
      try {
        return await this.load(parts)
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
  }

  /** Resolves when these parts are loaded, in addition to the parts that are; rejects when loading fails. */
  async load(parts: readonly TextPart[] = textParts): Promise<void> {
    if (parts.every((part) => this.#loaded.has(part))) return
    // an effect that loads does not run again for another language
    const language = untrack(() => this.#language)
    const texts = await Promise.all(parts.map((part) => this.#fetch(language, part)))
    if (language !== this.#language) return // change() has loaded every part of the other
    for (const part of parts) this.#loaded.add(part)
    Object.assign(this.#texts, ...texts)
  }

  /** Switches when the catalogue has loaded; rejects when loading fails. */
  async change(language: Language): Promise<void> {
    const texts = await Promise.all(textParts.map((part) => loadPart(language, part)))
    for (const part of textParts) this.#loaded.add(part)
    this.#texts = Object.assign({}, ...texts) as Texts
    document.documentElement.lang = this.#language = language
  }

  /** A part that is requested twice is fetched once. */
  #fetch(language: Language, part: TextPart): Promise<Texts> {
    const running = this.#fetches.get(part)
    if (running) return running
    const texts = loadPart(language, part)
    this.#fetches.set(part, texts)
    texts.catch(() => this.#fetches.delete(part))
    return texts
  }

  /** Sets the farm's zone, from the server. */
  useTimeZone(timeZone: string): void {
    this.#timeZone = timeZone
  }
}

export const i18n = new I18n()
