/** The language in use. One catalogue is loaded, alone: first what Today says, the other parts as they are wanted. */
import { farmClock } from '../app/farm-clock.svelte.ts'
import { preferences } from '../app/preferences.svelte.ts'
import { laterParts, loadWords, type Language, type WordPart } from './languages.ts'
import { createLocale, type Locale } from './locale.ts'

class I18n {
  #language = $state<Language>('en')
  #texts = $state.raw<Record<string, string>>({})
  #timeZone = $state('UTC')
  #coming = new Map<WordPart, Promise<void>>()
  #isMissed = false // a text was asked for before it was there
  #speaker = $derived(
    createLocale(this.#texts, {
      language: this.#language,
      timeZone: this.#timeZone,
      nowMs: () => farmClock.nowMs,
      units: preferences.chosen,
      missed: () => this.#miss(),
    }),
  )

  get language(): Language {
    return this.#language
  }
  get say(): Locale {
    return this.#speaker
  }

  /** Resolves when every text of the language is there; rejects when it cannot be had. */
  get whole(): Promise<void> {
    return Promise.all(laterParts.map((part) => this.bring(part))).then(() => {})
  }

  /** Begins with a language. `ahead`: the part that is wanted next, and travels beside the first. */
  async begin(language: Language, ahead?: WordPart): Promise<void> {
    this.#language = language
    document.documentElement.lang = language
    // who needs it waits for it, and says what is missing
    if (ahead) this.bring(ahead).catch(() => {})
    await this.bring('first')
  }

  /** Another language, when all of it is there: nobody reads half a page in each of two. */
  async change(language: Language): Promise<void> {
    const parts = await Promise.all(
      (['first', ...laterParts] as const).map((part) => loadWords(language, part)),
    )
    this.#coming = new Map(laterParts.map((part) => [part, Promise.resolve()]))
    this.#texts = Object.assign({}, ...parts) as Record<string, string>
    this.#language = language
    document.documentElement.lang = language
  }

  /** Resolves when the texts of a part are there. One that could not be had is asked for again the next time. */
  bring(part: WordPart): Promise<void> {
    const found = this.#coming.get(part)
    if (found) return found
    const coming = loadWords(this.#language, part).then((texts) => {
      if (this.#coming.get(part) !== coming) return // of the language before
      // what is said already says the same when more has come: nothing is drawn again where nothing was missed
      Object.assign(this.#texts, texts)
      if (this.#isMissed) this.#texts = { ...this.#texts }
      this.#isMissed = false
    })
    this.#coming.set(part, coming)
    coming.catch(() => this.#coming.get(part) === coming && this.#coming.delete(part))
    return coming
  }

  #miss(): void {
    if (this.#isMissed) return
    this.#isMissed = true
    this.whole.catch(() => {})
  }

  /** The farm's zone, as the server names it. */
  useTimeZone(timeZone: string): void {
    this.#timeZone = timeZone
  }
}

export const words = new I18n()
