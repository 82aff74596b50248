/** Harvest loads: entered, listed, voided, and corrected by another entry; the first one stays on record. */
import { randomUUID } from 'node:crypto'
import { dayOf } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import type { HarvestLoadRow, SeasonRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import {
  FieldHarvests,
  LoadCorrection,
  LoadEntered,
  NewLoad,
  SeasonHarvest,
  VoidLoad,
} from '../reports/report-schemas.ts'
import { checkPreHarvestInterval } from '../pests/preharvest-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { selectFields, type SelectedField } from '../farms/field-selection-queries.ts'
import { splitMassKg } from './split-mass.ts'
import { announce, audit, audited } from '../http/audited-write.ts'
import { diffRow } from '../http/diff-row.ts'

/**
 * Reading needs `read`, all else `record`. A load from several fields is split by area. PRE_HARVEST_INTERVAL;
 * CONFLICT for a reused key, for voiding twice, and for another mass of a load that was split.
 */
export function harvestRoutes(app: App, context: Context): void {
  const { state, clock, reports, pests } = context
  const record = { needs: 'record' } as const

  app.get(
    '/api/fields/:id/loads',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'List the harvest loads of a field',
        params: ById,
        response: responses(FieldHarvests),
      },
    },
    async ({ params: { id }, caller: { org } }) => {
      const match = await reports.harvests(org, id)
      const newest = match.seasons[0]
      if (!newest) return { ...match, preHarvest: null }
      const { timeZone } = (await selectFields(state, org, [{ fieldId: id }]))[0]!
      const today = dayOf(clock.now(), timeZone)
      const { state: intervalState, earliestDay } = await pests.preHarvestStatus(
        state,
        newest.id,
        today,
        timeZone,
      )
      return { ...match, preHarvest: { state: intervalState, earliestDay } }
    },
  )

  app.post(
    '/api/fields/:id/loads',
    {
      config: record,
      schema: {
        summary: 'Record a harvest load',
        params: ById,
        body: NewLoad,
        response: responses(LoadEntered),
      },
    },
    async ({ params: { id: fieldId }, body, caller }) => {
      const { org, userId: enteredBy } = caller
      const { idem = null, alsoIn = [], ...ticket } = body
      const season = await ownRow(state, 'season', org, body.seasonId)
      const fields = await selectFields(state, org, [{ fieldId }, ...alsoIn])
      if (season.fieldId !== fieldId)
        fail('BAD_REQUEST', 'seasonId: must be a season of this field, got one of another field')
      const seasons = await readLikeSeasons(state, season, fields)
      const forms = reports.formsOf(season.crop)
      if (!forms.includes(body.form))
        fail('BAD_REQUEST', `form: must be ${forms.join(' or ')} for ${season.crop}, got ${body.form}`)
      for (const item of seasons) checkDay('day', body.day, { notBefore: item.plantedDay })
      if (body.meterDay != null) checkDay('meterDay', body.meterDay)
      const parts = splitMassKg(
        body.grossKg,
        seasons.map((item, i) => item.harvestedM2 ?? item.fieldM2 ?? fields[i]!.areaM2),
      )
      const rows = fields.map(({ field }, i): HarvestLoadRow => ({
        id: randomUUID(),
        org,
        farmId: field.farmId,
        fieldId: field.id,
        enteredBy,
        ticket: null,
        grade: null,
        sieveMm: null,
        destination: null,
        meter: null,
        meterDay: null,
        ...ticket,
        seasonId: seasons[i]!.id,
        batch: idem,
        ...(fields.length > 1 ? { grossKg: parts[i]!, batchKg: body.grossKg } : { batchKg: null }),
        enteredAtMs: clock.now(),
        voidedBy: null,
        voidedAtMs: null,
        voidReason: null,
      }))
      const stored = await inOrg(state, org, async (store) => {
        const before = idem === null ? [] : await readBatch(store, org, idem)
        // a repeat gets the first response, whatever was sprayed or entered since
        if (before.length > 0) return before
        for (const [i, row] of rows.entries())
          row.preHarvestState = await checkPreHarvestInterval(pests, store, seasons[i]!, row.day, fields[i])
        await store.insertInto('harvestLoad').values(rows).execute()
        await audit({ state: store, clock }, caller, 'harvest.load', rows[0]!.id, body)
        return rows
      })
      if (stored !== rows && !isSame(stored, rows))
        fail('CONFLICT', 'idem: this key was used for another entry; create a new key')
      if (stored === rows)
        await announce(context, org, { event: 'field', fields: fields.map(({ field }) => field.id) })
      return { id: idem ?? rows[0]!.id, receivedMs: stored[0]!.enteredAtMs }
    },
  )

  app.post(
    '/api/loads/:id/correct',
    {
      config: record,
      schema: {
        summary: 'Correct a harvest load',
        description:
          'Enters the corrected load and voids the wrong one, which stays on record with the reason.',
        params: ById,
        body: LoadCorrection,
        response: responses(LoadEntered),
      },
    },
    async ({ params: { id }, body: { reason, ...correction }, caller }) => {
      const { org, userId } = caller
      const before = await ownRow(state, 'harvestLoad', org, id)
      const season = await ownRow(state, 'season', org, before.seasonId)
      if (before.batchKg !== null && correction.grossKg !== undefined)
        fail(
          'CONFLICT',
          'grossKg: this load was weighed with other fields; void it on each and enter it again',
        )
      if (correction.day !== undefined) checkDay('day', correction.day, { notBefore: season.plantedDay })
      const change = diffRow(before, correction)
      if (change === null) return { id, receivedMs: before.enteredAtMs }
      const now = { enteredBy: userId, enteredAtMs: clock.now() }
      const row: HarvestLoadRow = { ...before, ...correction, ...now, id: randomUUID(), batch: null }
      const line = { action: 'harvest.correct', subject: row.id, detail: { reason, corrects: id, ...change } }
      await audited(context, caller, line, async (rows) => {
        if ((await ownRow(rows, 'harvestLoad', org, id)).voidedAtMs !== null)
          fail('CONFLICT', 'this load is already voided')
        if (row.day !== before.day)
          row.preHarvestState = await checkPreHarvestInterval(pests, rows, season, row.day)
        const voided = { voidedBy: userId, voidedAtMs: clock.now(), voidReason: reason }
        await rows.updateTable('harvestLoad').set(voided).where('id', '=', id).execute()
        await rows.insertInto('harvestLoad').values(row).execute()
      })
      await announce(context, org, { event: 'field', fields: [before.fieldId] })
      return { id: row.id, receivedMs: row.enteredAtMs }
    },
  )

  app.post(
    '/api/loads/:id/void',
    {
      config: record,
      schema: { summary: 'Void a harvest load', params: ById, body: VoidLoad, response: responses(Done) },
    },
    async ({ params: { id }, body: { reason }, caller }) => {
      const { org, userId: voidedBy } = caller
      const { fieldId } = await ownRow(state, 'harvestLoad', org, id)
      const line = { action: 'harvest.void', subject: id, detail: { reason } }
      await audited(context, caller, line, async (rows) => {
        // read again: two people may act at once
        if ((await ownRow(rows, 'harvestLoad', org, id)).voidedAtMs !== null)
          fail('CONFLICT', 'this load is already voided')
        const voided = { voidedBy, voidedAtMs: clock.now(), voidReason: reason }
        await rows.updateTable('harvestLoad').set(voided).where('id', '=', id).execute()
      })
      await announce(context, org, { event: 'field', fields: [fieldId] })
      return done
    },
  )

  app.post(
    '/api/seasons/:id/harvest',
    {
      config: record,
      schema: {
        summary: 'Set the harvest figures of a season',
        params: ById,
        body: SeasonHarvest,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const season = await ownRow(state, 'season', caller.org, id)
      if (body.harvestedDay != null) {
        checkDay('harvestedDay', body.harvestedDay, { notBefore: season.plantedDay })
        if (body.harvestedDay !== season.harvestedDay)
          await checkPreHarvestInterval(pests, state, season, body.harvestedDay)
      }
      await audited(context, caller, { action: 'season.harvest', subject: id, detail: body }, (rows) =>
        rows.updateTable('season').set(body).where('id', '=', id).execute(),
      )
      await announce(context, caller.org, { event: 'field', fields: [season.fieldId] })
      return done
    },
  )
}

