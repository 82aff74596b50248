/**
 * Fills the placeholders of a text: `{name}` or `{name|format}`. A text that depends on a number exists once for each
 * plural form of its language: `fields#one`, `fields#other`.
 */
import type { Format, Formats, Params, Texts } from './types.ts'

export const PLACEHOLDER = /\{(\w+)(?:\|([\w-]+))?\}/g

// units that follow a number (6 min), and the hours and minutes of 2 h 10 min
const BEFORE_UNIT =
  /(?<=[}\d]) (?=(?:mm|cm|km|m|L|kg|g|t|ha|V|h|min|s|d|%|°[CF]|dS|kPa|hPa|分)(?!\p{L}))|(?<=\} h) (?=\{)/gu
const HOURS = /(?<=\}時間)(?=\{)/gu
/** A number and its unit stay on one line. */
export const joinUnits = (texts: Texts): Texts =>
  Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [
      key,
      text.replace(BEFORE_UNIT, '\u00a0').replace(HOURS, '\u2060'),
    ]),
  )

/** The text itself; undefined when the catalogue has none. `params.n` chooses the plural form. */
export function findText(texts: Texts, language: string, key: string, params: Params): string | undefined {
  const text = texts[key]
  if (text !== undefined) return text
  const n = params.n
  if (typeof n !== 'number') return undefined
  return texts[`${key}#${pluralForm(language, n)}`] ?? texts[`${key}#other`]
}

/**
 * Fills the placeholders. A placeholder without a format is formatted by the unit in its name (`atMs`, `minutes`,
 * `leftMm`).
 */
export function interpolate(text: string, params: Params, formats: Formats): string {
  return text.replace(PLACEHOLDER, (_place, name: string, format: string | undefined) => {
    // 15 degrees that the text itself contains
    const value = /^\d+$/.test(name) ? Number(name) : params[name]
    const formatName = (format ?? formatByName(name)) as Format
    const formatValue = formats[formatName]
    return formatValue ? formatValue(value) : formats.lookup(format!, value, params)
  })
}

export function formatByName(name: string): Format {
  if (name === 'mm' || name.endsWith('Mm')) return 'mm'
  if (name.endsWith('Ms')) return 'when'
  if (/[a-z0-9]C$/.test(name)) return 'temp'
  if (name === 'minutes') return 'duration'
  if (name === 'day' || name.endsWith('Day')) return 'date'
  return 'plain'
}

const rules = new Map<string, Intl.PluralRules>()
function pluralForm(language: string, n: number): string {
  let rule = rules.get(language)
  if (!rule) rules.set(language, (rule = new Intl.PluralRules(language)))
  return rule.select(n)
}
