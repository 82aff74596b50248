/** What the end of an opening means for its valve. Pure. */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'

/**
 * What the end of an opening means for the valve: a failure, a success, or nothing (it was never reached, or was
 * busy).
 */
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

/** Ended on request. */
export const isDeliberate = (outcome: string | null): boolean => outcome === 'command' || outcome === 'local'
