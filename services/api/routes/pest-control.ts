/**
 * Pest control of a field: what is proposed, and treatments from draft to record. A person confirms every step; the
 * desk (services/plan/pest) judges, and nothing here or there sprays.
 */
import { randomUUID } from 'node:crypto'
import Type from 'typebox'
import { addDays } from '../../../broker/contract/time.ts'
import type { Result } from '../../../broker/contract/result.ts'
import { ACTION_SHARE } from '../../agronomy/economic-injury.ts'
import { pestOf } from '../../agronomy/pests.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { PestEconomicsRow, TreatmentRow } from '../../tables.ts'
import { answers, ById, done, Done } from '../answers.ts'
import type { Caller } from '../auth.ts'
import type { App, Context } from '../context.ts'
import {
  ConfirmTreatment,
  NewTreatment,
  PestEconomicsForm,
  PestControlView,
  PlannedHarvest,
  TreatmentDone,
  TreatmentList,
  TreatmentView,
  VoidTreatment,
} from '../pest-schemas.ts'
import { ownRow } from '../rows/own.ts'
import { Id } from '../schema-parts.ts'
import { treatmentView } from '../views/pest-control.ts'
import { announce, audited } from '../write.ts'

const LISTED = 500
const noFigures: Omit<PestEconomicsRow, 'fieldId' | 'target' | 'org'> = {
  ...{ costPerHa: null, valuePerT: null, injuryPerCount: null, lossPerInjury: null, shareSaved: null },
  ...{ actionShare: ACTION_SHARE, seenCount: null, seenDay: null, isUsed: 0 },
}

