/** The result of parsing external input: a value or an error. */
export type Result<T, E = string> = Ok<T> | Err<E>
export type Ok<T> = { readonly ok: true; readonly value: T }
export type Err<E> = { readonly ok: false; readonly error: E }

/** Success. Check `ok` before reading `value`. */
export const ok = <T>(value: T): Ok<T> => ({ ok: true, value })
/** An expected failure, returned and not thrown. The text names the part that is invalid. */
export const err = <E>(error: E): Err<E> => ({ ok: false, error })
