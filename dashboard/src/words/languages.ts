/** The languages there are. A new one is a file and a line here. */
export const languages = {
  en: { name: 'English', load: () => import('./en.json'), loadRest: () => import('./en.json?rest') },
  ja: { name: '日本語', load: () => import('./ja.json'), loadRest: () => import('./ja.json?rest') },
} as const
export type Language = keyof typeof languages

const isLanguage = (text: string | null): text is Language => text !== null && text in languages

/** The language to begin with: what was chosen, else the first of the phone's that we have, else English. */
export function languageFor(chosen: string | null, ofPhone: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen
  return ofPhone.map((tag) => tag.split('-')[0]!.toLowerCase()).find((tag) => isLanguage(tag)) ?? 'en'
}
