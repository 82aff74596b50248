/** Says things in one language: texts of the catalogue, the server's messages, amounts and times. */
import { interpolate, findText, type Key, type Params, type Texts } from './interpolate.ts'
import { formatsOf, formatter, NO_VALUE, type Formatter, type FormatContext } from './format.ts'

/** Sections of the catalogue whose keys come from the server. */
export type Section =
  | 'audit.broken'
  | 'audit.by'
  | 'audit.did'
  | 'audit.thing'
  | 'audit.todo'
  | 'audit.verb'
  | 'verdict'
  | 'line'
  | 'advice'
  | 'term'
  | 'flip'
  | 'limit'
  | 'outlet'
  | 'because'
  | 'stage-from'
  | 'task'
  | 'unknown'
  | 'ended'
  | 'skip'
  | 'compare'
  | 'forecast'
  | 'log'
  | 'note'
  | 'alert'
  | 'cause'
  | 'remedy'
  | 'fault'
  | 'flow'
  | 'done'
  | 'block'
  | 'crop'
  | 'stage'
  | 'pest'
  | 'work'
  | 'propose'
  | 'spray'
  | 'check'
  | 'event'
  | 'input'
  | 'quantity'
  | 'run'
  | 'refused'
  | 'method'
  | 'error'
  | 'output.says'
  | 'notice.problem'
  | 'source'
  | 'disease'
  | 'disease.why'
  | 'lacks'
  | 'people.column'
  | 'people.table'
  | 'model.kind'
  | 'model.about'
  | 'model.reason'
  | 'model.term'
  | 'model.skill'
  | 'model.limit'

// why a run ended and why one is refused are told by the same keys
const alsoIn: Partial<Record<Section, Section>> = { ended: 'refused', refused: 'ended' }

export interface Locale extends Formatter {
  t(key: Key, params?: Params): string
  /** A key that came from the server. One the catalogue does not know (a newer server) is shown as it is. */
  say(section: Section, key: string | null | undefined, params?: Params): string
  /** As `say`, but nothing where there is no text. */
  maybe(section: Section, key: string | null | undefined, params?: Params): string | null
  /** Every key of a section that has a text. */
  keysOf(section: Section): string[]
}

export function createLocale(texts: Texts, place: FormatContext): Locale {
  const { language } = place
  const raw = (key: string, params: Params): string | undefined => {
    const text = findText(texts, language, key, params)
    if (text === undefined) place.missed?.()
    return text === undefined ? undefined : interpolate(text, params, formats)
  }
  const words = { text: (key: string, params: Params): string => raw(key, params) ?? key }
  const format = formatter(place, words)
  // `none` is what a section says of a key that is absent
  const formats = formatsOf(
    format,
    // several keys are told as a list
    (section, value, params) =>
      (typeof value === 'string' ? value.split(',') : ['none'])
        .map((key) => say(section as Section, key, params))
        .join(words.text('list.comma', {})),
    words,
  )
  const maybe = (section: Section, key: string | null | undefined, params: Params = {}): string | null => {
    if (key == null) return null
    const other = alsoIn[section]
    return raw(`${section}.${key}`, params) ?? (other ? (raw(`${other}.${key}`, params) ?? null) : null)
  }
  const say = (section: Section, key: string | null | undefined, params: Params = {}): string =>
    maybe(section, key, params) ?? (key == null || key === 'none' ? NO_VALUE : key.replace(/[-_.]/g, ' '))
  const keysOf = (section: Section): string[] =>
    Object.keys(texts).flatMap((key) =>
      key.startsWith(`${section}.`) ? [key.slice(section.length + 1)] : [],
    )
  return { ...format, t: (key, params = {}) => words.text(key, params), say, maybe, keysOf }
}
