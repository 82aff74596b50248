/** The language in use. One catalogue is loaded, alone; a new language is one file and one line here. */
import { farmClock } from '../app/farm-clock.svelte.ts'
import { speaker, type Speaker } from './speaker.ts'
import type { Texts } from './fill.ts'

export const languages = {
  en: { name: 'English', load: () => import('./en.json') },
  ja: { name: '日本語', load: () => import('./ja.json') },
} as const
export type Language = keyof typeof languages

export const isLanguage = (text: string | null): text is Language => text !== null && text in languages

/** The language to begin with: what was chosen, else the first of the phone's that we have, else English. */
export function languageFor(chosen: string | null, ofPhone: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen
  return ofPhone.map((tag) => tag.split('-')[0]!.toLowerCase()).find((tag) => isLanguage(tag)) ?? 'en'
}

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
