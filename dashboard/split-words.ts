/**
 * A language's catalogue in two parts: what Today says comes with the first load (`en.json`), what other screens and the
 * sheets say follows it (`en.json?rest`). The file stays one. Units are kept beside their numbers on the way.
 */
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'
import { keepUnits } from './src/words/fill.ts'

/** Sections, the word before a key's first point, that Today and the shell do not speak of. */
const later = new Set(
  (
    'adjust advice ahead audit basis because begin chart check compare consent cred device devices disease diseases enter event flip forecast habit harvest ' +
    'heat input join kind lacks leaching log map mode model models note noted notes notice output people pest pests photo plan product propose pump pumps quantity report risk ' +
    'schedule sensor sensors settings shape soil spray sprayed stage-from strategy table term texture trap treat wetness withheld work yield'
  ).split(' '),
)

export function splitWords(): Plugin {
  return {
    name: 'tilth-words',
    enforce: 'pre',
    load(id) {
      const [path, query] = id.split('?')
      if (!/\/words\/\w+\.json$/.test(path!)) return null
      const texts = keepUnits(JSON.parse(readFileSync(path!, 'utf8')) as Record<string, string>)
      const part = Object.entries(texts).filter(
        ([key]) => later.has(key.split(/[.#]/)[0]!) === (query === 'rest'),
      )
      return { code: `export default ${JSON.stringify(Object.fromEntries(part))}`, moduleType: 'js' }
    },
  }
}
