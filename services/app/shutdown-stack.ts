/** Started parts, closed in reverse order, whatever fails on the way. */
import type { Logger } from '../ports.ts'

export interface ShutdownStack {
  /** Returns the part and remembers how to close it. */
  defer<T>(part: T, close: (part: T) => Promise<unknown>): T
  /** Last opened, first closed; a part that fails to close does not keep the others open. */
  closeAll(): Promise<void>
}

/** `closeAll` never rejects: a failure to close is logged. */
export function shutdownStack(log: Logger): ShutdownStack {
  const closers: (() => Promise<unknown>)[] = []
  return {
    defer(part, close) {
      closers.push(() => close(part))
      return part
    },
    async closeAll() {
      for (let close = closers.pop(); close; close = closers.pop())
        try {
          await close()
        } catch (error) {
          log.error({ error }, 'a part failed to close')
        }
    },
  }
}
