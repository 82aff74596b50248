/** The reasons of the last decision as Tilth has stored them, the notes of the closed day, and the open alerts. */
import type { Day } from '../../broker/contract/time.ts'
import type { Tilth } from '../../services/app/start.ts'
import { readAlertParams, readDayNotes, readDecision } from '../../services/tables.ts'
import { FIELD, ORG } from './farm-rows.ts'

export type Why = { key: string; mm?: number | null; params?: Record<string, unknown> }[]

/** The verdict, its terms, what would change it, the notes of `day`, and the alerts; empty before the first decision. */
export async function readWhy({ state }: Pick<Tilth, 'state'>, day: Day): Promise<Why> {
  const advice = await state
    .selectFrom('advice')
    .innerJoin('decision', 'decision.id', 'advice.decisionId')
    .select('decision.body')
    .where('advice.fieldId', '=', FIELD)
    .executeTakeFirst()
  const closed = await state
    .selectFrom('fieldDay')
    .select('notes')
    .where('fieldId', '=', FIELD)
    .where('day', '=', day)
    .executeTakeFirst()
  const alerts = await state
    .selectFrom('alert')
    .select(['cause', 'params'])
    .where('org', '=', ORG)
    .where('clearedMs', 'is', null)
    .orderBy('sinceMs')
    .execute()
  const decision = advice ? readDecision(advice.body) : null
  return [
    ...(decision
      ? [
          { key: decision.key, params: decision.params },
          ...decision.terms.map(({ key, mm, lo, hi, params }) => ({
            key,
            mm,
            params: { ...(lo === undefined ? {} : { lo }), ...(hi === undefined ? {} : { hi }), ...params },
          })),
          ...(decision.counterfactuals ? [decision.counterfactuals] : []),
        ]
      : []),
    ...(closed ? readDayNotes(closed.notes) : []),
    ...alerts.map(({ cause, params }) => ({ key: cause, params: readAlertParams(params) })),
  ]
}