export function pestControlRoutes(app: App, context: Context): void {
  const { state, pests } = context
  const read = { needs: 'read' } as const

  app.get(
    '/api/fields/:id/pest-control',
    { config: read, schema: { params: ById, response: answers(PestControlView) } },
    async ({ params: { id }, caller: { org } }) => {
      const found = (await pests.field(org, id)) ?? fail('NOT_FOUND', `there is no field ${id} here`)
      return { ...found, treatments: found.treatments.map(treatmentView) }
    },
  )

  app.post(
    '/api/fields/:id/pest-economics',
    {
      config: { needs: 'configure' },
      schema: { params: ById, body: PestEconomicsForm, response: answers(Done) },
    },
    async ({ params: { id: fieldId }, body, caller }) => {
      const { org } = caller
      await ownRow(state, 'field', org, fieldId)
      const { target, isUsed, seen, ...figures } = body
      if (!pestOf(target)) fail('BAD_REQUEST', `target: must be an insect that Tilth knows, got ${target}`)
      if (seen && !isDay(seen.day))
        fail('BAD_REQUEST', `seen.day: must be a day that exists, like 2026-07-06, got ${seen.day}`)
      const before = await state
        .selectFrom('pestEconomics')
        .selectAll()
        .where('fieldId', '=', fieldId)
        .where('target', '=', target)
        .executeTakeFirst()
      const row: PestEconomicsRow = {
        ...(before ?? { ...noFigures, fieldId, target, org }),
        ...(figures as Partial<PestEconomicsRow>),
        ...(isUsed === undefined ? {} : { isUsed: isUsed ? (1 as const) : (0 as const) }),
        ...(seen === undefined ? {} : { seenCount: seen?.count ?? null, seenDay: seen?.day ?? null }),
      }
      await audited(
        context,
        caller,
        { action: 'field.pest-economics', subject: fieldId, detail: body },
        (rows) =>
          rows
            .insertInto('pestEconomics')
            .values(row)
            .onConflict((conflict) => conflict.columns(['fieldId', 'target']).doUpdateSet(row))
            .execute(),
      )
      await announce(context, org, { event: 'field', fields: [fieldId] })
      return done
    },
  )

  app.get(
    '/api/treatments',
    {
      config: read,
      schema: { querystring: Type.Object({ fieldId: Type.Optional(Id) }), response: answers(TreatmentList) },
    },
    async ({ query: { fieldId }, caller: { org } }) => {
      const field = fieldId === undefined ? null : await ownRow(state, 'field', org, fieldId)
      let rows = state.selectFrom('treatment').selectAll().where('org', '=', org)
      if (field) rows = rows.where('fieldId', '=', field.id)
      const treatments = await rows.orderBy('fromMs', 'desc').orderBy('id').limit(LISTED).execute()
      return { treatments: treatments.map(treatmentView) }
    },
  )

  app.get(
    '/api/treatments/:id',
    { config: read, schema: { params: ById, response: answers(TreatmentView) } },
    async ({ params: { id }, caller: { org } }) => treatmentView(await ownRow(state, 'treatment', org, id)),
  )

  app.post(
    '/api/treatments',
    {
      config: { needs: 'approve' },
      schema: { body: NewTreatment, response: answers(TreatmentView) },
    },
    async ({ body, caller }) => {
      const { org, userId } = caller
      await ownRow(state, 'field', org, body.fieldId)
      const ahead = await pests.ahead(org, body.fieldId)
      const id = randomUUID()
      let row: TreatmentRow | null = null
      await audited(
        context,
        caller,
        { action: 'treatment.plan', subject: id, detail: body },
        async (rows) => {
          row = taken(await pests.draft(rows, org, id, userId, body, ahead))
          await rows.insertInto('treatment').values(row).execute()
        },
      )
      await announce(context, org, { event: 'field', fields: [body.fieldId] })
      return treatmentView(row!)
    },
  )

  app.post(
    '/api/treatments/:id/confirm',
    {
      config: { needs: 'approve' },
      schema: { params: ById, body: ConfirmTreatment, response: answers(TreatmentView) },
    },
    async ({ params: { id }, body, caller }) => {
      const { fieldId } = await ownRow(state, 'treatment', caller.org, id)
      const ahead = await pests.ahead(caller.org, fieldId)
      return change(caller, id, { action: 'treatment.confirm', detail: body }, (rows, row) =>
        pests.confirmed(rows, row, caller.userId, body.accepts, ahead),
      )
    },
  )

  app.post(
    '/api/treatments/:id/done',
    {
      config: { needs: 'record' },
      schema: { params: ById, body: TreatmentDone, response: answers(TreatmentView) },
    },
    async ({ params: { id }, body, caller }) => {
      const weather = await pests.weatherAbout(await ownRow(state, 'treatment', caller.org, id), body.startMs)
      return change(caller, id, { action: 'treatment.done', detail: body }, (rows, row) =>
        pests.done(rows, row, body, weather),
      )
    },
  )

  app.post(
    '/api/treatments/:id/record',
    { config: { needs: 'record' }, schema: { params: ById, response: answers(TreatmentView) } },
    ({ params: { id }, caller }) =>
      change(caller, id, { action: 'treatment.record', detail: {} }, (_, row) =>
        pests.recorded(row, caller.userId),
      ),
  )

  app.post(
    '/api/treatments/:id/void',
    {
      config: { needs: 'record' },
      schema: { params: ById, body: VoidTreatment, response: answers(TreatmentView) },
    },
    ({ params: { id }, body: { reason }, caller }) =>
      change(caller, id, { action: 'treatment.void', detail: { reason } }, (_, row) =>
        pests.voided(row, caller.userId, reason),
      ),
  )

  app.post(
    '/api/seasons/:id/planned-harvest',
    { config: { needs: 'record' }, schema: { params: ById, body: PlannedHarvest, response: answers(Done) } },
    async ({ params: { id }, body: { day }, caller }) => {
      const season = await ownRow(state, 'season', caller.org, id)
      if (day !== null && !isDay(day))
        fail('BAD_REQUEST', `day: must be a day that exists, like 2026-07-06, got ${day}`)
      if (day !== null && day < season.plantedDay)
        fail('BAD_REQUEST', `day: must not be before ${season.plantedDay}, got ${day}`)
      await audited(
        context,
        caller,
        { action: 'season.planned-harvest', subject: id, detail: { day } },
        (rows) => rows.updateTable('season').set({ harvestPlannedDay: day }).where('id', '=', id).execute(),
      )
      await announce(context, caller.org, { event: 'field', fields: [season.fieldId] })
      return done
    },
  )

  /** Reads the row anew within the transaction that changes it: two people may press at once. */
  async function change(
    caller: Caller,
    id: string,
    line: { action: string; detail: unknown },
    judge: (rows: State, row: TreatmentRow) => Judged | Promise<Judged>,
  ): Promise<TreatmentView> {
    const before = await ownRow(state, 'treatment', caller.org, id)
    let after = before
    await audited(context, caller, { ...line, subject: id }, async (rows) => {
      const row = await ownRow(rows, 'treatment', caller.org, id)
      const changes = taken(await judge(rows, row))
      await rows.updateTable('treatment').set(changes).where('id', '=', id).execute()
      after = { ...row, ...changes }
    })
    await announce(context, caller.org, { event: 'field', fields: [before.fieldId] })
    return treatmentView(after)
  }
}

type Refusal = { code: 'NOT_FOUND' | 'BAD_REQUEST' | 'CONFLICT'; message: string }
type Judged = Result<Partial<TreatmentRow>, Refusal>

const taken = <T>(answer: Result<T, Refusal>): T =>
  answer.ok ? answer.value : fail(answer.error.code, answer.error.message)

function isDay(day: string): boolean {
  try {
    return addDays(day, 0) === day
  } catch {
    return false
  }
}
