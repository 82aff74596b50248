/**
 * A stream of messages that outlives its server: unacknowledged messages are sent first when it runs again, with their
 * own number and instant, like a device from its flash.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { SentMessages } from './compare.ts'
import { runLoad, type LoadResult, type Publisher } from './generator.ts'
import { messages } from './messages.ts'
import type { ReadNewest } from './visible.ts'

export interface Stream {
  /** Sends to this port until the time is over, `isDone` returns true, or every connection is broken. */
  run(port: number, forMs: number, isEnough?: () => boolean): Promise<LoadResult>
  /** Calls back once, at the next acknowledgement. */
  onNextAck(run: () => void): void
  unacked(): number
  /** number acknowledged so far */
  acked(): number
  sentMessages(): SentMessages
  /** Resolves when the newest message of each device is stored, or after a minute; returns whether it is. */
  stored(readNewest: ReadNewest): Promise<boolean>
}

export function createStream(publishers: readonly Publisher[], ratePerS: number): Stream {
  const stream = messages(publishers.length)
  const acked = publishers.map(() => new Set<number>())
  let lastN = publishers.map(() => 0)
  let unacked: number[][] = publishers.map(() => [])
  let onAck: (() => void) | null = null

  return {
    async run(port, forMs, isEnough = () => false) {
      const load = await runLoad({
        port,
        publishers,
        ratePerS,
        window: 0,
        forMs,
        isDone: isEnough,
        lastN,
        resend: unacked,
        payload: stream.payload,
        acked(publisher, n) {
          acked[publisher]!.add(n)
          onAck?.()
          onAck = null
        },
      })
      lastN = load.lastN
      unacked = load.unacked
      return load
    },
    onNextAck: (run) => void (onAck = run),
    acked: () => acked.reduce((sum, numbers) => sum + numbers.size, 0),
    unacked: () => unacked.reduce((sum, numbers) => sum + numbers.length, 0),
    sentMessages: () =>
      new Map(
        publishers.map(({ id }, index) => [
          id,
          Array.from({ length: lastN[index]! }, (_, i) => ({
            atMs: stream.atMsOf(index, i + 1)!,
            value: stream.valueOf(i + 1),
            isAcked: acked[index]!.has(i + 1),
          })),
        ]),
      ),
    async stored(readNewest) {
      const untilMs = performance.now() + 60_000
      while (performance.now() < untilMs) {
        const newest = new Map(await readNewest())
        const isThere = (id: string, index: number) =>
          (newest.get(id) ?? -1) >= (stream.atMsOf(index, lastN[index]!) ?? 0)
        if (publishers.every(({ id }, index) => isThere(id, index))) return true
        await pause(20)
      }
      return false
    },
  }
}
