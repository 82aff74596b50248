/**
 * Pest control of a field: proposals, and treatments from draft to record. A person confirms every step;
 * services/plan/pest checks it, and no program sprays.
 */
import { randomUUID } from 'node:crypto'
import Type, { type Static } from 'typebox'
import type { Result } from '../../../broker/contract/result.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { TreatmentRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import {
  ConfirmTreatment,
  EditTreatment,
  NewTreatment,
  PastTreatment,
  PestControlView,
  PlannedHarvest,
  TreatmentDone,
  TreatmentList,
  TreatmentView,
  VoidTreatment,
} from './treatment-schemas.ts'
import { recordPastTreatments } from './past-treatments.ts'
import { Receipt } from './pest-schemas.ts'
import { checkPreHarvestInterval } from './preharvest-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { readPhotos } from '../photos/photo-queries.ts'
import { selectFields } from '../farms/field-selection-queries.ts'
import { Id } from '../http/validation/schema-primitives.ts'
import {
  readWeatherAhead,
  changeDraft,
  readPlannedInBatch,
  valueOrFail,
  type Rejection,
} from './treatment-drafts.ts'
import { treatmentView } from './treatment-view.ts'
import { announce, audited } from '../http/audited-write.ts'

const MAX_LISTED = 500
/**
 * Drafting, changing and confirming need `approve`; records, voiding and the planned harvest need `record`. A draft
 * on several fields is stored for all or none.
 */
