/**
 * Reads the inputs of a field's irrigation rule: the farm's own weather of past years, and the field with its prices.
 */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { cropResponse } from '../../irrigation-model/crop-response.ts'
import { fieldWaterValue } from '../../irrigation-model/field-water-value.ts'
import { readFarmWeather } from '../../domain/farm-weather.ts'
import { waterPriceOf } from '../../domain/water-tariff.ts'
import type { FarmRow } from '../../tables.ts'
import type { Stores, Subject } from '../fitting/learner.ts'
import type { RuleYears } from './fit.ts'

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
  const days = await readFarmWeather(state, farm, throughDay)
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
          harvestDay: season.harvestPlannedDay,
          latDeg: farm.latDeg,
          soil: { texture, fieldCapacity, wiltingPoint, depthM: soilDepthM },
          system: {
            efficiency: zone?.efficiency ?? 1,
            maxMm: zone?.maxDepthMm ?? 60,
            minMm: zone ? (zone.applicationRateMmH * zone.minMinutes) / 60 : 0,
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
