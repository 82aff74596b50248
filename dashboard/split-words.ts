/**
 * A language's catalogue in parts: what Today and the shell say comes with the first load (`en.json`), what a field
 * and the screens of the bar say (`en.json?daily`) and the rest (`en.json?rest`) with what says it. The file stays one.
 * Units are kept beside their numbers on the way.
 */
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'
import { joinUnits } from './src/i18n/interpolate.ts'
import type { WordPart } from './src/i18n/languages.ts'

/** Beginnings of keys, whole up to a point; the longest that fits decides. What none fits is the first part's. */
const beginnings: Record<WordPart, string> = {
  first:
    'audit.heading map.map begin.title begin.add-field notice.title notice.how notice.open people.title people.how product.title product.how product.choose settings.title shape.title device.add harvest.form enter.title output.save notice.saved report.basis report.bales',
  // a field and the screens of the bar
  daily:
    'adjust ahead because chart check compare device devices disease diseases enter event forecast habit harvest heat kind lacks log map mode model.kind model.reason model.state models note noted notes output pest pests photo plan propose pump pumps quantity risk schedule sensor sensors soil spray sprayed stage-from strategy table trap treat wetness work yield',
  // the sheets, and what whoever runs the place opens: people, reports, the record, settings
  rest: 'advice audit basis begin consent cred flip input join leaching model notice people product report settings shape term texture',
}

const partOfBeginning = new Map(
  Object.entries(beginnings).flatMap(([part, names]) =>
    names.split(' ').map((name) => [name, part as WordPart] as const),
  ),
)

/** With which part of the catalogue a text travels. */
export function partOf(key: string): WordPart {
  const [base = ''] = key.split('#')
  for (let end = base.length; end > 0; end = base.lastIndexOf('.', end - 1)) {
    const part = partOfBeginning.get(base.slice(0, end))
    if (part) return part
  }
  return 'first'
}

export function splitWords(): Plugin {
  return {
    name: 'tilth-words',
    enforce: 'pre',
    load(id) {
      const [path, query = 'first'] = id.split('?')
      if (!/\/i18n\/\w+\.json$/.test(path!)) return null
      const texts = joinUnits(JSON.parse(readFileSync(path!, 'utf8')) as Record<string, string>)
      const part = Object.entries(texts).filter(([key]) => partOf(key) === query)
      return { code: `export default ${JSON.stringify(Object.fromEntries(part))}`, moduleType: 'js' }
    },
  }
}
