/** The language of a report's text. */
export type Lang = 'en' | 'ja'

/** Selects the text in the language of the document. */
export const translator =
  (lang: Lang) =>
  (en: string, ja: string): string =>
    lang === 'ja' ? ja : en
