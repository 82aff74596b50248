/** What the end of an opening means for its valve. Pure. */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'

/**
 * What the end of an opening means for the valve: a failure, a success, or nothing (it was never reached, or was
 * busy).
 */
export function valveResult(
  life: Pick<CommandLifecycle, 'outcome' | 'ranMs'> & { state: string },
): 'failure' | 'success' | 'nothing' {
  if (life.state === 'done') return 'success'
  // the main was closed because of another valve
  if (life.outcome === 'flow-main') return 'nothing'
  if (life.state === 'aborted') {
    if (!isDeliberate(life.outcome)) return 'failure'
    return (life.ranMs ?? 0) > 0 ? 'success' : 'nothing'
  }
  if (life.state === 'resolved') return life.outcome === 'stopped' ? 'nothing' : 'failure'
  if (life.state === 'rejected') return life.outcome === 'busy' ? 'nothing' : 'failure'
  return 'nothing'
}

/** Ended on request. */
export const isDeliberate = (outcome: string | null): boolean => outcome === 'command' || outcome === 'local'
