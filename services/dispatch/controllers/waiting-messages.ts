/**
 * Limits how many messages of one device wait for dispatch, so that a device that floods an external broker, or one
 * without limits, does not fill the memory. What is dropped is lost as in a bad network, which the protocol expects: a
 * controller repeats its state, and dispatch its commands.
 */
import type { Clock } from '../../../broker/contract/time.ts'
import { eventCoalescer } from '../../audit/coalesce.ts'
import type { Logger } from '../../ports.ts'
import type { Address } from '../outbox.ts'

// many times what a controller sends between two turns of dispatch
const MAX_WAITING = 100

export interface WaitingMessages {
  /** Enqueues the task of a message; drops it when the device has 100 waiting, with a warning every ten minutes. */
  add(from: Address, task: () => Promise<void>): Promise<void>
  /** Logs what was dropped and is not logged yet. */
  stop(): Promise<void>
}

/** `enqueue` is the queue of dispatch: it resolves when the task has run. */
export function waitingMessages(deps: {
  enqueue: (task: () => Promise<void>) => Promise<void>
  clock: Clock
  log: Logger
}): WaitingMessages {
  const { enqueue, clock, log } = deps
  const waiting = new Map<string, number>()
  const dropped = eventCoalescer<Address>({
    clock,
    log,
    write: async ({ org, device }, messages) =>
      log.warn(
        { org, device, messages },
        'a device sends faster than dispatch can process: messages dropped',
      ),
  })
  return {
    async add(from, task) {
      const key = `${from.org}/${from.device}`
      const count = waiting.get(key) ?? 0
      if (count >= MAX_WAITING) return dropped.add(key, from)
      waiting.set(key, count + 1)
      try {
        await enqueue(task)
      } finally {
        const left = waiting.get(key)! - 1
        if (left === 0) waiting.delete(key)
        else waiting.set(key, left)
      }
    },
    stop: () => dropped.stop(),
  }
}
