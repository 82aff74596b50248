/** The setup of the organisation: its farms and fields, with their pumps. */
import { randomUUID } from 'node:crypto'
import { fail } from '../../errors.ts'
import { pumpScheduleOf } from '../../domain/water-supply.ts'
import { weatherThresholds } from '../../domain/weather-thresholds.ts'
import { toJson } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import { Created } from '../http/responses.ts'
import { FarmPatch, NewFarm, NewField, WeatherThresholdsForm } from './setup-schemas.ts'
import { pumpScheduleForm } from './pump-update.ts'
import { Holding } from './holding-schemas.ts'
import { readShape } from '../../domain/validate-geojson.ts'
import { deleteField } from './delete-field.ts'
import { soilFromForm } from './soil-form.ts'
import { announce, audited } from '../http/audited-write.ts'
import { diffRow } from '../http/diff-row.ts'

/**
 * Elevation of a farm for which none was entered. It enters ET0 by the air pressure and the clear-sky radiation only;
 * the cost of a wrong one is in docs/agronomy.md.
 */
const SEA_LEVEL_M = 0

/**
 * Creating a farm needs `admin`, other changes `configure`. BAD_REQUEST for an unknown time zone or an invalid shape;
 * CONFLICT for deleting a field with records or equipment.
 */
export function farmRoutes(app: App, context: Context): void {
  const { state, clock } = context
  const admin = { needs: 'admin' } as const
  const configure = { needs: 'configure' } as const

  app.get(
    '/api/farms',
    {
      config: { needs: 'read' },
      schema: { summary: 'Get the setup of the organisation', response: responses(Holding) },
    },
    async ({ caller: { org } }) => {
      const [farms, fields, seasons, zones, pumps] = await Promise.all([
        state
          .selectFrom('farm')
          .select([
            'id',
            'name',
            'memberCode',
            'timeZone',
            'latDeg',
            'lonDeg',
            'elevationM',
            'weatherThresholds',
          ])
          .where('org', '=', org)
          .orderBy('name')
          .execute(),
        state
          .selectFrom('field')
          .select(['id', 'farmId', 'name', 'kind', 'areaM2', 'soilTexture', 'soilDepthM'])
          .where('org', '=', org)
          .where('endedDay', 'is', null)
          .orderBy('name')
          .execute(),
        state
          .selectFrom('season')
          .select([
            'id',
            'fieldId',
            'year',
            'crop',
            'variety',
            'plantedDay',
            'initialVwc',
            'harvestedDay',
            'yieldKg',
            'yieldBasis',
          ])
          .where('org', '=', org)
          .orderBy('plantedDay', 'desc')
          .execute(),
        state
          .selectFrom('zone')
          .select(['id', 'fieldId', 'name', 'valve', 'controllerId', 'pumpId', 'areaM2', 'method', 'mode'])
          .select(({ exists, selectFrom }) =>
            exists(
              selectFrom('irrigation')
                .select('irrigation.id')
                .whereRef('irrigation.fieldId', '=', 'zone.fieldId')
                .whereRef('irrigation.zoneId', '=', 'zone.id')
                .where('irrigation.openedAtMs', 'is not', null)
                .where('irrigation.litres', '>', 0),
            ).as('hasWatered'),
          )
          .where('org', '=', org)
          .orderBy('name')
          .execute(),
        state
          .selectFrom('pump')
          .select(['id', 'farmId', 'name', 'capacityLpm', 'dailyM3', 'maxOpenValves', 'schedule'])
          .where('org', '=', org)
          .orderBy('name')
          .execute(),
      ])
      const pumpViews = pumps.map(({ schedule, ...pump }) => ({
        ...pump,
        feedsFromId: pumpScheduleOf({ schedule }).feedsFrom ?? null,
        schedule: pumpScheduleForm({ schedule }),
      }))
      const farmViews = farms.map((farm) => ({ ...farm, weatherThresholds: weatherThresholds(farm) }))
      return {
        farms: farmViews,
        fields: fields.map(({ soilDepthM = null, ...field }) => ({ ...field, soilDepthM })),
        seasons: seasons.map(({ initialVwc = null, ...season }) => ({ ...season, initialVwc })),
        zones: zones.map(({ hasWatered, ...zone }) => ({ ...zone, hasWatered: Boolean(hasWatered) })),
        pumps: pumpViews,
      }
    },
  )

  app.post(
    '/api/farms/:id/weather-thresholds',
    {
      config: configure,
      schema: {
        summary: 'Set the weather thresholds of a farm',
        params: ById,
        body: WeatherThresholdsForm,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      await ownRow(state, 'farm', caller.org, id)
      const changes = Object.entries(body).filter(([, value]) => value !== null)
      const weatherThresholds = changes.length === 0 ? null : toJson(Object.fromEntries(changes))
      const line = { action: 'farm.weather-thresholds', subject: id, detail: body }
      await audited(context, caller, line, (rows) =>
        rows.updateTable('farm').set({ weatherThresholds }).where('id', '=', id).execute(),
      )
      return done
    },
  )

  app.post(
    '/api/farms',
    { config: admin, schema: { summary: 'Create a farm', body: NewFarm, response: responses(Created) } },
    async ({ body, caller }) => {
      if (!isTimeZone(body.timeZone))
        fail('BAD_REQUEST', `timeZone: must be an IANA name like Asia/Tokyo, got ${body.timeZone}`)
      const id = randomUUID()
      const { name, timeZone, latDeg, lonDeg, elevationM = SEA_LEVEL_M, memberCode = null } = body
      const place = { name, memberCode, timeZone, latDeg, lonDeg, elevationM }
      await audited(context, caller, { action: 'farm.create', subject: id, detail: place }, (rows) =>
        rows
          .insertInto('farm')
          .values({ id, org: caller.org, ...place, createdAtMs: clock.now() })
          .execute(),
      )
      return { id }
    },
  )

  app.patch(
    '/api/farms/:id',
    {
      config: configure,
      schema: {
        summary: 'Correct the name or the place of a farm',
        params: ById,
        body: FarmPatch,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const farm = await ownRow(state, 'farm', caller.org, id)
      const change = diffRow(farm, body as Partial<typeof farm>)
      if (change === null) return done
      await audited(context, caller, { action: 'farm.change', subject: id, detail: change }, (rows) =>
        rows.updateTable('farm').set(change.after).where('id', '=', id).execute(),
      )
      const fields = await state.selectFrom('field').select('id').where('farmId', '=', id).execute()
      await announce(context, caller.org, {
        event: 'field',
        fields: fields.map((field) => field.id),
        id: 'set-up',
      })
      return done
    },
  )

  app.post(
    '/api/fields',
    {
      config: configure,
      schema: { summary: 'Create a field', body: NewField, response: responses(Created) },
    },
    async ({ body, caller }) => {
      const { org } = caller
      const farm = await ownRow(state, 'farm', org, body.farmId)
      const soil = { ...soilFromForm(body), soilDepthM: body.soilDepthM ?? null }
      if (body.stationId != null) await ownRow(state, 'device', org, body.stationId)
      const id = randomUUID()
      const { name, kind, areaM2, stationId = null } = body
      const read = body.geojson === undefined ? null : readShape(body.geojson)
      if (read !== null && 'fault' in read)
        fail('BAD_REQUEST', `geojson: must be a valid field shape, got a fault: ${read.fault}`)
      const line = { action: 'field.create', subject: id, detail: { name, kind, areaM2, ...soil } }
      await audited(context, caller, line, (rows) =>
        rows
          .insertInto('field')
          .values({
            id,
            org,
            farmId: farm.id,
            name,
            kind,
            areaM2,
            ...soil,
            stationId,
            geojson: read === null ? null : toJson(read.shape),
          })
          .execute(),
      )
      await announce(context, org, { event: 'field', fields: [id] })
      return { id }
    },
  )

  app.delete(
    '/api/fields/:id',
    {
      config: configure,
      schema: {
        summary: 'Delete a field without equipment and records',
        params: ById,
        response: responses(Done),
      },
    },
    async ({ params: { id }, caller }) => {
      const { org } = caller
      const field = await ownRow(state, 'field', org, id)
      const line = { action: 'field.delete', subject: id, detail: { name: field.name } }
      await audited(context, caller, line, (rows) => deleteField(rows, org, id))
      await announce(context, org, { event: 'field', fields: [id] })
      return done
    },
  )
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
