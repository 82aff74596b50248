/** A paddy: its construction, observations and operations, and its drainage evidence. */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { fail } from '../../errors.ts'
import { readPaddyNow, toJson, type FieldRow, type PaddyRow } from '../../tables.ts'
import { responses, ById } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { may } from '../http/permissions.ts'
import { ownRow } from '../http/own-row.ts'
import { paddyRow } from './paddy-queries.ts'
import { PaddyPatch, PaddyView } from './paddy-schemas.ts'
import { paddyView } from './paddy-view.ts'
import { announce, audited } from '../http/audited-write.ts'

/** Construction and targets: only an agronomist changes them. */
const constructionKeys = new Set(['bundMm', 'freeboardMm', 'outlet', 'bands', 'headingCd'])

/**
 * NOT_FOUND for a field that is not a paddy. Changes need `tune`, those of the construction `configure` (FORBIDDEN).
 * BAD_REQUEST for a band in the wrong order.
 */
export function paddyRoutes(app: App, context: Context): void {
  const { state, clock } = context

  app.get(
    '/api/fields/:id/paddy',
    {
      config: { needs: 'read' },
      schema: { summary: 'Get a paddy', params: ById, response: responses(PaddyView) },
    },
    async ({ params, caller }) => {
      const field = paddyField(await ownRow(state, 'field', caller.org, params.id))
      return paddyView(await readPaddy(state, field, clock.now()), clock.now())
    },
  )

  app.patch(
    '/api/fields/:id/paddy',
    {
      config: { needs: 'tune' },
      schema: { summary: 'Change a paddy', params: ById, body: PaddyPatch, response: responses(PaddyView) },
    },
    async ({ params, body, caller }) => {
      const field = paddyField(await ownRow(state, 'field', caller.org, params.id))
      const beyond = Object.keys(body).find((key) => constructionKeys.has(key))
      if (beyond !== undefined && !may(caller.role, 'configure'))
        fail('FORBIDDEN', `the role ${caller.role} may enter observations of a paddy, not change ${beyond}`)
      const before = await paddyRow(state, field)
      const next = { ...before, ...columnsOf(body, clock.now()) }
      if (next.freeboardMm >= next.bundMm)
        fail('BAD_REQUEST', `freeboardMm: must be below bundMm (${next.bundMm}), got ${next.freeboardMm}`)
      for (const [stage, band] of Object.entries(body.bands ?? {}))
        if (band !== undefined && !(band[0]! < band[1]!))
          fail(
            'BAD_REQUEST',
            `bands.${stage}: the lower level must be below the upper, got ${band.join(' and ')}`,
          )
      await audited(context, caller, { action: 'paddy.change', subject: field.id, detail: body }, (rows) =>
        rows
          .insertInto('paddy')
          .values(next)
          .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(next))
          .execute(),
      )
      await announce(context, caller.org, { event: 'plan', fields: [field.id] })
      return paddyView(await readPaddy(state, field, clock.now()), clock.now())
    },
  )
}

function paddyField(field: FieldRow): FieldRow {
  if (field.kind !== 'paddy') fail('NOT_FOUND', `the field ${field.id} is not a paddy`)
  return field
}

function columnsOf(patch: PaddyPatch, nowMs: number): Partial<PaddyRow> {
  const { bands, stage, observedLevelMm, mayCoolAtNight, ...columns } = patch
  const change: Partial<PaddyRow> = columns
  if (bands !== undefined) change.bands = bands === null ? null : toJson(bands as never)
  if (stage !== undefined) {
    change.reportedStage = stage?.stage ?? null
    change.reportedStageDay = stage?.fromDay ?? null
  }
  if (observedLevelMm !== undefined) {
    change.observedLevelMm = observedLevelMm
    change.observedLevelAtMs = observedLevelMm === null ? null : nowMs
  }
  if (mayCoolAtNight !== undefined) change.mayCoolAtNight = mayCoolAtNight ? 1 : 0
  return change
}

/** With its open tasks, and those done within the last day, so that a mistaken tap can be undone. */
async function readPaddy(state: State, field: FieldRow, nowMs: AtMs) {
  const [farm, paddy, ownField, season, tasks] = await Promise.all([
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
      .where((eb) => eb.or([eb('state', '=', 'open'), eb('endedAtMs', '>', nowMs - DAY_MS)]))
      .where('state', '!=', 'dropped')
      .orderBy('createdAtMs')
      .execute(),
  ])
  const drainage = ownField?.paddy ? readPaddyNow(ownField.paddy).drainage : null
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
  return {
    field,
    timeZone: farm.timeZone,
    paddy,
    state: ownField ?? null,
    season: season ?? null,
    days,
    tasks,
  }
}
