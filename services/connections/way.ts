/** One way to an integration: a gateway on our broker, a client at theirs, HTTP. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { IntegrationConnections, IntegrationMessage, IntegrationStatus } from '../ports/integrations.ts'
import type { IntegrationRow } from '../tables.ts'

export interface Way {
  /** False: not connected, or this way carries no messages to it. */
  publish(message: Parameters<IntegrationConnections['publish']>[1]): Promise<boolean>
  /** null: it failed, or this way has no HTTP */
  get(url: string): Promise<string | null>
  isConnected(): boolean
  status(): IntegrationStatus
  /** The messages that are retained there, as far as they have been received. */
  retained(): IntegrationMessage[]
  stop(): Promise<void>
}

/** What a way reports while it runs. */
export interface WayEvents {
  /** after the message is on disk */
  onMessage(message: IntegrationMessage): void
  onConnected(isConnected: boolean): void
}

/** Starts a way of an integration. */
export type StartWay = (row: IntegrationRow, events: WayEvents) => Way

/** A status that keeps the time since which it holds. */
export function statusKeeper(nowMs: () => AtMs) {
  let status: IntegrationStatus = {
    state: 'waiting',
    problem: null,
    reason: null,
    sinceMs: nowMs(),
    lastMessageMs: null,
  }
  return {
    read: (): IntegrationStatus => ({ ...status }),
    /** True if this is a change. */
    set(next: Pick<IntegrationStatus, 'state'> & Partial<Pick<IntegrationStatus, 'problem' | 'reason'>>) {
      const { state, problem = null, reason = null } = next
      if (state === status.state && problem === status.problem && reason === status.reason) return false
      const isSame = state === status.state && problem === status.problem
      status = { ...status, state, problem, reason, sinceMs: isSame ? status.sinceMs : nowMs() }
      return true
    },
    received: (atMs: AtMs) => void (status = { ...status, lastMessageMs: atMs }),
  }
}
