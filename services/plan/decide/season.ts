/**
 * One field through one season, day by day: the balance and the decision of the farm's plan. Missing data is
 * replaced by the next best estimate, and named in the output.
 */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { ok, type Result } from '../../../broker/contract/result.ts'
import { cropOf, crops } from '../../agronomy/crops/catalogue.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { seasonLengthD } from '../../agronomy/crops/growth.ts'
import type { DecisionTerm } from '../../tables.ts'
import { checkSetup } from './check-setup.ts'
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
import { addSalt, leachingTerm, saltNotes, saltOf } from './salt.ts'
import { afterOrder, hasArrived, isOrderWithheld, noOrderYet } from './arrival.ts'
import { advanceWater, driestMm, startWater, surfaceOf, type DecisionNote } from './water.ts'
import { cutCycleD, cutLeaves } from '../../irrigation-model/cutting.ts'
import { isKilledByFrost } from '../../irrigation-model/crop-frost.ts'
import { saltAtPlanting } from '../../irrigation-model/salt-balance.ts'
import { cropClock, type CropClock } from '../../irrigation-model/crop-clock.ts'
import { cropResponse } from '../../irrigation-model/crop-response.ts'
import { ks, stressOf } from '../../irrigation-model/crop-stress.ts'
import { kcbOfCover } from '../../irrigation-model/canopy.ts'
import { yieldTimes, type DaysAhead } from '../../irrigation-model/days-ahead.ts'
import { dryYieldTHa, growDay, initialGrowth } from '../../irrigation-model/crop-growth.ts'
import { demand, type Demand } from '../../irrigation-model/demand.ts'
import { updateRainSkill, noRainSkill } from '../../irrigation-model/rain-skill.ts'
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import {
  improveRule,
  learnRule,
  MIN_YEARS,
  tableRule,
  withMargin,
} from '../../irrigation-model/learn-rule.ts'
import { waterValue } from '../../irrigation-model/water-value.ts'
import { sum, tenth } from '../../runtime/math.ts'

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
  const checked = checkSetup(setup)
  if (!checked.ok) return checked
  const { layers, timeZone } = checked.value
  const { plantingDay, irrigation } = setup.field
  const tabled = cropOf(setup.field.crop)
  const crop = tabled ?? crops.generic
  const response = cropResponse(crop)
  const { clock, history } = clockAndHistory(setup, crop)
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
    arrival: noOrderYet,
    orderedMm: 0,
    recentEt0Mm: [],
    saltEcDsM: saltAtPlanting(setup.field.soil.ecDsM ?? null, irrigation?.waterEcDsM ?? null),
    leachingDueMm: 0,
    leachedMm: 0,
    killedBy: null,
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

/** The clock of the field's own variety: it reaches the end of Table 11's season on the usual day of its harvest. */
function clockAndHistory(setup: SetupLine, crop: Crop): Pick<Season, 'clock' | 'history'> {
  const tabled = cropClock(crop)
  const lengthD = seasonLengthD(crop)
  const historyBy = (clock: CropClock) => weatherHistory(setup, clock, Math.ceil(1.4 * lengthD))
  const history = historyBy(tabled)
  const { plantingDay, harvestDay } = setup.field
  if (harvestDay == null) return { clock: tabled, history }
  // without other years the heat until then is unknown: days count
  const isByHeat = tabled.isByHeat && history.usualDays.length > 0
  const days = daysBetween(plantingDay, harvestDay)
  const usualD = isByHeat ? sum(Array.from({ length: days }, (_, i) => history.usualDays[i] ?? 1)) : days
  const pace = Math.min(MAX_PACE, Math.max(1 / MAX_PACE, lengthD / usualD))
  const clock: CropClock = {
    isByHeat,
    daysIn: (ageD, weather) => pace * (isByHeat ? tabled.daysIn(ageD, weather) : 1),
  }
  return { clock, history: historyBy(clock) }
}
/** Varieties of a crop differ by no more than this in the length of their season. Unconfirmed */
const MAX_PACE = 1.6

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
  const sincePlanting = daysBetween(season.setup.field.plantingDay, day)
  if (sincePlanting >= 0) passTime(season, day, weather)
  const et0Mm = et0Of(season, day, weather, notes)
  if (weather.rainMm == null) notes.push('no-rain')
  if (season.lastForecast?.day === day && weather.rainMm != null)
    season.skill = updateRainSkill(season.skill, season.lastForecast.rainMm, weather.rainMm)
  const irrigationMm = arrivedMm(season, line, notes) * system.efficiency
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
        mm: irrigationMm,
        wettedFraction: system.wettedFraction,
        isMetered: line?.appliedMm != null,
      },
      readings: line?.soilMoisture,
      saltKs: saltOf(season).ks,
    },
    notes,
  )
  growCrop(season, et0Mm)
  addSalt(season, irrigationMm)
  season.lastDay = day
  season.orderedMm = 0
  if (line) season.daysRecorded += 1
  season.recentEt0Mm = [...season.recentEt0Mm, et0Mm].slice(-RECENT_DAYS)
}

/** Ageing, frost and cutting. */
function passTime(season: Season, day: Day, weather: DayWeather): void {
  const { crop, clock, water } = season
  const { late } = meanMember(water.ensemble, water)
  const leavesD = season.ageD - late
  if (weather.tMinC != null && isKilledByFrost(crop.id, water.ensemble.canopy, leavesD, weather.tMinC))
    season.killedBy ??= { day, minC: weather.tMinC }
  season.ageD += clock.daysIn(season.ageD, weather)
  const cycleD = cutCycleD(crop)
  if (cycleD === null || season.ageD < cycleD) return
  season.ageD -= cycleD
  water.ageD = 0
  season.growthD = 0
  season.growth = initialGrowth()
  cutLeaves(water.ensemble)
  const grownM = water.rootDepthAt(Infinity)
  water.rootDepthAt = () => grownM
}

