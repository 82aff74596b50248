/**
 * What was set up wrongly is put right: a field's name, area and soil, and of what grows there the crop, the variety and
 * the day. What was harvested before stays as it was reckoned.
 */
import { addDays, dayOf, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { MAX_PAST_DAYS, type FieldRow, type SeasonRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { checkDay } from '../http/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { FieldPatch } from './setup-schemas.ts'
import { SeasonPatch } from './season-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { isTextureDefault, soilLimits, soilFromForm, type FieldSoil } from './soil-form.ts'
import { announce, audited } from '../http/audited-write.ts'

export function correctionRoutes(app: App, context: Context): void {
  const { state, clock } = context
  const config = { needs: 'configure' } as const
  const response = responses(Done)
  const tell = (org: string, fieldId: string) =>
    announce(context, org, { event: 'field', fields: [fieldId], id: 'set-up' })

  app.patch(
    '/api/fields/:id',
    { config, schema: { summary: 'Correct the setup of a field', params: ById, body: FieldPatch, response } },
    async ({ params: { id }, body, caller }) => {
      const { org } = caller
      const field = await ownRow(state, 'field', org, id)
      if (field.endedDay != null) fail('CONFLICT', `${field.name} has ended on ${field.endedDay}`)
      const { name = field.name, areaM2 = field.areaM2 } = body
      const change = diffRow(field, { name, areaM2, ...patchedSoil(field, body) })
      if (change === null) return done
      const line = { action: 'field.change', subject: id, detail: change }
      await audited(context, caller, line, async (rows) => {
        if (areaM2 !== field.areaM2) await moveArea(rows, field, areaM2)
        await rows.updateTable('field').set(change.after).where('id', '=', id).execute()
      })
      await tell(org, id)
      return done
    },
  )

  app.patch(
    '/api/seasons/:id',
    {
      config,
      schema: { summary: 'Correct the setup of a season', params: ById, body: SeasonPatch, response },
    },
    async ({ params: { id }, body, caller }) => {
      const { org } = caller
      const season = await ownRow(state, 'season', org, id)
      await checkNotHarvested(state, season)
      const { crop = season.crop, plantedDay = season.plantedDay, variety = season.variety } = body
      if (crop !== season.crop) await checkCrop(state, season, crop)
      const lastHarvest = await checkPlanted(state, season, plantedDay)
      // the crop year moves with the day: what is sown in autumn keeps being next year's
      const year = season.year + yearOf(plantedDay) - yearOf(season.plantedDay)
      const change = diffRow(season, { crop, variety, plantedDay, year })
      if (change === null) return done
      const line = { action: 'season.change', subject: id, detail: change }
      const isAnother = crop !== season.crop || plantedDay !== season.plantedDay
      const longAgo = addDays(dayOf(clock.now(), 'UTC'), -MAX_PAST_DAYS)
      const first = [plantedDay < season.plantedDay ? plantedDay : season.plantedDay, longAgo]
      const fromDay = [...first, ...lastHarvest].reduce((a, b) => (a > b ? a : b))
      const next = await nextPlantedDay(state, season)
      if (isAnother) await checkHistoryIsRecomputable(state, season, fromDay)
      await audited(context, caller, line, async (rows) => {
        await rows.updateTable('season').set(change.after).where('id', '=', id).execute()
        // heat and stages of its days are another crop's: they are worked out anew from the readings
        if (isAnother)
          for (const table of ['fieldDay', 'diseaseDay'] as const)
            await rows
              .deleteFrom(table)
              .where('fieldId', '=', season.fieldId)
              .where('day', '>=', fromDay)
              .where('day', '<', next ?? '9999-12-31')
              .execute()
      })
      await tell(org, season.fieldId)
      return done
    },
  )
}

/** The columns that differ, as they were and as they are to be; null: none. */
function diffRow<Row extends object>(row: Row, next: Partial<Row>) {
  const changed = (Object.keys(next) as (keyof Row)[]).filter((key) => next[key] !== row[key])
  if (changed.length === 0) return null
  const only = (of: Partial<Row>) => Object.fromEntries(changed.map((key) => [key, of[key]])) as Partial<Row>
  return { before: only(row), after: only(next) }
}

/** Another texture brings its limits; what a person has entered instead of the table's stays. `null`: the table's again. */
function patchedSoil(field: FieldRow, { soilTexture = field.soilTexture, ...given }: FieldPatch): FieldSoil {
  const own = soilLimits.map((limit) => {
    const value = given[limit] === undefined && !isTextureDefault(field, limit) ? field[limit] : given[limit]
    return [limit, value ?? undefined] as const
  })
  return soilFromForm({ soilTexture, ...Object.fromEntries(own) })
}

/** Zones as large as the field go with it; seasons that are over keep the area that they were reckoned with. */
async function moveArea(rows: State, { id, areaM2: wasM2 }: FieldRow, areaM2: number): Promise<void> {
  await rows
    .updateTable('zone')
    .set({ areaM2 })
    .where('fieldId', '=', id)
    .where('areaM2', '=', wasM2)
    .execute()
  await rows
    .updateTable('season')
    .set({ fieldM2: wasM2 })
    .where('fieldId', '=', id)
    .where('fieldM2', 'is', null)
    .where((season) => season.or([season('harvestedDay', 'is not', null), season('yieldKg', 'is not', null)]))
    .execute()
}

const yearOf = (day: Day): number => Number(day.slice(0, 4))

/** CONFLICT for a season of which a harvest is on record. */
async function checkNotHarvested(state: State, { id, harvestedDay, yieldKg }: SeasonRow): Promise<void> {
  if (harvestedDay !== null) fail('CONFLICT', `this season was harvested on ${harvestedDay}`)
  const load = await state
    .selectFrom('harvestLoad')
    .select('id')
    .where('seasonId', '=', id)
    .where('voidedAtMs', 'is', null)
    .executeTakeFirst()
  if (yieldKg !== null || load) fail('CONFLICT', 'this season has a yield on record')
}

/** BAD_REQUEST for a crop that nobody knows; CROP_HAS_TREATMENTS where a spray was planned or made by the label of the old one. */
async function checkCrop(state: State, season: SeasonRow, crop: string): Promise<void> {
  if (!cropOf(crop)) fail('BAD_REQUEST', `crop: must be a crop that Tilth knows, got ${crop}`)
  const spray = await state
    .selectFrom('treatment')
    .select('id')
    .where('seasonId', '=', season.id)
    .where('state', '!=', 'void')
    .executeTakeFirst()
  if (spray)
    fail('CROP_HAS_TREATMENTS', `crop: a spray of ${season.crop} is on record; take it back first`, {
      params: { crop: season.crop },
    })
}

/**
 * BAD_REQUEST for a day that is none, after the planned harvest or in the season after it, SEASON_OVERLAP for one on which the season before it stood.
 * Gives the day after that one's harvest, where there was one: what lies before is that season's.
 */
async function checkPlanted(state: State, season: SeasonRow, plantedDay: Day): Promise<Day[]> {
  const next = await nextPlantedDay(state, season)
  const ends = [season.harvestPlannedDay ?? null, next && addDays(next, -1)].filter((day) => day !== null)
  checkDay('plantedDay', plantedDay, { notAfter: ends.sort()[0] ?? null })
  const before = await state
    .selectFrom('season')
    .select(['crop', 'plantedDay', 'harvestedDay'])
    .where('fieldId', '=', season.fieldId)
    .where('id', '!=', season.id)
    .where('plantedDay', '<=', season.plantedDay)
    .orderBy('plantedDay', 'desc')
    .executeTakeFirst()
  if (!before) return []
  // of one that nobody has closed, its first day is all that is known
  const day = before.harvestedDay ?? before.plantedDay
  if (plantedDay !== season.plantedDay && plantedDay <= day)
    fail(
      'SEASON_OVERLAP',
      `plantedDay: must be after ${day}, until which ${before.crop} stood there, got ${plantedDay}`,
      { params: { crop: before.crop, day } },
    )
  return [addDays(day, 1)]
}

/** When the next season on the same field was planted; null: none was. */
async function nextPlantedDay(state: State, { fieldId, plantedDay }: SeasonRow): Promise<Day | null> {
  const next = await state
    .selectFrom('season')
    .select(({ fn }) => fn.min('plantedDay').as('day'))
    .where('fieldId', '=', fieldId)
    .where('plantedDay', '>', plantedDay)
    .executeTakeFirst()
  return next?.day ?? null
}

/**
 * HISTORY_LOCKED where days since `fromDay` rest on what is not there any more, and could not be worked out again: a device that
 * was taken away since, and what people said of a paddy, of which the last word alone is kept.
 */
async function checkHistoryIsRecomputable(
  state: State,
  { org, fieldId }: SeasonRow,
  fromDay: Day,
): Promise<void> {
  const fromMs = startOfDay(fromDay, 'UTC')
  const device = await state
    .selectFrom('device')
    .select('name')
    .where('org', '=', org)
    .where((one) => one.or([one('kind', '=', 'station'), one('fieldId', '=', fieldId)]))
    .where('kind', '<>', 'controller')
    .where('revokedAtMs', '>=', fromMs)
    .executeTakeFirst()
  const said = await state
    .selectFrom('paddy')
    .select('fieldId')
    .where('fieldId', '=', fieldId)
    .where((paddy) => paddy.or([paddy('stageSaidDay', '>=', fromDay), paddy('seenLevelMs', '>=', fromMs)]))
    .executeTakeFirst()
  if (device)
    fail(
      'HISTORY_LOCKED',
      `plantedDay, crop: days since ${fromDay} rest on ${device.name}, which was taken away: they could not be worked out again`,
    )
  if (said)
    fail(
      'HISTORY_LOCKED',
      `plantedDay, crop: days since ${fromDay} rest on what was said of the paddy: they could not be worked out again`,
    )
}
