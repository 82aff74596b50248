/** The pace of a field's season in the other years of its farm, where a harvest has been planned: its clock follows it. */
import { daysBetween } from '../../../broker/contract/time.ts'
import { readFarmWeather, type FarmWeatherDay } from '../../domain/farm-weather.ts'
import { cropClock } from '../../irrigation-model/crop-clock.ts'
import { weatherHistory } from '../../irrigation-model/weather-history.ts'
import type { State } from '../../ports.ts'
import type { SeasonRow, StoredWater } from '../../tables.ts'
import { cropOfSeason, type FieldContext } from '../field-context.ts'

/**
 * Returns the days of Table 11 that pass on each day since planting; empty where no other year is known, or where the clock
 * follows the planned harvest already.
 */
export function usualDaysReader(
  state: State,
): (
  context: FieldContext,
  season: SeasonRow | undefined,
  stored: StoredWater | null,
) => Promise<readonly number[]> {
  const weatherOf = new Map<string, Promise<FarmWeatherDay[]>>()
  return async ({ field, farm }, season, stored) => {
    if (!season || field.kind === 'paddy') return []
    const { plantedDay, harvestPlannedDay } = season
    const isFollowed = stored?.plantedDay === plantedDay && stored.clock.harvestDay === harvestPlannedDay
    if (isFollowed || harvestPlannedDay === null || harvestPlannedDay <= plantedDay) return []
    let weather = weatherOf.get(farm.id)
    if (!weather) weatherOf.set(farm.id, (weather = readFarmWeather(state, farm, plantedDay)))
    const setup = {
      history: await weather,
      site: { latDeg: farm.latDeg },
      field: { plantingDay: plantedDay },
    }
    const clock = cropClock(cropOfSeason(season).crop)
    return weatherHistory(setup, clock, daysBetween(plantedDay, harvestPlannedDay)).usualDays
  }
}
