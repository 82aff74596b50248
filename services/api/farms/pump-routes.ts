/** Pumps and mains: created, changed while zones depend on them, and deleted when none does. */
import { randomUUID } from 'node:crypto'
import { fail } from '../../errors.ts'
import { readPumpSchedule } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { Created } from '../http/responses.ts'
import { NewPump } from './setup-schemas.ts'
import { applyPumpPatch, PumpPatch } from './pump-update.ts'
import { ownRow } from '../http/own-row.ts'
import { pumpSchedule } from './schedule-schemas.ts'
import { announce, audited } from '../http/audited-write.ts'
import { diffRow } from '../http/diff-row.ts'

/**
 * Need `configure`. A change plans all fields of the farm again. CONFLICT for deleting a pump that feeds a zone or
 * another pump.
 */
export function pumpRoutes(app: App, context: Context): void {
  const { state } = context
  const configure = { needs: 'configure' } as const

  app.post(
    '/api/pumps',
    { config: configure, schema: { summary: 'Create a pump', body: NewPump, response: responses(Created) } },
    async ({ body, caller }) => {
      const farm = await ownRow(state, 'farm', caller.org, body.farmId)
      const id = randomUUID()
      const { name, capacityLpm, maxOpenValves, dailyM3 = null, feedsFromId = null, schedule = null } = body
      if (feedsFromId !== null) {
        const source = await ownRow(state, 'pump', caller.org, feedsFromId)
        if (source.farmId !== farm.id)
          fail('BAD_REQUEST', 'feedsFromId: must be a pump of the same farm, got one of another farm')
      }
      const pump = {
        farmId: farm.id,
        name,
        capacityLpm,
        dailyM3,
        maxOpenValves,
        schedule: pumpSchedule(schedule, feedsFromId),
      }
      await audited(context, caller, { action: 'pump.create', subject: id, detail: pump }, (rows) =>
        rows
          .insertInto('pump')
          .values({ id, org: caller.org, ...pump })
          .execute(),
      )
      return { id }
    },
  )

  app.patch(
    '/api/pumps/:id',
    {
      config: configure,
      schema: { summary: 'Change a pump', params: ById, body: PumpPatch, response: responses(Done) },
    },
    async ({ params: { id }, body, caller }) => {
      const pump = await ownRow(state, 'pump', caller.org, id)
      const next = await applyPumpPatch(state, pump, body)
      if (diffRow(pump, next) === null) return done // a form that is saved unchanged is no change
      await audited(context, caller, { action: 'pump.change', subject: id, detail: body }, (rows) =>
        rows.updateTable('pump').set(next).where('id', '=', id).where('org', '=', caller.org).execute(),
      )
      const fields = await state
        .selectFrom('field')
        .select('id')
        .where('farmId', '=', pump.farmId)
        .where('org', '=', caller.org)
        .execute()
      await announce(context, caller.org, { event: 'plan', fields: fields.map((field) => field.id) })
      return done
    },
  )

  app.delete(
    '/api/pumps/:id',
    { config: configure, schema: { summary: 'Delete a pump', params: ById, response: responses(Done) } },
    async ({ params: { id }, caller }) => {
      await ownRow(state, 'pump', caller.org, id)
      const zone = await state
        .selectFrom('zone')
        .select('name')
        .where('pumpId', '=', id)
        .limit(1)
        .executeTakeFirst()
      if (zone) fail('CONFLICT', `${zone.name} takes its water from this pump; change the zone first`)
      const pumps = await state.selectFrom('pump').selectAll().where('org', '=', caller.org).execute()
      const fedPump = pumps.find(
        ({ schedule }) => schedule != null && readPumpSchedule(schedule).feedsFrom === id,
      )
      if (fedPump) fail('CONFLICT', `${fedPump.name} is fed by this pump; change or delete it first`)
      await audited(context, caller, { action: 'pump.delete', subject: id, detail: {} }, (rows) =>
        rows.deleteFrom('pump').where('id', '=', id).execute(),
      )
      return done
    },
  )
}
