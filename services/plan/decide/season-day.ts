/**
 * One field through a day of its season, and its decision for the next day. Missing data is replaced by the next best estimate,
 * and named in the output.
 */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import { ok, type Result } from '../../../broker/contract/result.ts'
import { dayGap } from './day-order.ts'
import { decideNext, type Decision } from './decision.ts'
import { FIELD_ID } from './season.ts'
import type { Season } from './season-state.ts'
import { et0ByHargreaves, expectedEt0Mm, type DayWeather } from '../../irrigation-model/weather-history.ts'
import type { DayLine } from './json-lines.ts'
import { receiveIrrigation } from '../../irrigation-model/arrival.ts'
import { advanceWater, ageAfter, drawsOf } from '../../irrigation-model/field-water.ts'
import type { DecisionNote } from '../../irrigation-model/field-sensors.ts'
import { updateRainSkill } from '../../irrigation-model/rain-skill.ts'

const RECENT_DAYS = 7

/** Processes the day that has ended and decides for the next. Error when the day does not follow. */
export function decideDay(season: Season, line: DayLine): Result<Decision> {
  const { day } = line
  const gap = dayGap(season.lastDay, day)
  if (!gap.ok) return gap
  const missingDays = gap.value
  const notes: DecisionNote[] = [...season.notes]
  for (let i = 1; i <= missingDays; i++) advanceDay(season, addDays(season.lastDay!, 1), null, [])
  if (missingDays > 0) notes.push('days-missing')
  if (line.appliedMm == null) notes.push('no-applied')
  advanceDay(season, day, line, notes)
  return ok(decideNext(season, addDays(day, 1), line.forecast ?? null, notes))
}

/** Advances the state by a day; `line` null: the day is missing. */
function advanceDay(season: Season, day: Day, line: DayLine | null, notes: DecisionNote[]): void {
  const { system } = season
  const weather = line?.weather ?? {}
  const isPlanted = day >= season.setup.field.plantingDay
  const ageD = isPlanted ? ageAfter(season.water, season.site.crop, weather) : season.water.ageD
  const et0Mm = et0Of(season, day, weather, notes)
  if (weather.rainMm == null) notes.push('no-rain')
  if (season.lastForecast?.day === day && weather.rainMm != null)
    season.skill = updateRainSkill(season.skill, season.lastForecast.rainMm, weather.rainMm)
  const irrigationMm = arrivedMm(season, line, notes)
  if (season.lastDay !== null) season.water.ensemble.draws = drawsOf(FIELD_ID, day)
  advanceWater(
    season.water,
    season.site,
    {
      ageD,
      et0Mm,
      rainMm: weather.rainMm ?? null,
      irrigation: {
        mm: irrigationMm,
        wettedFraction: system.wettedFraction,
        isMetered: line?.appliedMm != null,
      },
      readings: line?.soilMoisture,
      night: isPlanted && weather.tMinC != null ? { day, minC: weather.tMinC } : null,
    },
    notes,
  )
  season.lastDay = day
  season.orderedMm = 0
  if (line) season.water.daysRecorded += 1
  season.recentEt0Mm = [...season.recentEt0Mm, et0Mm].slice(-RECENT_DAYS)
}

/** Net irrigation of the day, mm. */
function arrivedMm(season: Season, line: DayLine | null, notes: DecisionNote[]): number {
  const { orderedMm, system, water } = season
  const order = {
    orderedMm: orderedMm * system.efficiency,
    measuredMm: line?.appliedMm == null ? null : line.appliedMm * system.efficiency,
  }
  const { netMm, isMissing } = receiveIrrigation(water, order, line?.soilMoisture)
  if (isMissing) notes.push({ key: 'water-missing', params: { orderedMm, runs: water.arrival.missedRuns } })
  return netMm
}

/**
 * ET0 of a day: as reported, else from its temperatures, else the recent mean, else the same days of other
 * years.
 */
function et0Of(season: Season, day: Day, weather: DayWeather, notes: DecisionNote[]): number {
  if (weather.et0Mm != null) return weather.et0Mm
  const byTemperature = et0ByHargreaves(season.setup.site.latDeg, day, weather)
  notes.push(byTemperature === null ? 'et0-expected' : 'et0-hargreaves')
  return byTemperature ?? expectedEt0Mm(season.history, season.recentEt0Mm, day)
}
