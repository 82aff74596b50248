/** Values that a text column keeps. */

/** JSON kept as text; `T` says what is inside. */
export type Json<T> = string & { readonly __json?: T }
export const toJson = <T>(value: T): Json<T> => JSON.stringify(value) as Json<T>
export const fromJson = <T>(text: Json<T>): T => JSON.parse(text) as T
