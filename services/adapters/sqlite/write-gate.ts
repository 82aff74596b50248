/** Lets writers of a database wait, without the event loop, while a thread rewrites the file. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fail } from '../../errors.ts'

export interface WriteGate {
  isClosed(): boolean
  /** Resolves when the gate is open. STORE_UNAVAILABLE when that takes longer than another program may lock the file. */
  opened(): Promise<void>
  /** Closed until `work` is done. */
  closeFor<T>(work: () => Promise<T>): Promise<T>
}

/** `maxWaitMs` null: writers wait as long as it takes. */
export function writeGate(store: string, maxWaitMs: number | null): WriteGate {
  let closed: Promise<void> | null = null

  async function opened(): Promise<void> {
    if (closed === null) return
    const isLate = await Promise.race([
      closed.then(() => false),
      ...(maxWaitMs === null ? [] : [sleep(maxWaitMs, true, { ref: false })]),
    ])
    if (isLate) fail('STORE_UNAVAILABLE', `${store} is being rewritten after an erasure`)
    return opened()
  }

  return {
    isClosed: () => closed !== null,
    opened,
    async closeFor(work) {
      while (closed !== null) await closed
      let open = () => {}
      closed = new Promise((done) => (open = done))
      try {
        return await work()
      } finally {
        closed = null
        open()
      }
    },
  }
}
