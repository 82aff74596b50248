/** The irrigation strategy of a field, and the price of water at a pump or on a farm. */
import { saltThresholdDsM } from '../../agronomy/water/salinity.ts'
import { fail } from '../../errors.ts'
import {
  readStrategyLimits,
  toJson,
  type StrategyLimits,
  type StrategyRow,
  type WaterPrice,
} from '../../tables.ts'
import { waterPriceOf, type PricePerM3 } from '../../domain/water-tariff.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import { FixedScheduleForm } from './comparison-schemas.ts'
import { StrategyForm, StrategyView, WaterPriceForm } from './strategy-schemas.ts'
import { announce, audited } from '../http/audited-write.ts'

/**
 * Changes need `configure`. BAD_REQUEST for a strategy other than `full` on a paddy. An empty price form makes the
 * price unknown.
 */
export function strategyRoutes(app: App, context: Context): void {
  const { state } = context
  const configure = { needs: 'configure' } as const

  app.get(
    '/api/fields/:id/strategy',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'Get the irrigation strategy of a field',
        params: ById,
        response: responses(StrategyView),
      },
    },
    async ({ params: { id }, caller: { org } }) => {
      const field = await ownRow(state, 'field', org, id)
      const [farm, pumps, strategy, habit, zone, season] = await Promise.all([
        ownRow(state, 'farm', org, field.farmId),
        state.selectFrom('pump').selectAll().where('farmId', '=', field.farmId).execute(),
        state.selectFrom('strategy').selectAll().where('fieldId', '=', id).executeTakeFirst(),
        state.selectFrom('fixedSchedule').selectAll().where('fieldId', '=', id).executeTakeFirst(),
        state.selectFrom('zone').selectAll().where('fieldId', '=', id).orderBy('id').executeTakeFirst(),
        state
          .selectFrom('season')
          .select('crop')
          .where('fieldId', '=', id)
          .where('harvestedDay', 'is', null)
          .orderBy('plantedDay', 'desc')
          .executeTakeFirst(),
      ])
      const price = waterPriceOf(zone ?? null, { farm, pumps }, habit ?? null)
      return strategyView(strategy ?? null, { crop: season?.crop ?? null, price })
    },
  )

  app.post(
    '/api/fields/:id/strategy',
    {
      config: configure,
      schema: {
        summary: 'Set the irrigation strategy of a field',
        params: ById,
        body: StrategyForm,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const field = await ownRow(state, 'field', caller.org, id)
      if (field.kind === 'paddy' && body.kind !== 'full')
        fail(
          'BAD_REQUEST',
          `kind: must be full for a paddy, which is controlled by its water-level bands, got ${body.kind}`,
        )
      const row = rowOf(body, id, caller.org)
      await audited(context, caller, { action: 'field.strategy', subject: id, detail: body }, (rows) =>
        rows
          .insertInto('strategy')
          .values(row)
          .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(row))
          .execute(),
      )
      await announce(context, caller.org, { event: 'plan', fields: [id] })
      return done
    },
  )

  app.post(
    '/api/fields/:id/fixed-schedule',
    {
      config: { needs: 'configure' },
      schema: {
        summary: 'Set the previous fixed schedule of a field',
        params: ById,
        body: FixedScheduleForm,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const { org } = caller
      await ownRow(state, 'field', org, id)
      const { depthMm, everyDays, waterPricePerM3 = null, currency = null } = body
      const schedule = { depthMm, everyDays, waterPricePerM3, currency }
      await audited(
        context,
        caller,
        { action: 'field.fixed-schedule', subject: id, detail: schedule },
        async (rows) => {
          const row = { fieldId: id, org, ...schedule }
          await rows
            .insertInto('fixedSchedule')
            .values(row)
            .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(row))
            .execute()
          // the comparison is recomputed within the hour
          await rows.deleteFrom('waterComparison').where('fieldId', '=', id).execute()
        },
      )
      await announce(context, org, { event: 'field', fields: [id] })
      return done
    },
  )

  for (const table of ['farm', 'pump'] as const)
    app.post(
      `/api/${table}s/:id/water-price`,
      {
        config: configure,
        schema: {
          summary: `Set the water price of a ${table}`,
          params: ById,
          body: WaterPriceForm,
          response: responses(Done),
        },
      },
      async ({ params: { id }, body, caller }) => {
        await ownRow(state, table, caller.org, id)
        const line = { action: `${table}.water-price`, subject: id, detail: body }
        const set = { waterPrice: priceOf(body) }
        await audited(context, caller, line, (rows) =>
          table === 'farm'
            ? rows.updateTable('farm').set(set).where('id', '=', id).execute()
            : rows.updateTable('pump').set(set).where('id', '=', id).execute(),
        )
        // all irrigated fields are planned again
        await announce(context, caller.org, { event: 'plan' })
        return done
      },
    )
}

