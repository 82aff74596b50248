/**
 * Corrections of the setup: the name, area and soil of a field; the crop, variety, planting day and soil water at
 * planting of a season. Earlier harvests keep their figures.
 */
import { addDays, dayOf, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { MAX_PAST_DAYS, type FieldRow, type SeasonRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { FieldPatch } from './setup-schemas.ts'
import { SeasonPatch } from './season-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { isTextureDefault, soilLimits, soilFromForm, type FieldSoil } from './soil-form.ts'
import { announce, audited } from '../http/audited-write.ts'
import { diffRow } from '../http/diff-row.ts'

/**
 * Need `configure`. Another crop, planting day or soil water at planting deletes the computed days, which are recomputed
 * from the readings.
 * CONFLICT, SEASON_OVERLAP, HISTORY_LOCKED, CROP_HAS_TREATMENTS.
 */
export function correctionRoutes(app: App, context: Context): void {
  const { state, clock } = context
  const config = { needs: 'configure' } as const
  const response = responses(Done)
  const announceField = (org: string, fieldId: string) =>
    announce(context, org, { event: 'field', fields: [fieldId], id: 'set-up' })

  app.patch(
    '/api/fields/:id',
    { config, schema: { summary: 'Correct the setup of a field', params: ById, body: FieldPatch, response } },
    async ({ params: { id }, body, caller }) => {
      const { org } = caller
      const field = await ownRow(state, 'field', org, id)
      if (field.endedDay != null)
        fail('CONFLICT', `${field.name} ended on ${field.endedDay} and can no longer be changed`)
      const { name = field.name, areaM2 = field.areaM2, soilDepthM = field.soilDepthM } = body
      const change = diffRow(field, { name, areaM2, ...patchedSoil(field, body), soilDepthM })
      if (change === null) return done
      const line = { action: 'field.change', subject: id, detail: change }
      await audited(context, caller, line, async (rows) => {
        if (areaM2 !== field.areaM2) await moveArea(rows, field, areaM2)
        await rows.updateTable('field').set(change.after).where('id', '=', id).execute()
      })
      await announceField(org, id)
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
      const { initialVwc = season.initialVwc } = body
      if (crop !== season.crop) await checkCrop(state, season, crop)
      const lastHarvest = await checkPlanted(state, season, plantedDay)
      // the crop year moves with the day: a crop sown in autumn stays a crop of the next year
      const year = season.year + yearOf(plantedDay) - yearOf(season.plantedDay)
      const change = diffRow(season, { crop, variety, plantedDay, year, initialVwc })
      if (change === null) return done
      const line = { action: 'season.change', subject: id, detail: change }
      const isAnother =
        crop !== season.crop || plantedDay !== season.plantedDay || initialVwc !== season.initialVwc
      const longAgo = addDays(dayOf(clock.now(), 'UTC'), -MAX_PAST_DAYS)
      const first = [plantedDay < season.plantedDay ? plantedDay : season.plantedDay, longAgo]
      const fromDay = [...first, ...lastHarvest].reduce((a, b) => (a > b ? a : b))
      const next = await nextPlantedDay(state, season)
      if (isAnother) await checkHistoryIsRecomputable(state, season, fromDay)
      await audited(context, caller, line, async (rows) => {
        await rows.updateTable('season').set(change.after).where('id', '=', id).execute()
        // degree days and stages of these days belong to the previous crop: they are recomputed from the
        // readings
        if (isAnother)
          for (const table of ['fieldDay', 'fieldWater', 'diseaseDay'] as const)
            await rows
              .deleteFrom(table)
              .where('fieldId', '=', season.fieldId)
              .where('day', '>=', fromDay)
              .where('day', '<', next ?? '9999-12-31')
              .execute()
      })
      await announceField(org, season.fieldId)
      return done
    },
  )
}

/** A new texture brings its limits; limits entered by a person stay. `null`: back to the table's value. */
function patchedSoil(field: FieldRow, { soilTexture = field.soilTexture, ...limits }: FieldPatch): FieldSoil {
  const measuredLimits = soilLimits.map((limit) => {
    const value =
      limits[limit] === undefined && !isTextureDefault(field, limit) ? field[limit] : limits[limit]
    return [limit, value ?? undefined] as const
  })
  return soilFromForm({ soilTexture, ...Object.fromEntries(measuredLimits) })
}

/** Zones as large as the field change with it; completed seasons keep the area of their figures. */
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

/** CONFLICT for a season with a harvest on record. */
async function checkNotHarvested(state: State, { id, harvestedDay, yieldKg }: SeasonRow): Promise<void> {
  if (harvestedDay !== null)
    fail('CONFLICT', `this season was harvested on ${harvestedDay} and can no longer be changed`)
  const load = await state
    .selectFrom('harvestLoad')
    .select('id')
    .where('seasonId', '=', id)
    .where('voidedAtMs', 'is', null)
    .executeTakeFirst()
  if (yieldKg !== null || load) fail('CONFLICT', 'this season has a yield on record; void it first')
}

/**
 * BAD_REQUEST for an unknown crop; CROP_HAS_TREATMENTS when a treatment was planned or made by the label for
 * the old crop.
 */
async function checkCrop(state: State, season: SeasonRow, crop: string): Promise<void> {
  if (!cropOf(crop)) fail('BAD_REQUEST', `crop: must be a crop that Tilth knows, got ${crop}`)
  const spray = await state
    .selectFrom('treatment')
    .select('id')
    .where('seasonId', '=', season.id)
    .where('state', '!=', 'void')
    .executeTakeFirst()
  if (spray)
    fail('CROP_HAS_TREATMENTS', `crop: a treatment of ${season.crop} is on record; void it first`, {
      params: { crop: season.crop },
    })
}

/**
 * BAD_REQUEST for a day that does not exist, after the planned harvest or within the next season;
 * SEASON_OVERLAP for a day within the previous season. Returns the day after the harvest of the previous
 * season, where there is one: earlier days belong to that season.
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
  // of a season without a harvest day only the first day is known
  const day = before.harvestedDay ?? before.plantedDay
  if (plantedDay !== season.plantedDay && plantedDay <= day)
    fail(
      'SEASON_OVERLAP',
      `plantedDay: must be after ${day}, the last known day of ${before.crop} on this field, got ${plantedDay}`,
      { params: { crop: before.crop, day } },
    )
  return [addDays(day, 1)]
}

/** The planting day of the next season on the same field; null: none. */
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
 * HISTORY_LOCKED when days since `fromDay` depend on data that no longer exists and cannot be recomputed: a
 * device that was removed since, or observations of a paddy, of which only the latest is stored.
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
    .where((item) => item.or([item('kind', '=', 'station'), item('fieldId', '=', fieldId)]))
    .where('kind', '<>', 'controller')
    .where('revokedAtMs', '>=', fromMs)
    .executeTakeFirst()
  const observation = await state
    .selectFrom('paddy')
    .select('fieldId')
    .where('fieldId', '=', fieldId)
    .where((paddy) =>
      paddy.or([paddy('reportedStageDay', '>=', fromDay), paddy('observedLevelAtMs', '>=', fromMs)]),
    )
    .executeTakeFirst()
  if (device)
    fail(
      'HISTORY_LOCKED',
      `plantedDay, crop, initialVwc: days since ${fromDay} depend on the removed device ${device.name} and cannot be recomputed; keep the day, the crop and the soil water`,
    )
  if (observation)
    fail(
      'HISTORY_LOCKED',
      `plantedDay, crop, initialVwc: days since ${fromDay} depend on observations of the paddy and cannot be recomputed; keep the day, the crop and the soil water`,
    )
}
