/** JSON values in text columns. */

/** JSON as text; `T` is the type of the parsed value. */
export type Json<T> = string & { readonly __json?: T }
export const toJson = <T>(value: T): Json<T> => JSON.stringify(value) as Json<T>
export const fromJson = <T>(text: Json<T>): T => JSON.parse(text) as T
