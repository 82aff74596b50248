/**
 * The irrigation record: runs and water applied by hand. A person confirms the record of a field up to an
 * instant, all at once, and voids wrong entries with a reason; entries are never edited.
 */
import type { ExpressionBuilder } from 'kysely'
import { IRRIGATION_REPORTED } from '../../domain/manual-water.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { ConfirmIrrigations, IrrigationList, NewIrrigation, VoidIrrigation } from './irrigation-schemas.ts'
import { Receipt } from '../pests/pest-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { readUserNames } from '../auth/user-queries.ts'
import { irrigationView } from './irrigation-view.ts'
import { recordManualIrrigation } from './manual-irrigation.ts'
import { announce, audited } from '../http/audited-write.ts'

const MAX_LISTED = 200

/**
 * Reading needs `read`, all else `record`. The list has the newest 200 records. CONFLICT when there is no run to
 * confirm, and for voiding an active or voided run.
 */
export function irrigationRoutes(app: App, context: Context): void {
  const { state, clock } = context
  const config = { needs: 'record' } as const

  app.get(
    '/api/fields/:id/irrigations',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'List the irrigation records of a field',
        params: ById,
        response: responses(IrrigationList),
      },
    },
    async ({ params: { id }, caller: { org } }) => {
      const field = await ownRow(state, 'field', org, id)
      const rows = await state
        .selectFrom('irrigation')
        .selectAll()
        .where('fieldId', '=', field.id)
        .orderBy('commandedAtMs', 'desc')
        .orderBy('id')
        .limit(MAX_LISTED)
        .execute()
      const people = rows.flatMap(({ actor, confirmedBy, voidedBy }) => [actor, confirmedBy, voidedBy])
      const names = await readUserNames(
        state,
        people.filter((person) => person != null),
      )
      const { drafts } = await state
        .selectFrom('irrigation')
        .select(({ fn }) => fn.countAll<number>().as('drafts'))
        .where(isUnconfirmed(field.id, clock.now()))
        .executeTakeFirstOrThrow()
      return { drafts: Number(drafts), runs: rows.map((row) => irrigationView(row, names)) }
    },
  )

  app.post(
    '/api/irrigations',
    {
      config,
      schema: {
        summary: 'Record irrigation by hand',
        description: 'The same `idem` is recorded once.',
        body: NewIrrigation,
        response: responses(Receipt),
      },
    },
    ({ body, caller }) => recordManualIrrigation(context, caller, body),
  )

  app.post(
    '/api/irrigations/confirm',
    {
      config,
      schema: {
        summary: 'Confirm the irrigation records of a field',
        body: ConfirmIrrigations,
        response: responses(Done),
      },
    },
    async ({ body: { fieldId, untilMs }, caller }) => {
      const { org, userId: confirmedBy } = caller
      const field = await ownRow(state, 'field', org, fieldId)
      const atMs = clock.now()
      if (untilMs > atMs) fail('BAD_REQUEST', `untilMs: must be in the past, at most ${atMs}, got ${untilMs}`)
      const detail = { untilMs, runs: 0 }
      await audited(
        context,
        caller,
        { action: 'irrigation.confirm', subject: field.id, detail },
        async (rows) => {
          const { numUpdatedRows } = await rows
            .updateTable('irrigation')
            .set({ confirmedBy, confirmedAtMs: atMs })
            .where(isUnconfirmed(field.id, untilMs))
            .executeTakeFirst()
          detail.runs = Number(numUpdatedRows)
          if (detail.runs === 0) fail('CONFLICT', 'this field has no run to confirm')
        },
      )
      await announce(context, org, { event: 'field', fields: [field.id] })
      return done
    },
  )

  app.post(
    '/api/irrigations/:id/void',
    {
      config,
      schema: {
        summary: 'Void an irrigation record',
        params: ById,
        body: VoidIrrigation,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body: { reason }, caller }) => {
      const { org, userId: voidedBy } = caller
      const { fieldId } = await ownRow(state, 'irrigation', org, id)
      const line = { action: 'irrigation.void', subject: fieldId, detail: { irrigation: id, reason } }
      await audited(context, caller, line, async (rows) => {
        // read again: two people may act at once
        const { voidedAtMs, runId } = await ownRow(rows, 'irrigation', org, id)
        if (voidedAtMs != null) fail('CONFLICT', 'this run is already voided')
        if (await isActive(rows, runId)) fail('CONFLICT', 'this run is active; stop it first')
        await rows
          .updateTable('irrigation')
          .set({ voidedBy, voidedAtMs: clock.now(), voidReason: reason })
          .where('id', '=', id)
          .execute()
      })
      await announce(context, org, { event: 'field', id: IRRIGATION_REPORTED, fields: [fieldId] })
      return done
    },
  )
}

const activeStates = ['sent', 'running'] as const

const isActive = async (rows: State, runId: string): Promise<boolean> =>
  (await rows
    .selectFrom('run')
    .select('id')
    .where('id', '=', runId)
    .where('state', 'in', activeStates)
    .executeTakeFirst()) !== undefined

/** Runs started by `untilMs` that are over and neither confirmed nor voided. */
const isUnconfirmed =
  (fieldId: string, untilMs: number) =>
  ({ and, eb, not, exists, selectFrom }: ExpressionBuilder<Tables, 'irrigation'>) =>
    and([
      ...[eb('fieldId', '=', fieldId), eb('commandedAtMs', '<=', untilMs)],
      ...[eb('confirmedAtMs', 'is', null), eb('voidedAtMs', 'is', null)],
      not(
        exists(
          selectFrom('run')
            .select('run.id')
            .whereRef('run.id', '=', 'irrigation.runId')
            .where('run.state', 'in', activeStates),
        ),
      ),
    ])
