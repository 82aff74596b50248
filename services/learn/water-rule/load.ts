/**
 * Reads the inputs of a field's irrigation rule: the farm's own weather of past years, and the field with its prices.
 */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { cropResponse } from '../../irrigation-model/crop-response.ts'
import { fieldWaterValue } from '../../irrigation-model/field-water-value.ts'
import { waterPriceOf } from '../../domain/water-tariff.ts'
import type { FarmRow } from '../../tables.ts'
import type { Stores, Subject } from '../fitting/learner.ts'
import type { RuleYears } from './fit.ts'

/** Older weather belongs to another climate. */
const WINDOW_DAYS = 15 * 366

/** One for each upland field with an active season: the rule of a fallow field is not needed. */
export async function loadWaterRule(
  { state }: Stores,
  farm: FarmRow,
  throughDay: Day,
): Promise<Subject<RuleYears>[]> {
  const { org } = farm
  const fields = await state
    .selectFrom('field')
    .selectAll()
    .where('org', '=', org)
    .where('farmId', '=', farm.id)
    .where('kind', '=', 'upland')
    .orderBy('id')
    .execute()
  if (fields.length === 0) return []
  const ids = fields.map(({ id }) => id)
  const seasons = await state
    .selectFrom('season')
    .selectAll()
    .where('fieldId', 'in', ids)
    .where('harvestedDay', 'is', null)
    .where('plantedDay', '<=', addDays(throughDay, 1))
    .orderBy('plantedDay', 'desc')
    .execute()
  if (seasons.length === 0) return []
  const days = await readWeather({ state }, farm, throughDay)
  const fromDay = days[0]?.day ?? throughDay
  const zones = await state.selectFrom('zone').selectAll().where('fieldId', 'in', ids).orderBy('id').execute()
  const pumps = await state.selectFrom('pump').selectAll().where('farmId', '=', farm.id).execute()
  const strategies = await state.selectFrom('strategy').selectAll().where('fieldId', 'in', ids).execute()
  const habits = await state.selectFrom('fixedSchedule').selectAll().where('fieldId', 'in', ids).execute()
  return fields.flatMap((field) => {
    const season = seasons.find(({ fieldId }) => fieldId === field.id)
    const crop = season && cropOf(season.crop)
    if (!season || !crop) return []
    const zone = zones.find(({ fieldId }) => fieldId === field.id) ?? null
    const strategy = strategies.find(({ fieldId }) => fieldId === field.id) ?? null
    const fixedSchedule = habits.find(({ fieldId }) => fieldId === field.id) ?? null
    const price = waterPriceOf(zone, { farm, pumps }, fixedSchedule)
    const { soilTexture: texture, fieldCapacity, wiltingPoint, soilDepthM = null } = field
    return [
      {
        subject: field.id,
        fieldId: field.id,
        deviceId: null,
        data: {
          crop: season.crop,
          plantedDay: season.plantedDay,
          latDeg: farm.latDeg,
          soil: { texture, fieldCapacity, wiltingPoint, depthM: soilDepthM },
          system: {
            efficiency: zone?.efficiency ?? 1,
            maxMm: zone?.maxDepthMm ?? 60,
            minMm: 0,
            wettedFraction: zone?.wettedFraction ?? 1,
          },
          waterValue: fieldWaterValue(strategy, price, cropResponse(crop)).waterValue,
          fromDay,
          throughDay,
          days,
        },
      },
    ]
  })
}

/**
 * The mean of a farm's fields, of days with both rain and ET0 measured: a day without a measurement is not a dry day.
 */
async function readWeather(
  { state }: Pick<Stores, 'state'>,
  farm: FarmRow,
  throughDay: Day,
): Promise<RuleYears['days']> {
  const rows = await state
    .selectFrom('fieldDay')
    .innerJoin('field', 'field.id', 'fieldDay.fieldId')
    .select((row) => [
      'fieldDay.day as day',
      row.fn.avg<number>('fieldDay.et0Mm').as('et0Mm'),
      row.fn.avg<number>('fieldDay.rainMm').as('rainMm'),
      row.fn.avg<number | null>('fieldDay.tempMinC').as('tMinC'),
      row.fn.avg<number | null>('fieldDay.tempMaxC').as('tMaxC'),
    ])
    .where('field.org', '=', farm.org)
    .where('field.farmId', '=', farm.id)
    .where('fieldDay.et0Mm', 'is not', null)
    .where('fieldDay.rainMm', 'is not', null)
    .where('fieldDay.et0Method', '!=', 'climatology') // a mean of other days is not a year
    .where('fieldDay.day', '>', addDays(throughDay, -WINDOW_DAYS))
    .where('fieldDay.day', '<=', throughDay)
    .groupBy('fieldDay.day')
    .orderBy('fieldDay.day')
    .execute()
  return rows.map(({ day, et0Mm, rainMm, tMinC, tMaxC }) => ({ day, et0Mm, rainMm, tMinC, tMaxC }))
}
