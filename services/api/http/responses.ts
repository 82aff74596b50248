/** The responses of a route for its schema: its result, and the one shape of errors. */
import Type, { type TSchema } from 'typebox'
import { Id, Params, Text } from './validation/schema-primitives.ts'

/** Every error of the API. `error` is a code of services/errors.ts; `params`: the parameters of its message. */
export const ApiError = Type.Object({ error: Text, message: Text, params: Type.Optional(Params) })

/** `schema` for status 200, `ApiError` for every 4xx and 5xx. */
export const responses = <S extends TSchema>(schema: S) => ({
  200: schema,
  '4xx': ApiError,
  '5xx': ApiError,
})

export const ById = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
/** The id of a new row. */
export const Created = Type.Object({ id: Id })
export const Done = Type.Object({ ok: Type.Literal(true) })
export const done = { ok: true } as const
