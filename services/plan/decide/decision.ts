/** The decision for the next day, and its reasons. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import type { DecisionTerm } from '../../tables.ts'
import { seasonAhead, situationOf } from './outlook.ts'
import type { Season } from './season-state.ts'
import type { DayLine } from './json-lines.ts'
import { isOrderWithheld } from '../../irrigation-model/arrival.ts'
import { cutCycleD } from '../../irrigation-model/cutting.ts'
import { leachingOf, type Leaching } from '../../irrigation-model/salt/leaching.ts'
import { rainBySkill } from '../../irrigation-model/rain-skill.ts'
import { saltNotes } from '../../irrigation-model/salt/salt-balance.ts'
import { probesDryMm } from '../../irrigation-model/field-outlook.ts'
import type { DecisionNote } from '../../irrigation-model/field-sensors.ts'
import { demand, type Demand } from '../../irrigation-model/demand.ts'
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import { improveRule } from '../../irrigation-model/learn-rule.ts'
import { percent, sumBy, tenth } from '../../runtime/math.ts'

export interface Decision {
  type: 'decision'
  day: Day
  irrigateMm: number
  why: (Omit<DecisionTerm, 'mm'> & { mm?: number | null })[]
}

/** Interval of the rule search. */
const SEARCH_DAYS = 5

/** Decides for `day`. `ahead`: the forecast from that day on. */
export function decideNext(
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
  const toCome = fromD >= 0 ? seasonAhead(season, day) : null
  const depletionMm = toCome?.outlook.depletionMm ?? water.depletionMm
  const isOver = !toCome || toCome.days.count === 0
  if (season.water.killedBy) {
    const { day: night, minC } = season.water.killedBy
    notes.push({ key: 'killed-by-frost', params: { day: night, minC } })
  } else if (isOver && cutCycleD(season.site.crop) === null) notes.push('not-in-season')
  const situation = isOver ? null : situationOf(season, day, toCome, forecast)
  if (situation && season.ruleDay !== null && daysBetween(season.ruleDay, day) >= SEARCH_DAYS) {
    season.rule = improveRule(season.rule, season.tables, situation)
    season.ruleDay = day
  }
  const { response } = season.site
  const dryMm = situation && probesDryMm(toCome!.outlook, response, situation.days.phase[0]! as 0 | 1 | 2 | 3)
  if (dryMm !== null) notes.push({ key: 'probes-dry', params: { depletionMm: tenth(dryMm) } })
  const decision: Demand | null =
    situation &&
    demand({
      ...situation,
      now: { ...situation.now, depletionMm: Math.max(situation.now.depletionMm, dryMm ?? 0) },
      rule: season.rule,
      mustMm: dryMm === null ? null : 0,
    })
  const isWithheld = isOrderWithheld(season.water.arrival)
  if (isWithheld && (decision?.netMm ?? 0) > 0)
    notes.push({ key: 'order-withheld', params: { runs: season.water.arrival.missedRuns } })
  // what the probes lack, so that they show that it came
  const leastMm = Math.min(dryMm ?? 0, system.maxMm * system.efficiency)
  const netMm = isWithheld ? 0 : Math.max(leastMm, decision?.netMm ?? 0)
  const { crop, waterEcDsM } = season.site
  const { salt } = season.water
  const leaching = leachingOf(
    { crop: crop.id, waterEcDsM, ...salt },
    {
      netMm,
      missingMm: depletionMm,
      mostMm: system.maxMm * system.efficiency,
      rainHiMm: rainHiMm(season, day, forecast),
    },
  )
  notes.push(...saltNotes(crop, salt, waterEcDsM, system.efficiency))
  const irrigateMm = tenth(Math.min(system.maxMm, (netMm + (leaching?.netMm ?? 0)) / system.efficiency))
  season.orderedMm = irrigateMm
  return {
    type: 'decision',
    day: addDays(day, -1),
    irrigateMm,
    why: [
      { key: 'depletion', mm: tenth(depletionMm), params: { sdMm: tenth(water.sdMm) } },
      {
        key: 'line',
        mm: decision?.lineMm == null ? null : tenth(decision.lineMm),
        params: { ruleMm: tenth(decision?.ruleMm ?? 0) },
      },
      { key: 'depth', mm: irrigateMm, params: { netMm: tenth(netMm) } },
      ...(leaching ? leachingTerm(leaching, system.efficiency) : []),
      {
        key: 'season-ahead',
        mm: tenth(decision?.seasonMm ?? 0),
        params: { lossPercent: Math.round(1000 * (decision?.loss ?? 0)) / 10 },
      },
      {
        key: 'learned',
        params: { usePercent: Math.round(100 * water.use), arrivalPercent: Math.round(100 * water.arrival) },
      },
      ...counterfactuals(season, decision, depletionMm),
      ...distinct(notes),
    ],
  }
}

function leachingTerm({ netMm, share, waits, thresholdDsM }: Leaching, efficiency: number): Decision['why'] {
  if (waits !== null) return [{ key: 'leaching-postponed', params: { reason: waits, thresholdDsM } }]
  if (netMm === 0) return []
  return [
    { key: 'leaching', mm: tenth(netMm / efficiency), params: { percent: percent(share), thresholdDsM } },
  ]
}

/** Rain of the next two days that nine in ten such forecasts do not exceed, mm; null: no forecast. */
function rainHiMm({ skill }: Season, day: Day, forecast: NonNullable<DayLine['forecast']>): number | null {
  const soon = forecast.filter((ahead) => ahead.day <= addDays(day, 1) && ahead.rainMm != null)
  return soon.length === 0 ? null : sumBy(soon, (ahead) => rainBySkill(ahead.rainMm!, skill)(0.9))
}

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
