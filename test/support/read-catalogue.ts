/** Every text of a language, from the files of its folder. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Texts } from '../../dashboard/src/i18n/types.ts'

const built = join(import.meta.dirname, '../../dashboard/public/i18n')

/** The codes of the languages. */
export const languageCodes = (dir = built): string[] => readdirSync(dir)

/** The texts of each file by its name without `.json`. */
export const readParts = (language: string, dir = built): Record<string, Texts> =>
  Object.fromEntries(
    readdirSync(join(dir, language))
      .filter((name) => name.endsWith('.json'))
      .map((name) => [
        name.slice(0, -'.json'.length),
        JSON.parse(readFileSync(join(dir, language, name), 'utf8')) as Texts,
      ]),
  )

export const readCatalogue = (language: string, dir = built): Texts =>
  Object.assign({}, ...Object.values(readParts(language, dir))) as Texts
