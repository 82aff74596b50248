/** The result of an ended opening for its valve. Pure. */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'

/** Failure, success, or null: the valve was never reached, or was busy. */
export function valveResult(
  lifecycle: Pick<CommandLifecycle, 'outcome' | 'ranMs'> & { state: string },
): 'failure' | 'success' | 'nothing' {
  if (lifecycle.state === 'done') return 'success'
  // the main was closed because of another valve
  if (lifecycle.outcome === 'flow-main') return 'nothing'
  if (lifecycle.state === 'aborted') {
    if (!isDeliberate(lifecycle.outcome)) return 'failure'
    return (lifecycle.ranMs ?? 0) > 0 ? 'success' : 'nothing'
  }
  if (lifecycle.state === 'resolved') return lifecycle.outcome === 'stopped' ? 'nothing' : 'failure'
  if (lifecycle.state === 'rejected') return lifecycle.outcome === 'busy' ? 'nothing' : 'failure'
  return 'nothing'
}

/** Whether the run ended on request. */
export const isDeliberate = (outcome: string | null): boolean => outcome === 'command' || outcome === 'local'
