/**
 * One field through one season, day by day: the balance and the decision of the farm's plan. Missing data is
 * replaced by the next best estimate, and named in the output.
 */
import { addDays, daysBetween, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { cropOf, crops } from '../../agronomy/crops/catalogue.ts'
import { seasonLengthD } from '../../agronomy/crops/growth.ts'
import { leachingMm } from '../../agronomy/water/salinity.ts'
import type { DecisionTerm } from '../../tables.ts'
import { dayGap } from './day-order.ts'
import { daysAheadOf, situationOf } from './outlook.ts'
import { priorFromLastSeason } from './carry-over.ts'
import type { Season } from './season-state.ts'
import {
  et0ByHargreaves,
  expectedEt0Mm,
  weatherHistory,
  type DayWeather,
} from '../../irrigation-model/weather-history.ts'
import type { DayLine, SetupLine } from './json-lines.ts'
import { soilLayers } from './soil.ts'
import { startWater, advanceWater, surfaceOf } from './water.ts'
import { cropClock } from '../../irrigation-model/crop-clock.ts'
import { cropResponse } from '../../irrigation-model/crop-response.ts'
import { ks, stressOf } from '../../irrigation-model/crop-stress.ts'
import { kcbOfCover } from '../../irrigation-model/canopy.ts'
import { yieldTimes } from '../../irrigation-model/days-ahead.ts'
import { dryYieldTHa, growDay, initialGrowth } from '../../irrigation-model/crop-growth.ts'
import { demand, type Demand } from '../../irrigation-model/demand.ts'
import { leachingOf } from '../../irrigation-model/leaching.ts'
import { updateRainSkill, noRainSkill, rainBySkill } from '../../irrigation-model/rain-skill.ts'
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import {
  improveRule,
  learnRule,
  MIN_YEARS,
  tableRule,
  withMargin,
} from '../../irrigation-model/learn-rule.ts'
import { waterValue } from '../../irrigation-model/water-value.ts'
import { sumBy, tenth } from '../../runtime/math.ts'

interface Decision {
  type: 'decision'
  day: Day
  irrigateMm: number
  why: (Omit<DecisionTerm, 'mm'> & { mm?: number | null })[]
}

const MAX_MM = 60
const RECENT_DAYS = 7
/** Interval of the rule search. */
const SEARCH_DAYS = 5
/** Uncertainty of the depletion, share of TAW, without a search. */
const DEFAULT_DOUBT = 0.1

/**
 * Starts a season. `before`: the previous season of this session; its estimates of the same field are carried
 * over. The error names the field of the setup.
 */
export function startSeason(setup: SetupLine, before: Season | null = null): Result<Season> {
  const { soil, plantingDay, irrigation } = setup.field
  const parsedLayers = soilLayers(soil)
  if (!parsedLayers.ok) return parsedLayers
  const layers = parsedLayers.value
  const timeZone = setup.site.timeZone ?? 'UTC'
  try {
    startOfDay(plantingDay, timeZone)
  } catch {
    return err(`site.timeZone: a time zone was expected, got ${timeZone}`)
  }
  const tabled = cropOf(setup.field.crop)
  const crop = tabled ?? crops.generic
  const response = cropResponse(crop)
  const clock = cropClock(crop)
  const history = weatherHistory(setup, clock, Math.ceil(1.4 * seasonLengthD(crop)))
  const prior = before && priorFromLastSeason(before, setup, crop)
  const season: Season = {
    setup,
    crop,
    response,
    stress: stressOf(crop),
    clock,
    layers,
    history,
    tables: tableRule(crop),
    rule: tableRule(crop),
    ruleDay: null,
    fullHarvest: 1,
    growth: initialGrowth(),
    growthD: 0,
    waterValue: waterValue(setup.economics ?? null, response).waterValue,
    system: {
      efficiency: irrigation?.efficiency ?? 1,
      maxMm: irrigation?.maxMmPerDay ?? MAX_MM,
      minMm: irrigation?.minMm ?? 0,
      wettedFraction: irrigation?.wettedFraction ?? 1,
    },
    notes: [
      ...(tabled ? [] : ['crop-generic']),
      ...(setup.history?.length ? [] : ['no-history']),
      ...(setup.field.initialVwc == null ? ['no-initial-water'] : []),
      ...(prior ? ['from-last-season'] : []),
    ],
    timeZone,
    lastDay: null,
    daysRecorded: 0,
    ageD: 0,
    water: startWater(setup, crop, response, layers, prior),
    skill: noRainSkill,
    lastForecast: null,
    recentEt0Mm: [],
  }
  const days = daysAheadOf(season, plantingDay)
  season.fullHarvest = days.fullHarvest
  const { waterValue: value, notes } = waterValue(
    setup.economics ?? null,
    response,
    dryYieldTHa(season.stress, days.fullHarvest),
  )
  season.waterValue = value
  season.notes.push(...notes)
  const years = history.seasons.length
  if (years >= MIN_YEARS) {
    season.rule = learnRule(season.tables, situationOf(season, plantingDay, days, [])).rule
    season.ruleDay = plantingDay
  } else {
    season.rule = withMargin(season.tables, DEFAULT_DOUBT)
    if (setup.history?.length) season.notes.push('history-short')
  }
  return ok(season)
}

/** Processes the day that has ended and decides for the next. Error when the day does not follow. */
export function decideDay(season: Season, line: DayLine): Result<Decision> {
  const { day } = line
  const gap = dayGap(season.lastDay, day)
  if (!gap.ok) return gap
  const missingDays = gap.value
  const notes = [...season.notes]
  for (let i = 1; i <= missingDays; i++) advanceDay(season, addDays(season.lastDay!, 1), null, [])
  if (missingDays > 0) notes.push('days-missing')
  if (line.appliedMm == null) notes.push('no-applied')
  advanceDay(season, day, line, notes)
  return ok(decideNext(season, addDays(day, 1), line.forecast ?? null, notes))
}

/** Advances the state by a day; `line` null: the day is missing. */
function advanceDay(season: Season, day: Day, line: DayLine | null, notes: string[]): void {
  const weather = line?.weather ?? {}
  const sincePlanting = daysBetween(season.setup.field.plantingDay, day)
  if (sincePlanting >= 0) season.ageD += season.clock.daysIn(season.ageD, weather)
  const et0Mm = et0Of(season, day, weather, notes)
  if (weather.rainMm == null) notes.push('no-rain')
  if (season.lastForecast?.day === day && weather.rainMm != null)
    season.skill = updateRainSkill(season.skill, season.lastForecast.rainMm, weather.rainMm)
  advanceWater(
    season.water,
    {
      crop: season.crop,
      stress: season.stress,
      surface: surfaceOf(season.setup, season.layers),
      ageD: season.ageD,
      et0Mm,
      rainMm: weather.rainMm ?? null,
      irrigation: {
        mm: (line?.appliedMm ?? 0) * season.system.efficiency,
        wettedFraction: season.system.wettedFraction,
      },
      readings: line?.soilMoisture,
    },
    notes,
  )
  growCrop(season, et0Mm)
  season.lastDay = day
  if (line) season.daysRecorded += 1
  season.recentEt0Mm = [...season.recentEt0Mm, et0Mm].slice(-RECENT_DAYS)
}

/** Growth of the crop from its water, by the means of the members. */
function growCrop(season: Season, et0Mm: number): void {
  const { water, stress, crop } = season
  const { cover, use, late, ripe, used } = meanMember(water.ensemble, water)
  const passed = season.ageD - season.growthD
  season.growthD = season.ageD
  if (passed <= 0) return
  const ksStomata = ks(stress.stomata, used, et0Mm)
  const transpired = kcbOfCover(water.ensemble.canopy, cover, season.ageD - late) * use * ksStomata
  growDay(yieldTimes(crop), stress, season.growth, {
    age: season.ageD - ripe,
    passed,
    transpired,
    used,
    ksStomata,
    cover,
    ksLeaves: ks(stress.leaves, used, et0Mm),
  })
}

function decideNext(season: Season, day: Day, ahead: DayLine['forecast'] | null, notes: string[]): Decision {
  const { setup, system } = season
  const water = meanMember(season.water.ensemble, season.water)
  const fromD = daysBetween(setup.field.plantingDay, day)
  const forecast = (ahead ?? []).filter((forecastDay) => forecastDay.day >= day)
  if (forecast.length === 0) notes.push('no-forecast')
  const tomorrow = forecast.find((forecastDay) => forecastDay.day === day)
  season.lastForecast = tomorrow?.rainMm == null ? null : { day, rainMm: tomorrow.rainMm }
  const days = fromD >= 0 ? daysAheadOf(season, day) : null
  if (!days || days.count === 0) notes.push('not-in-season')
  const situation = days && days.count > 0 ? situationOf(season, day, days, forecast) : null
  if (situation && season.ruleDay !== null && daysBetween(season.ruleDay, day) >= SEARCH_DAYS) {
    season.rule = improveRule(season.rule, season.tables, situation)
    season.ruleDay = day
  }
  const decision: Demand | null = situation && demand({ ...situation, rule: season.rule, mustMm: null })
  const netMm = decision?.netMm ?? 0
  const salt = netMm > 0 ? leachingTerm(season, netMm, water.depletionMm, day, forecast) : null
  const irrigateMm = tenth(Math.min(system.maxMm, (netMm + (salt?.netMm ?? 0)) / system.efficiency))
  return {
    type: 'decision',
    day: addDays(day, -1),
    irrigateMm,
    why: [
      { key: 'depletion', mm: tenth(water.depletionMm), params: { sdMm: tenth(water.sdMm) } },
      {
        key: 'line',
        mm: decision?.lineMm == null ? null : tenth(decision.lineMm),
        params: { ruleMm: tenth(decision?.ruleMm ?? 0) },
      },
      { key: 'depth', mm: irrigateMm, params: { netMm: tenth(netMm) } },
      ...(salt ? [salt.why] : []),
      {
        key: 'season-ahead',
        mm: tenth(decision?.seasonMm ?? 0),
        params: { lossPercent: Math.round(1000 * (decision?.loss ?? 0)) / 10 },
      },
      {
        key: 'learned',
        params: { usePercent: Math.round(100 * water.use), arrivalPercent: Math.round(100 * water.arrival) },
      },
      ...counterfactuals(season, decision, water.depletionMm),
      ...[...new Set(notes)].map((key) => ({ key })),
    ],
  }
}

/** Leaching in addition to the refill: only where the roots are filled, and no rain is expected to leach. */
function leachingTerm(
  { crop, setup, system, skill }: Season,
  netMm: number,
  depletionMm: number,
  day: Day,
  forecast: NonNullable<DayLine['forecast']>,
): { netMm: number; why: Decision['why'][number] } | null {
  const { soil, irrigation } = setup.field
  const soon = forecast.filter(
    (forecastDay) => forecastDay.day <= addDays(day, 1) && forecastDay.rainMm != null,
  )
  const rainHiMm =
    soon.length === 0 ? null : sumBy(soon, (forecastDay) => rainBySkill(forecastDay.rainMm!, skill)(0.9))
  const salts = { crop: crop.id, waterEcDsM: irrigation?.waterEcDsM ?? null, soilEcDsM: soil.ecDsM ?? null }
  const leaching = leachingOf(salts, rainHiMm)
  if (!leaching) return null
  const { thresholdDsM, share, waits } = leaching
  if (waits !== null)
    return { netMm: 0, why: { key: 'leaching-postponed', params: { reason: waits, thresholdDsM } } }
  // a partial refill does not leach
  if (netMm < FILLED * depletionMm) return null
  const mostMm = Math.max(0, system.maxMm * system.efficiency - netMm)
  const moreMm = Math.min(leachingMm(netMm, share), mostMm)
  const params = { percent: Math.round(100 * share), thresholdDsM }
  return { netMm: moreMm, why: { key: 'leaching', mm: tenth(moreMm / system.efficiency), params } }
}
const FILLED = 0.98

/** The change that would alter the decision: rain that lifts the field above its line, or additional use. */
function counterfactuals(season: Season, decision: Demand | null, depletionMm: number): Decision['why'] {
  if (!decision || decision.lineMm === null) return []
  const overMm = depletionMm - decision.lineMm
  return decision.netMm > 0
    ? [{ key: 'rain-over', mm: Math.max(1, Math.ceil(overMm)) }]
    : overMm < 0
      ? [{ key: 'available-below', mm: tenth(-overMm) }]
      : [{ key: 'below-minimum', mm: season.system.minMm }]
}

/**
 * ET0 of a day: as reported, else from its temperatures, else the recent mean, else the same days of other
 * years.
 */
function et0Of(season: Season, day: Day, weather: DayWeather, notes: string[]): number {
  if (weather.et0Mm != null) return weather.et0Mm
  const byTemperature = et0ByHargreaves(season.setup.site.latDeg, day, weather)
  notes.push(byTemperature === null ? 'et0-expected' : 'et0-hargreaves')
  return byTemperature ?? expectedEt0Mm(season.history, season.recentEt0Mm, day)
}
