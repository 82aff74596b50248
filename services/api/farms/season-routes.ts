/** Seasons with their yield, zones, and degree-day trackers from a biofix. */
import { randomUUID } from 'node:crypto'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import { fail } from '../../errors.ts'
import type { Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { ZoneRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { checkPreHarvestInterval } from '../pests/preharvest-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { seasonsOn } from './season-queries.ts'
import { checkZoneWiring } from './zone-wiring-queries.ts'
import { Created } from '../http/responses.ts'
import { FrostSurvived, NewDegreeDayTracker, NewSeason, Yield } from './season-schemas.ts'
import { NewZone } from './zone-schemas.ts'
import { announce, audited } from '../http/audited-write.ts'

/**
 * Need `configure`; a yield needs `record`. PRE_HARVEST_INTERVAL for a harvest day that a treatment blocks; CONFLICT
 * for an ended field, for a season within another one, and for deleting a season with a yield.
 */
export function seasonRoutes(app: App, context: Context): void {
  const { state, pests, clock } = context
  const configure = { needs: 'configure' } as const

  app.post(
    '/api/seasons',
    {
      config: configure,
      schema: { summary: 'Create a season', body: NewSeason, response: responses(Created) },
    },
    async ({ body, caller }) => {
      const { org } = caller
      const field = await ownRow(state, 'field', org, body.fieldId)
      if (!cropOf(body.crop)) fail('BAD_REQUEST', `crop: must be a crop that Tilth knows, got ${body.crop}`)
      checkDay('plantedDay', body.plantedDay)
      if (field.endedDay != null && body.plantedDay >= field.endedDay)
        fail('CONFLICT', `fieldId: ${field.name} ended on ${field.endedDay}; choose a current field`)
      await checkOverlap(state, field.id, body.plantedDay)
      const id = randomUUID()
      const { year, crop, plantedDay, variety = null, initialVwc = null } = body
      const season = { fieldId: field.id, year, crop, variety, plantedDay, initialVwc }
      await audited(context, caller, { action: 'season.create', subject: id, detail: season }, (rows) =>
        rows
          .insertInto('season')
          .values({ id, org, ...season, harvestedDay: null, yieldKg: null, yieldBasis: null })
          .execute(),
      )
      await announce(context, org, { event: 'field', fields: [field.id] })
      return { id }
    },
  )

  app.post(
    '/api/seasons/:id/yield',
    {
      config: { needs: 'record' },
      schema: {
        summary: 'Record the yield of a season',
        params: ById,
        body: Yield,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const season = await ownRow(state, 'season', caller.org, id)
      const { kg: yieldKg, basis: yieldBasis, harvestedDay = season.harvestedDay } = body
      if (harvestedDay !== null) {
        checkDay('harvestedDay', harvestedDay)
        if (harvestedDay < season.plantedDay)
          fail('BAD_REQUEST', `harvestedDay: must not be before ${season.plantedDay}, got ${harvestedDay}`)
        if (harvestedDay !== season.harvestedDay)
          await checkPreHarvestInterval(pests, state, season, harvestedDay)
      }
      await audited(context, caller, { action: 'season.yield', subject: id, detail: body }, (rows) =>
        rows.updateTable('season').set({ yieldKg, yieldBasis, harvestedDay }).where('id', '=', id).execute(),
      )
      await announce(context, caller.org, { event: 'field', fields: [season.fieldId] })
      return done
    },
  )

  app.post(
    '/api/fields/:id/frost-survived',
    {
      config: { needs: 'record' },
      schema: {
        summary: 'Report that the crop of a field has survived the frosts up to a day',
        params: ById,
        body: FrostSurvived,
        response: responses(Done),
      },
    },
    async ({ params: { id: fieldId }, body: { day }, caller }) => {
      await ownRow(state, 'field', caller.org, fieldId)
      checkDay('day', day)
      const season = (await seasonsOn(state, [fieldId], day)).get(fieldId)
      if (!season) fail('CONFLICT', `day: this field has no season on ${day}`)
      const line = { action: 'season.frost-survived', subject: season.id, detail: { day } }
      await audited(context, caller, line, (rows) =>
        rows.updateTable('season').set({ survivedFrostDay: day }).where('id', '=', season.id).execute(),
      )
      await announce(context, caller.org, { event: 'field', fields: [fieldId], id: 'set-up' })
      return done
    },
  )

  app.delete(
    '/api/seasons/:id',
    {
      config: configure,
      schema: { summary: 'Delete a season without yield', params: ById, response: responses(Done) },
    },
    async ({ params: { id }, caller }) => {
      const season = await ownRow(state, 'season', caller.org, id)
      const load = await state
        .selectFrom('harvestLoad')
        .select('id')
        .where('seasonId', '=', id)
        .where('voidedAtMs', 'is', null)
        .executeTakeFirst()
      if (season.yieldKg !== null || load)
        fail('CONFLICT', 'this season has a yield on record; void it first')
      const detail = { crop: season.crop, year: season.year }
      await audited(context, caller, { action: 'season.delete', subject: id, detail }, async (rows) => {
        await rows.updateTable('fieldWork').set({ seasonId: null }).where('seasonId', '=', id).execute()
        await rows.deleteFrom('season').where('id', '=', id).execute()
      })
      await announce(context, caller.org, { event: 'field', fields: [season.fieldId] })
      return done
    },
  )

  app.post(
    '/api/fields/:id/degree-day-trackers',
    {
      config: configure,
      schema: {
        summary: 'Track the degree days of a pest',
        params: ById,
        body: NewDegreeDayTracker,
        response: responses(Done),
      },
    },
    async ({ params: { id: fieldId }, body: { subject, biofixDay }, caller }) => {
      const { org } = caller
      await ownRow(state, 'field', org, fieldId)
      if (!pestOf(subject)) fail('BAD_REQUEST', `subject: must be a pest that Tilth knows, got ${subject}`)
      checkDay('biofixDay', biofixDay)
      // a new biofix restarts the sum; the next daily estimate brings it up to date
      const start = {
        biofixDay,
        sumCd: 0,
        throughDay: null,
        missingDays: 0,
        nextEvent: null,
        outlook: null,
      }
      const line = { action: 'degree-day-tracker.set', subject: fieldId, detail: { subject, biofixDay } }
      await audited(context, caller, line, (rows) =>
        rows
          .insertInto('degreeDayTracker')
          .values({ fieldId, subject, org, ...start })
          .onConflict((conflict) => conflict.columns(['fieldId', 'subject']).doUpdateSet(start))
          .execute(),
      )
      await announce(context, org, { event: 'field', fields: [fieldId] })
      return done
    },
  )

  app.post(
    '/api/zones',
    { config: configure, schema: { summary: 'Create a zone', body: NewZone, response: responses(Created) } },
    async ({ body, caller }) => {
      const { org } = caller
      const field = await ownRow(state, 'field', org, body.fieldId)
      if (body.minMinutes > body.maxMinutes)
        fail(
          'BAD_REQUEST',
          `minMinutes: must be at most maxMinutes (${body.maxMinutes}), got ${body.minMinutes}`,
        )
      const { fieldId, window, controllerId = null, valve = null, pumpId = null, ...columns } = body
      await checkZoneWiring(state, org, field.farmId, { controllerId, valve, pumpId }, null)
      const zone: ZoneRow = {
        id: randomUUID(),
        org,
        farmId: field.farmId,
        fieldId,
        controllerId,
        valve,
        pumpId,
        ...columns,
        windowFromMin: window.fromMin,
        windowToMin: window.toMin,
        mode: valve === null ? 'advise' : 'approve', // a valve asks before it opens, until a person changes the mode
        madFraction: null,
        adjustPercent: 0,
        pausedUntilMs: null,
        dailyMaxLitres: null,
        valveAssignedAtMs: valve === null ? null : clock.now(),
      }
      await audited(context, caller, { action: 'zone.create', subject: zone.id, detail: body }, (rows) =>
        rows.insertInto('zone').values(zone).execute(),
      )
      await announce(context, org, { event: 'plan', fields: [field.id] })
      return { id: zone.id }
    },
  )
}

/** A season without a harvest ends where the next one begins; one that is harvested keeps its days. */
async function checkOverlap(state: State, fieldId: string, plantedDay: Day): Promise<void> {
  const other = await state
    .selectFrom('season')
    .select(['crop', 'plantedDay', 'harvestedDay'])
    .where('fieldId', '=', fieldId)
    .where((season) =>
      season.or([
        season('plantedDay', '=', plantedDay),
        season.and([season('plantedDay', '<', plantedDay), season('harvestedDay', '>', plantedDay)]),
      ]),
    )
    .executeTakeFirst()
  if (!other) return
  const until = other.harvestedDay === null ? '' : ` until ${other.harvestedDay}`
  fail(
    'CONFLICT',
    `plantedDay: ${other.crop} grows on this field from ${other.plantedDay}${until}, got ${plantedDay}`,
  )
}
