/** Well-behaved devices during an attack: they publish at a rate, and all their readings must be stored. */
import type { SentMessages } from '../../support/compare.ts'
import { runLoad, type LoadResult, type Publisher } from '../../support/generator.ts'
import { messages } from '../../support/messages.ts'
import type { Torture } from './fault-line.ts'

export interface GoodDevices {
  stop(): Promise<{ load: LoadResult; said: SentMessages }>
}

export function startGoodDevices(
  torture: Torture,
  options: { port: number; publishers: readonly Publisher[]; ratePerS: number },
): GoodDevices {
  const { publishers } = options
  const stream = messages(publishers.length)
  const acked = publishers.map(() => new Set<number>())
  let isOver = false
  const running = runLoad({
    ...options,
    window: 0,
    forMs: Infinity,
    isDone: () => isOver,
    payload: stream.payload,
    acked: (publisher, n) => void acked[publisher]!.add(n),
  })
  running.catch(() => {}) // handled by `stop`
  // a failed line must not keep sending
  torture.onEnd(async () => void (isOver = true))
  return {
    async stop() {
      isOver = true
      const load = await running
      const sentMessages = new Map(
        publishers.map(({ id }, index) => [
          id,
          Array.from({ length: load.lastN[index]! }, (_, i) => ({
            atMs: stream.atMsOf(index, i + 1)!,
            value: stream.valueOf(i + 1),
            isAcked: acked[index]!.has(i + 1),
          })),
        ]),
      )
      return { load, said: sentMessages }
    },
  }
}
