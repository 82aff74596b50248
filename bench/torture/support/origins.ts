/** The origin of each command (invariant I13), from the rows alone: an accepted request of a person, or a plan. */
import type { CommandRow, RequestRow, RunRow } from '../../../services/tables.ts'

/** Open commands without an origin: no accepted request of the person they name, and no plan version. */
export function untraced(
  commands: readonly Pick<CommandRow, 'id' | 'runId' | 'actor'>[],
  runs: readonly Pick<RunRow, 'id' | 'planVersion' | 'actor'>[],
  requests: readonly Pick<RequestRow, 'kind' | 'state' | 'resultId' | 'actor'>[],
): string[] {
  const runOf = new Map(runs.map((run) => [run.id, run]))
  const isWord = (runId: string, actor: string) =>
    requests.some(
      ({ kind, state, resultId, actor: requestedBy }) =>
        kind === 'start' && state === 'accepted' && resultId === runId && requestedBy === actor,
    )
  return commands.flatMap(({ id, runId, actor }) => {
    const run = runId === null ? undefined : runOf.get(runId)
    if (run === undefined) return [`order ${id} of ${actor || 'nobody'}: no run is behind it`]
    const isOfPlan = run.actor === 'plan' && run.planVersion !== '' && actor === `plan:${run.planVersion}`
    return isOfPlan || isWord(run.id, actor) ? [] : [`order ${id} of ${actor || 'nobody'}, run ${run.id}`]
  })
}
