/**
 * JSON in text columns. Each column has a schema next to its row type, and a reader that checks every value against it.
 * Rows keep the text: a column that is not read is not parsed.
 */
import Type, { type Static, type TSchema } from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
import { fail, isTilthError, type TilthError } from '../errors.ts'

/** JSON as text; `T` is the type of the parsed value. */
export type Json<T> = string & { readonly __json?: T }
/** Properties that are undefined are left out of the text. */
export const toJson = <T>(value: T): Json<T> => JSON.stringify(value) as Json<T>

/**
 * A reader of the column 'table.column': the parsed value, or INVALID_ROW with the column, the path in it, and the
 * received and the expected value.
 */
export function jsonColumn<S extends TSchema>(
  column: string,
  schema: S,
): (text: Json<Static<S>>) => Static<S> {
  const parse = jsonParser(schema, 'value')
  return (text) => {
    const read = parse(text)
    return read.ok ? read.value : fail('INVALID_ROW', `${column}: ${read.error}`)
  }
}

/** The result, or null after an INVALID_ROW, which is reported: for work that goes on without the row. */
export function unlessInvalid<T>(read: () => T, report?: (error: TilthError) => void): T | null {
  try {
    return read()
  } catch (error) {
    if (!isTilthError(error, 'INVALID_ROW')) throw error
    report?.(error)
    return null
  }
}

/** Null is stored explicitly: a property with this schema is still required. */
export const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** The parameters of a text in the catalogue. */
export const Params = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]))
export type Params = Static<typeof Params>
/** A catalogue key with its parameters. */
export const Message = Type.Object({ key: Type.String(), params: Params })
