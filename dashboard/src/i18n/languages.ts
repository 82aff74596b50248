/**
 * The languages of the page. Each is one folder (dashboard/public/i18n/CODE) and one `<link>` in index.html, so that a
 * language can also be added to a finished build.
 */
import { joinUnits } from './interpolate.ts'
import type { TextPart } from './text-parts.ts'
import type { Texts } from './types.ts'

/** ISO 639-1 code: 'en', 'ja'. */
export type Language = string

/** The languages of a page by code, each with its own name. */
export const languagesOf = (page: Document): ReadonlyMap<Language, string> =>
  new Map(
    [...page.querySelectorAll<HTMLLinkElement>('link[rel="alternate"][hreflang]')].map((link) => [
      link.hreflang,
      link.title,
    ]),
  )

/** The language to start with: the chosen one, else the first of the phone's that we have, else English. */
export function languageFor(
  chosen: string | null,
  ofPhone: readonly string[],
  available: ReadonlyMap<Language, string>,
): Language {
  if (chosen !== null && available.has(chosen)) return chosen
  return (
    ofPhone.map((tag) => tag.split('-')[0]!.toLowerCase()).find((language) => available.has(language)) ?? 'en'
  )
}

/** The texts of one part of a catalogue: the file i18n/LANGUAGE/PART.json. */
export async function loadPart(language: Language, part: TextPart): Promise<Texts> {
  const response = await fetch(`/i18n/${language}/${part}.json`)
  if (!response.ok) throw new Error(`no texts ${language}/${part}: ${response.status}`)
  return joinUnits((await response.json()) as Texts)
}