export function treatmentRoutes(app: App, context: Context): void {
  const { state, pests } = context
  const read = { needs: 'read' } as const

  app.get(
    '/api/fields/:id/pest-control',
    {
      config: read,
      schema: {
        summary: 'Get the pest control of a field',
        params: ById,
        response: responses(PestControlView),
      },
    },
    async ({ params: { id }, caller: { org } }) => {
      const match =
        (await pests.field(org, id)) ?? fail('NOT_FOUND', `there is no field ${id} in this organisation`)
      const treatments = await withPhotos(org, match.treatments)
      return { ...match, treatments: await Promise.all(treatments.map((item) => withOthers(org, item))) }
    },
  )

  app.get(
    '/api/treatments',
    {
      config: read,
      schema: {
        summary: 'List treatments',
        querystring: Type.Object({ fieldId: Type.Optional(Id) }),
        response: responses(TreatmentList),
      },
    },
    async ({ query: { fieldId }, caller: { org } }) => {
      const field = fieldId === undefined ? null : await ownRow(state, 'field', org, fieldId)
      let rows = state.selectFrom('treatment').selectAll().where('org', '=', org)
      if (field) rows = rows.where('fieldId', '=', field.id)
      const treatments = await rows.orderBy('fromMs', 'desc').orderBy('id').limit(MAX_LISTED).execute()
      return { treatments: await withPhotos(org, treatments) }
    },
  )

  app.get(
    '/api/treatments/:id',
    {
      config: read,
      schema: { summary: 'Get a treatment', params: ById, response: responses(TreatmentView) },
    },
    async ({ params: { id }, caller: { org } }) =>
      (await withPhotos(org, [await ownRow(state, 'treatment', org, id)]))[0]!,
  )

  app.post(
    '/api/treatments',
    {
      config: { needs: 'approve' },
      schema: { summary: 'Draft a treatment', body: NewTreatment, response: responses(TreatmentView) },
    },
    async ({ body, caller }) => {
      const { org, userId } = caller
      const { alsoIn = [], ...draft } = body
      checkPart(body)
      const fields = await selectFields(state, org, [{ fieldId: body.fieldId }, ...alsoIn])
      const batch = alsoIn.length > 0 ? randomUUID() : null
      const ids = fields.map(() => randomUUID())
      const drafted: TreatmentRow[] = []
      const aheads = await readWeatherAhead(
        pests,
        org,
        fields.map(({ field }) => field.id),
      )
      await audited(
        context,
        caller,
        { action: 'treatment.plan', subject: ids[0]!, detail: body },
        async (rows) => {
          for (const [i, { field }] of fields.entries()) {
            const of = { ...draft, fieldId: field.id }
            const row = valueOrFail(
              await pests.draft(rows, org, ids[i]!, userId, of, aheads.get(field.id)),
              batch === null ? undefined : field.name,
            )
            drafted.push({ ...row, batch })
          }
          await rows.insertInto('treatment').values(drafted).execute()
        },
      )
      await announce(context, org, { event: 'field', fields: fields.map(({ field }) => field.id) })
      return draftView(drafted)
    },
  )

  app.post(
    '/api/treatments/past',
    {
      config: { needs: 'record' },
      schema: { summary: 'Record a past treatment', body: PastTreatment, response: responses(Receipt) },
    },
    ({ body, caller }) => {
      checkPart(body)
      return recordPastTreatments(context, caller, body)
    },
  )

  app.patch(
    '/api/treatments/:id',
    {
      config: { needs: 'approve' },
      schema: {
        summary: 'Change a treatment draft',
        params: ById,
        body: EditTreatment,
        response: responses(TreatmentView),
      },
    },
    async ({ params: { id }, body, caller }) => draftView(await changeDraft(context, caller, id, body)),
  )

  app.post(
    '/api/treatments/:id/confirm',
    {
      config: { needs: 'approve' },
      schema: {
        summary: 'Confirm a treatment draft',
        params: ById,
        body: ConfirmTreatment,
        response: responses(TreatmentView),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const { org, userId } = caller
      const existing = await ownRow(state, 'treatment', org, id)
      // a batch is confirmed as a whole, or not at all
      const others = await readPlannedInBatch(state, org, existing)
      const aheads = await readWeatherAhead(
        pests,
        org,
        [existing, ...others].map(({ fieldId }) => fieldId),
      )
      const judge = (rows: State, row: TreatmentRow) =>
        pests.confirm(rows, row, userId, body.accepts, aheads.get(row.fieldId))
      return changed(caller, id, { action: 'treatment.confirm', detail: body }, judge, others)
    },
  )

  app.post(
    '/api/treatments/:id/done',
    {
      config: { needs: 'record' },
      schema: {
        summary: 'Record that a treatment was made',
        params: ById,
        body: TreatmentDone,
        response: responses(TreatmentView),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const weather = await pests.weatherNear(await ownRow(state, 'treatment', caller.org, id), body.startMs)
      return changed(caller, id, { action: 'treatment.done', detail: body }, (rows, row) =>
        pests.complete(rows, row, body, weather),
      )
    },
  )

  app.post(
    '/api/treatments/:id/record',
    {
      config: { needs: 'record' },
      schema: {
        summary: 'Confirm the record of a treatment',
        params: ById,
        response: responses(TreatmentView),
      },
    },
    ({ params: { id }, caller }) =>
      changed(caller, id, { action: 'treatment.record', detail: {} }, (_, row) =>
        pests.confirmRecord(row, caller.userId),
      ),
  )

  app.post(
    '/api/treatments/:id/void',
    {
      config: { needs: 'record' },
      schema: {
        summary: 'Void a treatment',
        params: ById,
        body: VoidTreatment,
        response: responses(TreatmentView),
      },
    },
    ({ params: { id }, body: { reason }, caller }) =>
      changed(caller, id, { action: 'treatment.void', detail: { reason } }, (_, row) =>
        pests.voidTreatment(row, caller.userId, reason),
      ),
  )

  app.post(
    '/api/seasons/:id/planned-harvest',
    {
      config: { needs: 'record' },
      schema: {
        summary: 'Set the planned harvest of a season',
        params: ById,
        body: PlannedHarvest,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body: { day }, caller }) => {
      const season = await ownRow(state, 'season', caller.org, id)
      if (day !== null) {
        checkDay('day', day, { notBefore: season.plantedDay })
        await checkPreHarvestInterval(pests, state, season, day)
      }
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

  async function withPhotos(org: string, rows: readonly TreatmentRow[]): Promise<TreatmentView[]> {
    const photos = await readPhotos(
      state,
      org,
      'treatment',
      rows.map(({ id }) => id),
    )
    return rows.map((row) => treatmentView(row, photos.get(row.id) ?? []))
  }

  /** For a draft of several fields, the others too: a person may change the selection. */
  async function withOthers(org: string, view: TreatmentView): Promise<TreatmentView> {
    if (view.state !== 'planned' || view.batch == null) return view
    return { ...view, also: alsoView(await readPlannedInBatch(state, org, view)) }
  }

  const changed = async (...of: Parameters<typeof change>): Promise<TreatmentView> =>
    treatmentView((await change(...of))[0]!)

  /** Reads each row again within the transaction that changes it: two people may act at once. */
  async function change(
    caller: Caller,
    id: string,
    line: { action: string; detail: unknown },
    judge: (rows: State, row: TreatmentRow) => Judged | Promise<Judged>,
    others: readonly TreatmentRow[] = [],
  ): Promise<TreatmentRow[]> {
    const before = await ownRow(state, 'treatment', caller.org, id)
    const after: TreatmentRow[] = []
    await audited(context, caller, { ...line, subject: id }, async (rows) => {
      for (const item of [before, ...others]) {
        const row = await ownRow(rows, 'treatment', caller.org, item.id)
        const changes = valueOrFail(await judge(rows, row))
        await rows.updateTable('treatment').set(changes).where('id', '=', item.id).execute()
        after.push({ ...row, ...changes })
      }
    })
    const fields = [before, ...others].map(({ fieldId }) => fieldId)
    await announce(context, caller.org, { event: 'field', fields })
    return after
  }
}

function checkPart({ alsoIn = [], part, areaM2 }: Static<typeof NewTreatment>): void {
  if (alsoIn.length > 0 && (part != null || areaM2 !== undefined))
    fail('BAD_REQUEST', 'alsoIn: must be empty for a part of a field, which is treated alone')
}

/** The first with the failed checks of the others; each is a treatment of its own. */
const draftView = ([first, ...others]: readonly TreatmentRow[]): TreatmentView => ({
  ...treatmentView(first!),
  also: alsoView(others),
})

const alsoView = (others: readonly TreatmentRow[]): NonNullable<TreatmentView['also']> =>
  others
    .map((row) => treatmentView(row))
    .map(({ id, fieldId, plan: { dose, checks } }) => ({ id, fieldId, dose, checks }))

type Judged = Result<Partial<TreatmentRow>, Rejection>
