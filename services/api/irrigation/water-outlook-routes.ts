/** How good the forecasts have been, and a farmer's old habit, which a saving is counted against. */
import Type from 'typebox'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { FixedScheduleForm } from '../farms/forms.ts'
import { ownRow } from '../http/own-row.ts'
import { ForecastSkillView } from '../schemas.ts'
import { forecastSkillView } from '../models/forecast-skill-view.ts'
import { announce, audited } from '../http/audited-write.ts'

export function waterOutlookRoutes(app: App, context: Context): void {
  const { state } = context

  app.get(
    '/api/forecast-skill',
    { config: { needs: 'read' }, schema: { response: responses(Type.Array(ForecastSkillView)) } },
    async ({ caller: { org } }) => {
      const farms = await state.selectFrom('farm').select(['id', 'name']).where('org', '=', org).execute()
      const rows = await state
        .selectFrom('forecastSkill')
        .selectAll()
        .where('org', '=', org)
        .orderBy('farmId')
        .orderBy('source')
        .execute()
      return rows.map((row) => forecastSkillView(row, farms.find(({ id }) => id === row.farmId)?.name ?? ''))
    },
  )

  app.post(
    '/api/fields/:id/fixed-schedule',
    {
      config: { needs: 'configure' },
      schema: { params: ById, body: FixedScheduleForm, response: responses(Done) },
    },
    async ({ params: { id }, body, caller }) => {
      const { org } = caller
      await ownRow(state, 'field', org, id)
      const { depthMm, everyDays, waterPricePerM3 = null, currency = null } = body
      const habit = { depthMm, everyDays, waterPricePerM3, currency }
      await audited(context, caller, { action: 'field.habit', subject: id, detail: habit }, async (rows) => {
        const row = { fieldId: id, org, ...habit }
        await rows
          .insertInto('fixedSchedule')
          .values(row)
          .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(row))
          .execute()
        // it is compared anew within the hour
        await rows.deleteFrom('waterComparison').where('fieldId', '=', id).execute()
      })
      await announce(context, org, { event: 'field', fields: [id] })
      return done
    },
  )
}
