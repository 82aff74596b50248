/** One language: texts of the catalogue, messages for the server's keys, amounts and times. */
import { findText, interpolate } from './interpolate.ts'
import type { Key, Params, Texts } from './types.ts'
import { formatsOf, formatter, NO_VALUE, type Formatter, type FormatContext } from './format.ts'

/** Sections of the catalogue whose keys come from the server. */
export type Section =
  | 'audit.broken'
  | 'audit.actor'
  | 'audit.action'
  | 'audit.subject'
  | 'audit.next-step'
  | 'audit.verb'
  | 'verdict'
  | 'line'
  | 'advice'
  | 'term'
  | 'fall'
  | 'counterfactual'
  | 'limit'
  | 'outlet'
  | 'target-reason'
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
  | 'integration.problem'
  | 'integration.status'
  | 'valve.proof'
  | 'valve-refused'
  | 'valve-need'
  | 'valve-requirement'
  | 'valve-lock'
  | 'valve-failure'
  | 'quantity'
  | 'run'
  | 'refused'
  | 'method'
  | 'error'
  | 'output.reason'
  | 'notification.problem'
  | 'source'
  | 'disease-name'
  | 'disease.reason'
  | 'look'
  | 'look-source'
  | 'drainage-end'
  | 'missing-input'
  | 'people.column'
  | 'people.table'
  | 'model.kind'
  | 'model.about'
  | 'model.reason'
  | 'model.term'
  | 'model.skill'
  | 'model.limit'

// the reasons why a run ended and why a request was refused share their keys
const alsoIn: Partial<Record<Section, Section>> = { ended: 'refused', refused: 'ended' }

export interface Locale extends Formatter {
  t(key: Key, params?: Params): string
  /** The text of a key that the server sent. A key without a text (of a newer server) is shown unchanged. */
  message(section: Section, key: string | null | undefined, params?: Params): string
  /** Like `message`, but null without a text. */
  messageOrNull(section: Section, key: string | null | undefined, params?: Params): string | null
  /** The keys of a section. */
  keysOf(section: Section): string[]
}

export function createLocale(texts: Texts, context: FormatContext): Locale {
  const { language } = context
  const textOrNull = (key: string, params: Params): string | null => {
    const text = findText(texts, language, key, params)
    return text === undefined ? null : interpolate(text, params, formats)
  }
  const unitTexts = { text: (key: string, params: Params): string => textOrNull(key, params) ?? key }
  const format = formatter(context, unitTexts)
  const formats = formatsOf(
    format,
    // several keys, separated by commas, become a list; `none` is the text for an absent key
    (section, value, params) =>
      (typeof value === 'string' ? value.split(',') : ['none'])
        .map((key) => message(section as Section, key, params))
        .join(unitTexts.text('list.comma', {})),
    unitTexts,
  )
  const messageOrNull: Locale['messageOrNull'] = (section, key, params = {}) => {
    if (key == null) return null
    const other = alsoIn[section]
    return textOrNull(`${section}.${key}`, params) ?? (other ? textOrNull(`${other}.${key}`, params) : null)
  }
  const message: Locale['message'] = (section, key, params = {}) =>
    messageOrNull(section, key, params) ??
    (key == null || key === 'none' ? NO_VALUE : key.replace(/[-_.]/g, ' '))
  const keysOf = (section: Section): string[] =>
    Object.keys(texts).flatMap((key) =>
      key.startsWith(`${section}.`) ? [key.slice(section.length + 1)] : [],
    )
  return { ...format, t: (key, params = {}) => unitTexts.text(key, params), message, messageOrNull, keysOf }
}
