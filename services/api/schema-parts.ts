/** What the schemas of the API are made of: names, instants, days, and a value that may be unknown. */
import Type from 'typebox'

export const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const OneOf = <const T extends readonly string[]>(...texts: T) => Type.Enum<[...T]>([...texts])
export const Num = Type.Number()
export const Text = Type.String()
export const AtMs = Type.Number({ description: 'UTC epoch ms' })
export const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
export const Id = Type.String({ minLength: 1, maxLength: 64 })
/** Kind and subject of a model: 'soil-moisture:probe-1@30'. */
export const ModelId = Type.String({ minLength: 1, maxLength: 100 })
export const Name = Type.String({ minLength: 1, maxLength: 120, pattern: '\\S' })
export const TopicName = Type.String({ pattern: '^[A-Za-z0-9_-]{3,40}$' })
export const ValveName = Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' })
export const Idem = Type.String({ minLength: 8, maxLength: 64 })
export const Password = Type.String({ minLength: 8, maxLength: 128 })
export const MinuteOfDay = Type.Integer({
  minimum: 0,
  maximum: 1440,
  description: 'minutes after local midnight',
})
export const Vwc = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'm3/m3' })
export const Params = Type.Record(Text, Type.Union([Text, Num, Type.Null()]))