/**
 * The season of the same crop and year on each field. BAD_REQUEST when a field has none: it cannot share the
 * load.
 */
async function readLikeSeasons(
  state: State,
  season: SeasonRow,
  fields: readonly SelectedField[],
): Promise<SeasonRow[]> {
  const { org, crop, year } = season
  const match = await state
    .selectFrom('season')
    .selectAll()
    .where('org', '=', org)
    .where('crop', '=', crop)
    .where('year', '=', year)
    .orderBy('plantedDay', 'desc')
    .execute()
  return fields.map(({ field }) =>
    field.id === season.fieldId
      ? season
      : (match.find(({ fieldId }) => fieldId === field.id) ??
        fail(
          'BAD_REQUEST',
          `alsoIn: must be fields with a season of ${crop} in ${year}, ${field.name} has none`,
        )),
  )
}

const readBatch = (state: State, org: string, batch: string): Promise<HarvestLoadRow[]> =>
  state
    .selectFrom('harvestLoad')
    .selectAll()
    .where('org', '=', org)
    .where('batch', '=', batch)
    .orderBy('fieldId')
    .execute()

/** Whether two entries have the same content, whatever their state. */
function isSame(a: readonly HarvestLoadRow[], b: readonly HarvestLoadRow[]): boolean {
  const contentOf = (rows: readonly HarvestLoadRow[]) =>
    rows
      .map((row) =>
        JSON.stringify([
          ...[row.seasonId, row.day, row.ticket, row.form, row.batchKg ?? row.grossKg, row.moisturePct],
          ...[row.foreignPct, row.grade, row.sieveMm, row.destination, row.meter, row.meterDay],
        ]),
      )
      .sort()
      .join()
  return contentOf(a) === contentOf(b)
}
