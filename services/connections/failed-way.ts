/** A way that leads nowhere until its integration is changed. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { IntegrationProblem } from '../ports/integrations.ts'
import { statusKeeper, type Way } from './way.ts'

/** Its status names the problem. */
export function failedWay(nowMs: () => AtMs, problem: { problem: IntegrationProblem; reason: string }): Way {
  const status = statusKeeper(nowMs)
  status.set({ state: 'failed', ...problem })
  return {
    publish: () => Promise.resolve(false),
    get: () => Promise.resolve(null),
    isConnected: () => false,
    status: status.read,
    retained: () => [],
    stop: () => Promise.resolve(),
  }
}