/** Gross irrigation of the day, mm. */
function arrivedMm(season: Season, line: DayLine | null, notes: DecisionNote[]): number {
  const { orderedMm, system, water } = season
  const mm = line?.appliedMm ?? orderedMm
  season.arrival = { ...season.arrival, sinceOrderD: season.arrival.sinceOrderD + 1 }
  if (line === null || orderedMm <= 0) {
    if (line?.appliedMm) season.arrival = noOrderYet
    return mm
  }
  const arrived = hasArrived(water, line, orderedMm, orderedMm * system.efficiency)
  season.arrival = afterOrder(season.arrival, arrived)
  if (arrived !== false) return mm
  notes.push({ key: 'water-missing', params: { orderedMm, runs: season.arrival.missedRuns } })
  return line.appliedMm ?? 0
}

/** Growth of the crop from its water, by the means of the members. */
function growCrop(season: Season, et0Mm: number): void {
  const { water, stress, crop } = season
  const { cover, use, late, ripe, tolerance, ...mean } = meanMember(water.ensemble, water)
  const used = mean.used - tolerance
  const passed = season.ageD - season.growthD
  season.growthD = season.ageD
  if (passed <= 0) return
  const ksStomata = ks(stress.stomata, used, et0Mm) * saltOf(season).ks
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

function decideNext(
  season: Season,
  day: Day,
  ahead: DayLine['forecast'] | null,
  notes: DecisionNote[],
): Decision {
  const { setup, system } = season
  const water = meanMember(season.water.ensemble, season.water)
  const fromD = daysBetween(setup.field.plantingDay, day)
  const forecast = (ahead ?? []).filter((forecastDay) => forecastDay.day >= day)
  if (forecast.length === 0) notes.push('no-forecast')
  const tomorrow = forecast.find((forecastDay) => forecastDay.day === day)
  season.lastForecast = tomorrow?.rainMm == null ? null : { day, rainMm: tomorrow.rainMm }
  const days = fromD >= 0 ? daysAheadOf(season, day) : null
  if (season.killedBy) {
    const { day: night, minC } = season.killedBy
    notes.push({ key: 'killed-by-frost', params: { day: night, minC } })
  } else if (!days || days.count === 0) notes.push('not-in-season')
  const situation = days && days.count > 0 ? situationOf(season, day, days, forecast) : null
  if (situation && season.ruleDay !== null && daysBetween(season.ruleDay, day) >= SEARCH_DAYS) {
    season.rule = improveRule(season.rule, season.tables, situation)
    season.ruleDay = day
  }
  const driest = situation && driestNow(season, situation.days)
  if (driest) notes.push({ key: 'probes-dry', params: { depletionMm: tenth(driest.depletionMm) } })
  const decision: Demand | null =
    situation &&
    demand({
      ...situation,
      now: { ...situation.now, depletionMm: Math.max(situation.now.depletionMm, driest?.depletionMm ?? 0) },
      rule: season.rule,
      mustMm: driest ? 0 : null,
    })
  const isWithheld = isOrderWithheld(season.arrival)
  if (isWithheld && (decision?.netMm ?? 0) > 0)
    notes.push({ key: 'order-withheld', params: { runs: season.arrival.missedRuns } })
  // what the probes lack, so that they show that it came
  const leastMm = driest ? Math.min(driest.depletionMm, system.maxMm * system.efficiency) : 0
  const netMm = isWithheld ? 0 : Math.max(leastMm, decision?.netMm ?? 0)
  const salt = netMm > 0 ? leachingTerm(season, netMm, water.depletionMm, day, forecast) : null
  notes.push(...saltNotes(season))
  const irrigateMm = tenth(Math.min(system.maxMm, (netMm + (salt?.netMm ?? 0)) / system.efficiency))
  season.orderedMm = irrigateMm
  season.leachedMm = salt?.netMm ?? 0
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
      ...distinct(notes),
    ],
  }
}

/**
 * The depletion that the probes show, when they stand at the wilting point in a sensitive phase: then water is due, whatever the
 * estimate.
 */
function driestNow({ water, response }: Season, days: DaysAhead): { depletionMm: number } | null {
  const isSensitive = response.ky[days.phase[0]!]! >= SENSITIVE * Math.max(...response.ky)
  const depletionMm = isSensitive && water.wiltingDays >= WILTING_DAYS ? driestMm(water) : null
  return depletionMm === null ? null : { depletionMm }
}
/** Of the highest Ky of the phases. */
const SENSITIVE = 0.95
const WILTING_DAYS = 3

/** Each note once. */
const distinct = (notes: readonly DecisionNote[]): Decision['why'] => [
  ...new Map(
    notes.map((note) => [JSON.stringify(note), typeof note === 'string' ? { key: note } : note]),
  ).values(),
]

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
function et0Of(season: Season, day: Day, weather: DayWeather, notes: DecisionNote[]): number {
  if (weather.et0Mm != null) return weather.et0Mm
  const byTemperature = et0ByHargreaves(season.setup.site.latDeg, day, weather)
  notes.push(byTemperature === null ? 'et0-expected' : 'et0-hargreaves')
  return byTemperature ?? expectedEt0Mm(season.history, season.recentEt0Mm, day)
}
