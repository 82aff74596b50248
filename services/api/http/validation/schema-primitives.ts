/** The building blocks of the API's schemas: names, instants, days, and nullable values. */
import Type from 'typebox'

/** Null is sent explicitly: a property with this schema is still required. */
export const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** One of these texts, with their literal types. */
export const OneOf = <const T extends readonly string[]>(...texts: T) => Type.Enum<[...T]>([...texts])
export const Num = Type.Number()
export const Text = Type.String()
export const AtMs = Type.Number({ description: 'UTC epoch ms' })
/** The years that a farm keeps records of: far inside those that a date, a report and a time zone can hold. */
const YEAR = '(19|20)\\d{2}'
const FIRST_YEAR = 1900
const LAST_YEAR = 2099
export const Day = Type.String({ pattern: `^${YEAR}-\\d{2}-\\d{2}$`, description: '1900 to 2099' })
/** The year of a season. */
export const Year = Type.Integer({ minimum: FIRST_YEAR, maximum: LAST_YEAR })
/** The year of a season in a query. */
export const YearText = Type.String({ pattern: `^${YEAR}$`, description: '1900 to 2099' })
// 2100-01-01
const LAST_INSTANT_MS = 4_102_444_800_000
/** An instant of a record, at most in 2100. */
export const Instant = Type.Integer({ minimum: 0, maximum: LAST_INSTANT_MS, description: 'UTC epoch ms' })
/** An instant in a query: 13 digits end in 2286. */
export const InstantText = Type.String({ pattern: '^\\d{1,13}$', description: 'UTC epoch ms' })
export const Id = Type.String({ minLength: 1, maxLength: 64 })
/** The kind and subject of a model: 'soil-moisture:probe-1@30'. */
export const ModelId = Type.String({ minLength: 1, maxLength: 100 })
/**
 * One line of user text: no control characters, which would end a line of a log or a file; no marks that
 * change the text direction; no lone surrogates, which no store accepts.
 */
const ONE_LINE = '[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ud800-\\udfff]*'
export const ONE_LINE_MESSAGE = 'must be one line of text without control characters'
/** One line of text, which may be empty. */
export const Line = (maxLength: number) => Type.String({ maxLength, pattern: `^${ONE_LINE}$` })
/** A line that is not blank. */
export const NonBlankLine = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: `^(?=.*\\S)${ONE_LINE}$` })
/** Whether a pattern is from `Line` or `NonBlankLine`: its error is ONE_LINE_MESSAGE instead of the pattern. */
export const isLinePattern = (pattern: unknown): boolean => String(pattern).endsWith(`${ONE_LINE}$`)
export const Name = NonBlankLine(120)
/** A request body: unknown properties are rejected, or a misspelt one would be ignored. */
export const Form = <T extends Type.TProperties>(properties: T, options: { minProperties?: number } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })
/** A future instant, at most in 2100. */
export const FutureInstant = Type.Number({
  minimum: 0,
  maximum: LAST_INSTANT_MS,
  description: 'UTC epoch ms',
})
export const TopicName = Type.String({ pattern: '^[A-Za-z0-9_-]{3,40}$' })
export const ValveName = Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' })
export const IdempotencyKey = Type.String({ pattern: '^[\\w.:-]{8,64}$' })
export const Password = Type.String({ minLength: 8, maxLength: 128 })
export const MinuteOfDay = Type.Integer({
  minimum: 0,
  maximum: 1440,
  description: 'minutes after local midnight',
})
// the smallest amounts that a farm enters: what is above 0 and below these is a slip, and divides into infinity
export const Vwc = Type.Number({ minimum: 0.001, maximum: 0.999, description: 'm3/m3' })
/** Of a field, a zone or a part of one. */
export const AreaM2 = Type.Number({ minimum: 0.1, maximum: 1e8, description: 'm2' })
/** A share of a whole that is not zero. */
export const Share = (minimum: number) => Type.Number({ minimum, maximum: 1 })
/** An amount that is not zero, in any unit. */
export const Positive = (maximum: number) => Type.Number({ minimum: 0.001, maximum })
export const Params = Type.Record(Text, Type.Union([Text, Num, Type.Null()]))
