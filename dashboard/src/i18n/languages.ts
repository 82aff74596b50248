/** The languages there are. A new one is a file and a line here. */
export const languages = {
  en: { name: 'English' },
  ja: { name: '日本語' },
} as const
export type Language = keyof typeof languages

/** What of a catalogue travels together (dashboard/split-words.ts says what is in which). */
export type WordPart = 'first' | 'daily' | 'rest'
type Words = { default: Readonly<Record<string, string>> }

const files: Record<WordPart, Record<string, () => Promise<Words>>> = {
  first: import.meta.glob<Words>('./*.json'),
  daily: import.meta.glob<Words>('./*.json', { query: '?daily' }),
  rest: import.meta.glob<Words>('./*.json', { query: '?rest' }),
}
export const laterParts = ['daily', 'rest'] as const satisfies WordPart[]

export const loadWords = async (language: Language, part: WordPart): Promise<Words['default']> =>
  (await files[part][`./${language}.json`]!()).default

const isLanguage = (text: string | null): text is Language => text !== null && text in languages

/** The language to begin with: what was chosen, else the first of the phone's that we have, else English. */
export function languageFor(chosen: string | null, ofPhone: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen
  return ofPhone.map((tag) => tag.split('-')[0]!.toLowerCase()).find((tag) => isLanguage(tag)) ?? 'en'
}
