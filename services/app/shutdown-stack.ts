/** What was started, in the order in which it was: closed the other way round, whatever happens on the way. */
import type { Logger } from '../ports.ts'

export interface ShutdownStack {
  /** Gives the part back, and remembers how it is closed. */
  defer<T>(part: T, close: (part: T) => Promise<unknown>): T
  /** Last opened, first closed; one that fails does not keep the others open. */
  closeAll(): Promise<void>
}

export function shutdownStack(log: Logger): ShutdownStack {
  const opened: (() => Promise<unknown>)[] = []
  return {
    defer(part, close) {
      opened.push(() => close(part))
      return part
    },
    async closeAll() {
      for (let close = opened.pop(); close; close = opened.pop())
        try {
          await close()
        } catch (error) {
          log.error({ error }, 'a part did not close')
        }
    },
  }
}
