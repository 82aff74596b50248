/** The language in use. One catalogue is loaded, alone. */
import { farmClock } from '../app/farm-clock.svelte.ts'
import { languages, type Language } from './languages.ts'
import { speaker, type Speaker } from './speaker.ts'
import type { Texts } from './fill.ts'

class Words {
  #language = $state<Language>('en')
  #texts = $state.raw<Texts>({})
  #timeZone = $state('UTC')
  #speaker = $derived(
    speaker(this.#texts, {
      language: this.#language,
      timeZone: this.#timeZone,
      nowMs: () => farmClock.nowMs,
    }),
  )

  get language(): Language {
    return this.#language
  }
  get say(): Speaker {
    return this.#speaker
  }

  async use(language: Language): Promise<void> {
    const { default: texts } = await languages[language].load()
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