function rowOf(form: StrategyForm, fieldId: string, org: string): StrategyRow {
  const limits: StrategyLimits = {
    ...(form.allowedDepletion
      ? { allowedDepletion: form.allowedDepletion as NonNullable<StrategyLimits['allowedDepletion']> }
      : {}),
    ...(form.phases ? { phases: form.phases } : {}),
    ...(form.maxIrrigations != null ? { maxIrrigations: form.maxIrrigations } : {}),
    ...(form.maxSeasonMm != null ? { maxSeasonMm: form.maxSeasonMm } : {}),
  }
  return {
    fieldId,
    org,
    kind: form.kind,
    limits: toJson(limits),
    riskAversion: form.riskAversion ?? null,
    cropPricePerT: form.cropPricePerT ?? null,
    yieldTonsHa: form.yieldTonsHa ?? null,
    perRunHa: form.perRunHa ?? null,
    currency: form.currency ?? null,
    waterEcDsM: form.waterEcDsM ?? null,
    soilEcDsM: form.soilEcDsM ?? null,
    soilEcDay: form.soilEcDay ?? null,
  }
}

/** Null when the form is empty: the price of water is unknown. */
function priceOf({ waterPerM3, energyPerM3, currency }: WaterPriceForm): string | null {
  const price: WaterPrice = {
    ...(waterPerM3 != null ? { waterPerM3 } : {}),
    ...(energyPerM3 != null ? { energyPerM3 } : {}),
    ...(currency != null ? { currency } : {}),
  }
  return Object.keys(price).length === 0 ? null : toJson(price)
}

const noLimits: StrategyLimits = {}

/**
 * `row`: null for the default, full irrigation. Prices are per m3; `thresholdDsM` is null without a crop.
 * `isValueAssumed`: the price of the crop or of the water is unknown.
 */
export function strategyView(
  row: StrategyRow | null,
  { crop, price }: { crop: string | null; price: PricePerM3 },
): StrategyView {
  const {
    allowedDepletion = {},
    phases = [],
    maxIrrigations = null,
    maxSeasonMm = null,
  } = row?.limits ? readStrategyLimits(row.limits) : noLimits
  return {
    kind: row?.kind ?? 'full',
    allowedDepletion,
    phases,
    maxIrrigations,
    maxSeasonMm,
    riskAversion: row?.riskAversion ?? null,
    cropPricePerT: row?.cropPricePerT ?? null,
    yieldTonsHa: row?.yieldTonsHa ?? null,
    perRunHa: row?.perRunHa ?? null,
    currency: row?.currency ?? null,
    waterEcDsM: row?.waterEcDsM ?? null,
    soilEcDsM: row?.soilEcDsM ?? null,
    soilEcDay: row?.soilEcDay ?? null,
    thresholdDsM: crop === null ? null : saltThresholdDsM(crop),
    waterPerM3: price.water,
    energyPerM3: price.energy,
    isValueAssumed: row?.cropPricePerT == null || (price.water === null && price.energy === null),
  }
}
