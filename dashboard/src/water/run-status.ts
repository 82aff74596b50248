/** How the state of a run is coloured: what waits for a person, what failed, what goes its way. */
export function runStatus(state: string): 'act' | 'soon' | 'ok' | 'past' {
  if (state === 'failed') return 'act'
  if (state === 'proposed') return 'soon'
  return state === 'skipped' || state === 'cancelled' ? 'past' : 'ok'
}
