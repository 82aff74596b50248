/** Those who watch an integration: its messages in the order of arrival, and whether it is connected. */
import type { Logger } from '../ports.ts'
import type { IntegrationConnections, IntegrationMessage } from '../ports/integrations.ts'

type Watcher = Parameters<IntegrationConnections['watch']>[1]

export interface Watchers {
  /** Returns what ends it. */
  add(integrationId: string, watcher: Watcher): () => void
  message(integrationId: string, message: IntegrationMessage): void
  /** `retained`: delivered before any other message of the connection. */
  connected(integrationId: string, isConnected: boolean, retained: readonly IntegrationMessage[]): void
}

/** `stateOf`: the present state of an integration, for one who begins to watch it. */
export function watchers(deps: {
  stateOf(integrationId: string): { isConnected: boolean; retained: readonly IntegrationMessage[] }
  log: Logger
}): Watchers {
  const { stateOf, log } = deps
  const byIntegration = new Map<string, Set<Watcher>>()

  /** A watcher that throws disturbs neither the others nor the connection. */
  function guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      log.error({ error }, 'a watcher of an integration failed')
    }
  }

  function start(watcher: Watcher, { isConnected, retained }: ReturnType<typeof stateOf>): void {
    guarded(() => watcher.onConnected(isConnected))
    if (isConnected) for (const message of retained) guarded(() => watcher.onMessage(message))
  }

  return {
    add(id, watcher) {
      const own = { ...watcher }
      const others = byIntegration.get(id) ?? new Set()
      byIntegration.set(id, others.add(own))
      start(own, stateOf(id))
      return () => {
        others.delete(own)
        if (others.size === 0 && byIntegration.get(id) === others) byIntegration.delete(id)
      }
    },
    message: (id, message) =>
      byIntegration.get(id)?.forEach((watcher) => guarded(() => watcher.onMessage(message))),
    connected: (id, isConnected, retained) =>
      byIntegration.get(id)?.forEach((watcher) => start(watcher, { isConnected, retained })),
  }
}
