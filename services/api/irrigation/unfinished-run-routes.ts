/**
 * Discards the rest of a run that ended early, so that Today no longer shows it. Irrigating the rest is an
 * ordinary start.
 */
import { fail } from '../../errors.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import { announce, audited } from '../http/audited-write.ts'

/** Needs `approve`. CONFLICT unless the run is `failed`; a repeat changes nothing. */
export function unfinishedRunRoutes(app: App, context: Context): void {
  const { state, clock } = context

  app.post(
    '/api/runs/:id/dismiss-remainder',
    {
      config: { needs: 'approve' },
      schema: { summary: 'Discard the rest of an unfinished run', params: ById, response: responses(Done) },
    },
    async ({ params, caller }) => {
      const { org, userId } = caller
      const { id: runId, fieldId, minutes, state: runState } = await ownRow(state, 'run', org, params.id)
      if (runState !== 'failed') fail('CONFLICT', `this run did not end early, it is ${runState}`)
      const line = { action: 'run.dismiss-remainder', subject: runId, detail: { fieldId, minutes } }
      await audited(context, caller, line, (rows) =>
        rows
          .insertInto('unfinishedRunDecision')
          .values({ runId, org, userId, atMs: clock.now() })
          .onConflict((conflict) => conflict.column('runId').doNothing())
          .execute(),
      )
      await announce(context, org, { event: 'plan', fields: [fieldId] })
      return done
    },
  )
}
