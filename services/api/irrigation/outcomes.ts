/** Waits for the outcomes of requests, which dispatch publishes on the bus once their rows hold them. */
import type { Bus } from '../../ports.ts'
import { subscribeToOutcomes } from '../../runtime/request-events.ts'

declare module '../http/context.ts' {
  interface Context {
    outcomes: Outcomes
  }
}

export interface Outcomes {
  /** Resolves with the outcome of a request, or at the latest after `withinMs` of wall time. Call it before the request is announced. */
  next(requestId: string, withinMs: number): Promise<void>
}

/** Subscribes once for all requests. */
export async function startOutcomes(bus: Pick<Bus, 'subscribe'>): Promise<Outcomes> {
  const listeners = new Map<string, Set<() => void>>()
  await subscribeToOutcomes(bus, ({ id }) => {
    for (const resolve of [...(listeners.get(id) ?? [])]) resolve()
  })
  return {
    next: (requestId, withinMs) =>
      new Promise((resolve) => {
        const waiters = listeners.get(requestId) ?? new Set()
        const done = () => {
          clearTimeout(timer)
          waiters.delete(done)
          if (waiters.size === 0) listeners.delete(requestId)
          resolve()
        }
        const timer = setTimeout(done, withinMs)
        listeners.set(requestId, waiters.add(done))
      }),
  }
}
