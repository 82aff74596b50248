/** The outlook of a field: the days to harvest, the possible weather, and the field as each member sees it. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { seasonLengthD } from '../../agronomy/crops/growth.ts'
import { et0ByHargreaves, expectedEt0Mm } from '../../irrigation-model/weather-history.ts'
import type { DayLine } from './json-lines.ts'
import type { Season } from './season-state.ts'
import { saltOf } from './salt.ts'
import { storeMm } from './soil.ts'
import { surfaceOf } from './water.ts'
import { daysAhead, type DaysAhead } from '../../irrigation-model/days-ahead.ts'
import type { Situation } from '../../irrigation-model/demand.ts'
import {
  deficitBetween,
  membersOf,
  rootDepthOf,
  meanMember,
} from '../../irrigation-model/ensemble-members.ts'
import { rainBySkill } from '../../irrigation-model/rain-skill.ts'
import {
  membersAhead,
  MEMBERS,
  type ForecastRain,
  type Member,
} from '../../irrigation-model/weather-ahead.ts'

/** The field, the possible weather and the economics: each weather member has its own field state. */
export function situationOf(
  season: Season,
  day: Day,
  days: DaysAhead,
  forecast: NonNullable<DayLine['forecast']>,
): Omit<Situation, 'rule'> {
  const { water, history } = season
  const mean = meanMember(water.ensemble, water)
  const fields = membersOf(water.ensemble, water)
  const saltKs = saltOf(season).ks
  const members = membersAhead(
    days.count,
    daysBetween(season.setup.field.plantingDay, day),
    history.seasons,
    forecastRain(season, day, forecast, days.count),
    (k) => history.usualEt0Mm(addDays(day, k)) ?? expectedEt0Mm(history, season.recentEt0Mm, day),
  ).map((member, m): Member => {
    const field = fields[Math.floor((m * fields.length) / MEMBERS)]!
    return {
      ...member,
      field: {
        drierMm: field.depletionMm - mean.depletionMm,
        tawShare: field.tawMm / mean.tawMm,
        use: field.use * saltKs,
        late: field.late,
        ripe: field.ripe,
        cover: field.cover,
        tolerance: field.tolerance,
      },
    }
  })
  return {
    days,
    members,
    now: {
      depletionMm: mean.depletionMm,
      sdMm: mean.sdMm,
      surfaceMm: mean.surfaceMm,
      belowMm: deficitBetween(
        water.ensemble,
        rootDepthAhead(season)(season.ageD),
        rootDepthAhead(season)(Infinity),
      ),
    },
    system: season.system,
    waterValue: season.waterValue,
  }
}

/** Rooting depth of the days ahead, m, as estimated in the season. */
function rootDepthAhead({ water }: Season): (ageD: number) => number {
  const { deep, late } = meanMember(water.ensemble, water)
  return (ageD) => rootDepthOf(water.rootDepthAt, water.ensemble.layers, { ageD, late, deep })
}

/** The days from `day` on, with the age of the crop on each. */
export function daysAheadOf(season: Season, day: Day): DaysAhead {
  const { crop, response, layers, clock, setup, history } = season
  const fromD = daysBetween(setup.field.plantingDay, day)
  const endD = 1.15 * seasonLengthD(crop) // a late variety
  const agesD: number[] = []
  let ageD = season.ageD
  for (let k = 0; season.killedBy === null && ageD < endD && k < 2 * endD; k++) {
    // a warm or a cold year advances relative to the mean of the years; without history a day is a day
    ageD += clock.isByHeat ? Math.max(0.2, history.usualDays[fromD + k] ?? 1) : clock.daysIn(ageD, null)
    agesD.push(ageD)
  }
  const { tewMm, rewMm } = surfaceOf(setup, layers)
  const { use, late, ripe, cover } = meanMember(season.water.ensemble, season.water)
  return daysAhead({
    crop,
    response,
    agesD,
    storeMm: (toM) => storeMm(layers, 0, toM),
    rootDepthM: rootDepthAhead(season),
    tewMm,
    rewMm,
    use: use * saltOf(season).ks,
    late,
    ripe,
    cover,
    growth: season.growth,
    ...(season.lastDay === null ? {} : { fullHarvest: season.fullHarvest }),
  })
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
