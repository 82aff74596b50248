/**
 * How a hook of aedes replies: exactly once and within a time limit. aedes blocks a connection for ever if a hook does
 * not reply, and ends the process if one throws.
 */
export const REPLY_TIMEOUT_MS = 10_000

/** Calls the callback for the first reply and ignores further ones. */
export function replyOnce<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
  let hasReplied = false
  return (...args) => {
    if (hasReplied) return
    hasReplied = true
    callback(...args)
  }
}

/** The result of the work; rejects after the time limit, ms. */
export function withTimeout<T>(work: Promise<T>, withinMs = REPLY_TIMEOUT_MS): Promise<T> {
  // one promise: a race with a second one takes six for each message
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no reply within ${withinMs} ms`)), withinMs)
    work.then(
      (result) => {
        clearTimeout(timer)
        resolve(result)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error as Error)
      },
    )
  })
}
