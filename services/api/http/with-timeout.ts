/**
 * The series store beside the state: where it is away or slow an answer is given without what it would add. A person who
 * wants to stop a valve must not wait for a chart.
 */
import { isTilthError } from '../../errors.ts'

/** `work`, or `otherwise` when the store is unavailable or has not answered within `withinMs` of real time. */
export async function orDefaultAfter<T, E>(work: Promise<T>, otherwise: E, withinMs: number): Promise<T | E> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<E>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), withinMs)
  })
  const there = work.catch((error: unknown) => {
    if (isTilthError(error, 'STORE_UNAVAILABLE')) return otherwise
    throw error
  })
  return Promise.race([there, late]).finally(() => clearTimeout(timer))
}
