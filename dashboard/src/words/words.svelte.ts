/** The language in use. One catalogue is loaded, alone: first what Today says, then the rest of it. */
import { farmClock } from '../app/farm-clock.svelte.ts'
import { preferences } from '../app/preferences.svelte.ts'
import { languages, type Language } from './languages.ts'
import { speaker, type Speaker } from './speaker.ts'
import type { Texts } from './fill.ts'

class Words {
  #language = $state<Language>('en')
  #texts = $state.raw<Texts>({})
  #timeZone = $state('UTC')
  #whole = Promise.resolve()
  #isMissed = false // a text was asked for before it was there
  #speaker = $derived(
    speaker(this.#texts, {
      language: this.#language,
      timeZone: this.#timeZone,
      nowMs: () => farmClock.nowMs,
      units: preferences.chosen,
      missed: () => (this.#isMissed = true),
    }),
  )

  get language(): Language {
    return this.#language
  }
  get say(): Speaker {
    return this.#speaker
  }

  /** Resolves when every text of the language is there; rejects when it cannot be had. */
  get whole(): Promise<void> {
    return this.#whole
  }

  /** `isWhole`: all its texts are wanted, and travel side by side. */
  async use(language: Language, isWhole: boolean): Promise<void> {
    const isFirst = Object.keys(this.#texts).length === 0
    const { load, loadRest } = languages[language]
    const along = isWhole ? loadRest() : null
    along?.catch(() => {}) // told by what waits for the whole
    const { default: first } = await load()
    const texts: Record<string, string> = { ...first }
    if (isFirst) this.#put(language, texts)
    // what is said already says the same when the rest has come: nothing is drawn again where nothing was missed
    this.#whole = (along ?? loadRest()).then(({ default: rest }) => {
      Object.assign(texts, rest)
      if (!isFirst || this.#isMissed) this.#put(language, { ...texts })
    })
    // who needs it waits for it, and says what is missing
    this.#whole.catch(() => {})
    // nobody reads half a page in each of two languages
    if (!isFirst) await this.#whole
  }

  #put(language: Language, texts: Texts): void {
    this.#texts = texts
    this.#language = language
    document.documentElement.lang = language
  }

  /** The farm's zone, as the server names it. */
  useTimeZone(timeZone: string): void {
    this.#timeZone = timeZone
  }
}

export const words = new Words()
