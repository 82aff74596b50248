/** A paddy: how it is built, what a person has seen and done, its drainage as evidence, and the work that is a person's. */
import Type from 'typebox'
import type { State } from '../../ports.ts'
import { fail } from '../../errors.ts'
import { usualPaddy } from '../../agronomy/paddy-usual.ts'
import { fromJson, toJson, type FieldRow, type PaddyRow } from '../../tables.ts'
import { answers, ById, done, Done } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { may } from '../roles.ts'
import { ownRow } from '../rows/own.ts'
import { PaddyPatch, PaddyView, TaskView } from '../paddy-schemas.ts'
import { paddyView, taskView } from '../views/paddy.ts'
import { announce, audited } from '../write.ts'

/** How a paddy is built, and what it is meant to do: an agronomist's. */
const built = new Set(['bundMm', 'freeboardMm', 'outlet', 'bands', 'headingCd'])

export function paddyRoutes(app: App, context: Context): void {
  const { state, clock } = context

  app.get(
    '/api/fields/:id/paddy',
    { config: { needs: 'read' }, schema: { params: ById, response: answers(PaddyView) } },
    async ({ params, caller }) => {
      const field = paddyField(await ownRow(state, 'field', caller.org, params.id))
      return paddyView(await readPaddy(state, field), clock.now())
    },
  )

  app.patch(
    '/api/fields/:id/paddy',
    { config: { needs: 'tune' }, schema: { params: ById, body: PaddyPatch, response: answers(PaddyView) } },
    async ({ params, body, caller }) => {
      const field = paddyField(await ownRow(state, 'field', caller.org, params.id))
      const beyond = Object.keys(body).find((key) => built.has(key))
      if (beyond !== undefined && !may(caller.role, 'configure'))
        fail('NOT_ALLOWED', `the role ${caller.role} may say what a paddy does, not change ${beyond}`)
      const before = await paddyRow(state, field)
      const next = { ...before, ...changeOf(body, clock.now()) }
      if (next.freeboardMm >= next.bundMm)
        fail('BAD_REQUEST', `freeboardMm: must be below bundMm (${next.bundMm}), got ${next.freeboardMm}`)
      for (const [stage, band] of Object.entries(body.bands ?? {}))
        if (band !== undefined && !(band[0]! < band[1]!))
          fail('BAD_REQUEST', `bands.${stage}: the lower must be below the higher, got ${band.join(' and ')}`)
      await audited(context, caller, { action: 'paddy.change', subject: field.id, detail: body }, (rows) =>
        rows
          .insertInto('paddy')
          .values(next)
          .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(next))
          .execute(),
      )
      await announce(context, caller.org, { event: 'plan', fields: [field.id] })
      return paddyView(await readPaddy(state, field), clock.now())
    },
  )

  app.get(
    '/api/tasks',
    { config: { needs: 'read' }, schema: { response: answers(Type.Array(TaskView)) } },
    async ({ caller }) => {
      const rows = await state
        .selectFrom('task')
        .selectAll()
        .where('org', '=', caller.org)
        .where('state', '=', 'open')
        .orderBy('createdAtMs')
        .orderBy('id')
        .execute()
      return rows.map(taskView)
    },
  )

  // a board that was set is known to stand so
  app.post(
    '/api/tasks/:id/done',
    { config: { needs: 'tune' }, schema: { params: ById, response: answers(Done) } },
    async ({ params, caller }) => {
      const task = await ownRow(state, 'task', caller.org, params.id)
      if (task.state !== 'open') fail('CONFLICT', 'this is done, or no longer needed')
      const field = await ownRow(state, 'field', caller.org, task.fieldId)
      const boardMm = task.kind === 'set-board' ? Number(fromJson(task.params)['boardMm']) : null
      const line = { action: 'task.done', subject: task.id, detail: { kind: task.kind, boardMm } }
      await audited(context, caller, line, async (rows) => {
        await rows
          .updateTable('task')
          .set({ state: 'done', endedAtMs: clock.now(), endedBy: caller.userId })
          .where('id', '=', task.id)
          .execute()
        if (boardMm === null) return
        const row = { ...(await paddyRow(rows, field)), boardMm }
        await rows
          .insertInto('paddy')
          .values(row)
          .onConflict((conflict) => conflict.column('fieldId').doUpdateSet({ boardMm }))
          .execute()
      })
      await announce(context, caller.org, { event: 'plan', fields: [task.fieldId] })
      return done
    },
  )
}

function paddyField(field: FieldRow): FieldRow {
  if (field.kind !== 'paddy') fail('NOT_FOUND', `the field ${field.id} is no paddy`)
  return field
}

const paddyRow = async (state: State, { id: fieldId, org }: FieldRow): Promise<PaddyRow> =>
  (await state.selectFrom('paddy').selectAll().where('fieldId', '=', fieldId).executeTakeFirst()) ?? {
    fieldId,
    org,
    ...usualPaddy,
  }

function changeOf(patch: PaddyPatch, nowMs: number): Partial<PaddyRow> {
  const { bands, stage, seenLevelMm, mayCoolAtNight, ...columns } = patch
  const change: Partial<PaddyRow> = columns
  if (bands !== undefined) change.bands = bands === null ? null : toJson(bands as never)
  if (stage !== undefined) {
    change.stageSaid = stage?.stage ?? null
    change.stageSaidDay = stage?.fromDay ?? null
  }
  if (seenLevelMm !== undefined) {
    change.seenLevelMm = seenLevelMm
    change.seenLevelMs = seenLevelMm === null ? null : nowMs
  }
  if (mayCoolAtNight !== undefined) change.mayCoolAtNight = mayCoolAtNight ? 1 : 0
  return change
}

async function readPaddy(state: State, field: FieldRow) {
  const [farm, paddy, own, season, tasks] = await Promise.all([
    state.selectFrom('farm').select('timeZone').where('id', '=', field.farmId).executeTakeFirstOrThrow(),
    paddyRow(state, field),
    state.selectFrom('fieldState').selectAll().where('fieldId', '=', field.id).executeTakeFirst(),
    state
      .selectFrom('season')
      .selectAll()
      .where('fieldId', '=', field.id)
      .where('harvestedDay', 'is', null)
      .orderBy('plantedDay', 'desc')
      .limit(1)
      .executeTakeFirst(),
    state
      .selectFrom('task')
      .selectAll()
      .where('fieldId', '=', field.id)
      .where('state', '=', 'open')
      .orderBy('createdAtMs')
      .execute(),
  ])
  const drainage = own?.paddy ? fromJson(own.paddy).drainage : null
  const days =
    drainage === null
      ? []
      : await state
          .selectFrom('fieldDay')
          .select(['day', 'levelMm'])
          .where('fieldId', '=', field.id)
          .where('day', '>=', drainage.fromDay)
          .where('day', '<=', drainage.lastDay ?? '9999-12-31')
          .orderBy('day')
          .execute()
  return { field, timeZone: farm.timeZone, paddy, state: own ?? null, season: season ?? null, days, tasks }
}
