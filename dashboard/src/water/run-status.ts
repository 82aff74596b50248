/** The colour of a run's state: waiting for a person, failed, or in order. */
export function runStatus(state: string): 'act' | 'soon' | 'ok' | 'past' {
  if (state === 'failed') return 'act'
  if (state === 'proposed') return 'soon'
  return state === 'skipped' || state === 'cancelled' ? 'past' : 'ok'
}
