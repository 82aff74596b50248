/**
 * Answers that are held back. One that nobody waits for any more is not held, and while too many are held the one that
 * has been held longest is not given at all: what has failed already must not take the memory of those who have not.
 */
import type { Duplex } from 'node:stream'

const MAX_DELAYED = 200

/** Makes the function that resolves after so many ms, or sooner when the stream is closed. */
export function delayedReplies(most = MAX_DELAYED): (stream: Duplex, forMs: number) => Promise<void> {
  const held = new Set<Duplex>()

  return (stream, forMs) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        stream.off('close', end)
        held.delete(stream)
        resolve()
      }
      const timer = setTimeout(end, Math.max(0, forMs)).unref()
      stream.once('close', end)
      if (stream.destroyed) return end()
      if (held.size >= most) held.values().next().value?.destroy()
      held.add(stream)
    })
}
