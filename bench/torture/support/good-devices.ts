/** Devices that do nothing wrong while others do: they publish at a rate, and every reading of theirs must be stored. */
import type { SentMessages } from '../../support/compare.ts'
import { runLoad, type LoadResult, type Publisher } from '../../support/generator.ts'
import { messages } from '../../support/messages.ts'
import type { Torture } from './fault-line.ts'

export interface GoodDevices {
  stop(): Promise<{ load: LoadResult; said: SentMessages }>
}

export function startGoodDevices(
  torture: Torture,
  own: { port: number; publishers: readonly Publisher[]; ratePerS: number },
): GoodDevices {
  const { publishers } = own
  const says = messages(publishers.length)
  const acked = publishers.map(() => new Set<number>())
  let isOver = false
  const running = runLoad({
    ...own,
    window: 0,
    forMs: Infinity,
    isDone: () => isOver,
    payload: says.payload,
    acked: (publisher, n) => void acked[publisher]!.add(n),
  })
  running.catch(() => {}) // told by `stop`
  // a line that breaks must not go on sending
  torture.onEnd(async () => void (isOver = true))
  return {
    async stop() {
      isOver = true
      const load = await running
      const said = new Map(
        publishers.map(({ id }, index) => [
          id,
          Array.from({ length: load.lastN[index]! }, (_, i) => ({
            atMs: says.atMsOf(index, i + 1)!,
            value: says.valueOf(i + 1),
            isAcked: acked[index]!.has(i + 1),
          })),
        ]),
      )
      return { load, said }
    },
  }
}
