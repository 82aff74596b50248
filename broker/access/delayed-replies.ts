/**
 * Delayed replies to failed sign-ins. A reply whose connection has closed is dropped, and beyond a limit the oldest one
 * is dropped with its connection: failed sign-ins must not use up the memory for the others.
 */
import type { Duplex } from 'node:stream'

const MAX_DELAYED = 200

/** The function resolves after `forMs` ms, or as soon as the stream is closed. */
export function delayedReplies(maxDelayed = MAX_DELAYED): (stream: Duplex, forMs: number) => Promise<void> {
  const delayed = new Set<Duplex>()

  return (stream, forMs) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        stream.off('close', end)
        delayed.delete(stream)
        resolve()
      }
      const timer = setTimeout(end, Math.max(0, forMs)).unref()
      stream.once('close', end)
      if (stream.destroyed) return end()
      if (delayed.size >= maxDelayed) delayed.values().next().value?.destroy()
      delayed.add(stream)
    })
}
