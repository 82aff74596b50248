/** Changes of a zone: operators pause and adjust it, agronomists change the rest. */
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { activeStates } from '../../../broker/contract/command-lifecycle/types.ts'
import { fail } from '../../errors.ts'
import type { ZoneRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { heartbeatMsOf, type App, type Context } from '../http/context.ts'
import { may } from '../http/permissions.ts'
import { checkZoneWiring } from './zone-wiring-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { readReportedValves } from './reported-valve-queries.ts'
import { zoneView } from './zone-view.ts'
import { zoneSchedule } from './schedule-schemas.ts'
import { ZonePatch, ZoneView } from './zone-schemas.ts'
import { diffRow } from '../http/diff-row.ts'
import { announce, audited } from '../http/audited-write.ts'

const operatorKeys = new Set(['adjustPercent', 'pause'])

/**
 * FORBIDDEN when an operator changes more than `pause` and `adjustPercent`. CONFLICT for deleting a zone with
 * irrigation records or an active command.
 */
export function zoneRoutes(app: App, context: Context): void {
  const { state, clock, settings } = context

  app.patch(
    '/api/zones/:id',
    {
      config: { needs: 'tune' },
      schema: { summary: 'Change a zone', params: ById, body: ZonePatch, response: responses(ZoneView) },
    },
    async ({ params, body, caller }) => {
      const zone = await ownRow(state, 'zone', caller.org, params.id)
      const beyond = Object.keys(body).find((key) => !operatorKeys.has(key))
      if (beyond !== undefined && !may(caller.role, 'configure'))
        fail(
          'FORBIDDEN',
          `the role ${caller.role} may only change pause and adjustPercent of a zone, got ${beyond}`,
        )
      const change = columnsOf(body, zone, clock.now())
      const next = { ...zone, ...change }
      if (next.minMinutes > next.maxMinutes)
        fail(
          'BAD_REQUEST',
          `maxMinutes: must be at least minMinutes (${next.minMinutes}), got ${next.maxMinutes}`,
        )
      const isRewired = change.controllerId !== undefined || change.valve !== undefined
      const wires = isRewired ? { controllerId: next.controllerId, valve: next.valve } : {}
      await checkZoneWiring(state, caller.org, zone.farmId, { ...change, ...wires }, zone.id)
      // a form that is saved unchanged is no change
      if (diffRow(zone, change) !== null) {
        await audited(context, caller, { action: 'zone.change', subject: zone.id, detail: body }, (rows) =>
          rows
            .updateTable('zone')
            .set({
              ...change,
              ...(zone.valve === null && next.valve !== null ? { valveAssignedAtMs: clock.now() } : {}),
            })
            .where('id', '=', zone.id)
            .where('org', '=', caller.org)
            .execute(),
        )
        await announce(context, caller.org, { event: 'plan', fields: [zone.fieldId] })
      }
      const { controllerId, valve: valveName } = next
      const [valve] =
        controllerId === null || valveName === null
          ? []
          : await readReportedValves(state, caller.org, { controllerId, valve: valveName })
      return zoneView(next, valve ?? null, clock.now(), heartbeatMsOf(settings))
    },
  )

  app.delete(
    '/api/zones/:id',
    {
      config: { needs: 'configure' },
      schema: {
        summary: 'Delete a zone without irrigation records',
        params: ById,
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      const zone = await ownRow(state, 'zone', caller.org, params.id)
      const record = await state
        .selectFrom('irrigation')
        .select('id')
        .where('zoneId', '=', zone.id)
        .limit(1)
        .executeTakeFirst()
      if (record) fail('CONFLICT', 'this zone has irrigation records; set its mode to off instead')
      const openCommand = await state
        .selectFrom('command')
        .innerJoin('run', 'run.id', 'command.runId')
        .select('command.id')
        .where('run.zoneId', '=', zone.id)
        .where('command.state', 'in', activeStates)
        .limit(1)
        .executeTakeFirst()
      if (openCommand) fail('CONFLICT', 'a valve of this zone is in use; stop it first')
      const line = { action: 'zone.delete', subject: zone.id, detail: { name: zone.name } }
      await audited(context, caller, line, async (rows) => {
        await rows.deleteFrom('run').where('zoneId', '=', zone.id).execute()
        await rows.deleteFrom('zone').where('id', '=', zone.id).execute()
      })
      await announce(context, caller.org, { event: 'plan', fields: [zone.fieldId] })
      return done
    },
  )
}

/** The columns that a patch sets. */
function columnsOf(patch: ZonePatch, zone: ZoneRow, nowMs: number): Partial<ZoneRow> {
  const { pause, window, schedule, ...columns } = patch
  const change: Partial<ZoneRow> = columns
  if (window !== undefined) {
    change.windowFromMin = window.fromMin
    change.windowToMin = window.toMin
  }
  if (schedule !== undefined) change.schedule = zoneSchedule(schedule, zone)
  if (pause === null) change.pausedUntilMs = null
  else if (pause !== undefined)
    change.pausedUntilMs = Math.round('hours' in pause ? nowMs + pause.hours * HOUR_MS : pause.untilMs)
  return change
}
