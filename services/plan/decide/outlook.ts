/** The outlook of a season: the days to harvest, the possible weather, and the field as each member sees it. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { agesAhead, expectedD } from '../../irrigation-model/crop-clock.ts'
import { et0ByHargreaves, expectedEt0Mm } from '../../irrigation-model/weather-history.ts'
import type { DayLine } from './json-lines.ts'
import type { Season } from './season-state.ts'
import type { DaysAhead } from '../../irrigation-model/days-ahead.ts'
import type { Situation } from '../../irrigation-model/demand.ts'
import {
  daysAheadOf,
  fieldOfMember,
  fieldOutlook,
  waterNow,
  type FieldOutlook,
} from '../../irrigation-model/field-outlook.ts'
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import { heldOf } from '../../irrigation-model/field-ensemble.ts'
import { rainBySkill } from '../../irrigation-model/rain-skill.ts'
import { storeMm } from '../../irrigation-model/soil-layers.ts'
import { membersAhead, type ForecastRain } from '../../irrigation-model/weather-ahead.ts'

/** The field, the possible weather and the economics: each weather member has its own field state. */
export function situationOf(
  season: Season,
  day: Day,
  { days, outlook }: SeasonAhead,
  forecast: NonNullable<DayLine['forecast']>,
): Omit<Situation, 'rule'> {
  const { history, system, waterValue } = season
  const members = membersAhead(
    days.count,
    daysBetween(season.setup.field.plantingDay, day),
    history.seasons,
    forecastRain(season, day, forecast, days.count),
    (k) => history.usualEt0Mm(addDays(day, k)) ?? expectedEt0Mm(history, season.recentEt0Mm, day),
  ).map((member, m) => ({ ...member, field: fieldOfMember(outlook, m) }))
  const p = season.isValueAssumed ? season.site.crop.p : null
  return { days, members, now: waterNow(outlook), system, waterValue, p }
}

/** The field today, and its days ahead. */
export interface SeasonAhead {
  outlook: FieldOutlook
  days: DaysAhead
}

/** The days from `day` on, with the age of the crop on each. */
export function seasonAhead(season: Season, day: Day): SeasonAhead {
  const { layers, setup, history, water } = season
  const { crop, response } = season.site
  const outlook = fieldOutlook(water, season.site)
  const { level } = meanMember(water.ensemble, water)
  const asEstimated = layers.map((layer) => ({
    ...layer,
    fieldCapacity: layer.wiltingPoint + heldOf(layer, level),
  }))
  const fromD = daysBetween(setup.field.plantingDay, day)
  const agesD =
    water.killedBy === null
      ? agesAhead(crop, {
          ageD: water.ageD,
          fromDay: day,
          harvestDay: setup.field.harvestDay ?? null,
          // a warm or a cold year advances relative to the mean of the years
          passed: (k) => expectedD(water, history.usualDays[fromD + k]),
        })
      : []
  const days = daysAheadOf(outlook, {
    crop,
    response,
    agesD,
    storeMm: (toM) => storeMm(asEstimated, 0, toM),
    ...(season.lastDay === null ? {} : { fullHarvest: season.fullHarvest }),
  })
  return { outlook, days }
}

function forecastRain(
  season: Season,
  day: Day,
  forecast: NonNullable<DayLine['forecast']>,
  count: number,
): (ForecastRain | null)[] {
  const ahead: (ForecastRain | null)[] = Array.from({ length: Math.min(count, 16) }, () => null)
  for (const forecastDay of forecast) {
    const k = daysBetween(day, forecastDay.day)
    if (k < 0 || k >= ahead.length) continue
    ahead[k] = {
      et0Mm: forecastDay.et0Mm ?? et0ByHargreaves(season.setup.site.latDeg, forecastDay.day, forecastDay),
      rainAt: forecastDay.rainMm == null ? () => 0 : rainBySkill(forecastDay.rainMm, season.skill),
    }
  }
  return ahead
}
