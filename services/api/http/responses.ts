/** The answers of a route for its schema: what it gives, and the one shape of errors. */
import Type, { type TSchema } from 'typebox'
import { ApiError } from '../schemas.ts'

export const responses = <S extends TSchema>(schema: S) => ({
  200: schema,
  '4xx': ApiError,
  '5xx': ApiError,
})

export const ById = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
export const Done = Type.Object({ ok: Type.Literal(true) })
export const done = { ok: true } as const
