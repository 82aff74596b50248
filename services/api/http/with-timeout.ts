/**
 * Bounds queries to a store: when it is unavailable or slow, the response goes out without its data. A person who wants
 * to stop a valve must not wait for a chart.
 */
import { isTilthError, TilthError } from '../../errors.ts'

/**
 * The result of `work`, or `otherwise` when the store is unavailable or has not responded within `withinMs`
 * of wall time.
 */
export async function orDefaultAfter<T, E>(work: Promise<T>, otherwise: E, withinMs: number): Promise<T | E> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<E>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), withinMs)
  })
  const settled = work.catch((error: unknown) => {
    if (isTilthError(error, 'STORE_UNAVAILABLE')) return otherwise
    throw error
  })
  return Promise.race([settled, late]).finally(() => clearTimeout(timer))
}

/** The result of `work`; STORE_UNAVAILABLE when there is none within `withinMs` of wall time. */
export async function orFailAfter<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = new TilthError('STORE_UNAVAILABLE', `no response within ${withinMs} ms`)
    timer = setTimeout(() => reject(error), withinMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
