/**
 * How a hook of aedes answers: once, whatever happens, and in time. aedes keeps a connection waiting for ever when a
 * hook does not answer, and ends the process when one throws.
 */
export const REPLY_TIMEOUT_MS = 10_000

/** Passes the first answer on and no other. */
export function replyOnce<A extends unknown[]>(answer: (...args: A) => void): (...args: A) => void {
  let isAnswered = false
  return (...args) => {
    if (isAnswered) return
    isAnswered = true
    answer(...args)
  }
}

/** What the work gives; a rejection when it has given nothing in time. */
export function withTimeout<T>(work: Promise<T>, withinMs = REPLY_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
