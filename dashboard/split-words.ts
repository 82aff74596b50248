/**
 * A language's catalogue in two parts: what Today says comes with the first load (`en.json`), what other screens and the
 * sheets say follows it (`en.json?rest`). The file stays one.
 */
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Sections, the word before a key's first point, that Today and the shell do not speak of. */
const later = new Set(
  (
    'adjust advice ahead basis because chart check compare cred device devices disease diseases event flip forecast habit ' +
    'heat input kind lacks leaching log map mode model models note noted notes notice output pest pests plan product propose quantity risk ' +
    'schedule sensor sensors shape soil spray sprayed stage-from strategy table term texture trap treat wetness withheld yield'
  ).split(' '),
)

export function splitWords(): Plugin {
  return {
    name: 'tilth-words',
    enforce: 'pre',
    load(id) {
      const [path, query] = id.split('?')
      if (!/\/words\/\w+\.json$/.test(path!)) return null
      const texts = JSON.parse(readFileSync(path!, 'utf8')) as Record<string, string>
      const part = Object.entries(texts).filter(
        ([key]) => later.has(key.split(/[.#]/)[0]!) === (query === 'rest'),
      )
      return { code: `export default ${JSON.stringify(Object.fromEntries(part))}`, moduleType: 'js' }
    },
  }
}
