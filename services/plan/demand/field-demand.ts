/**
 * The water demand of a farm's field, by the same decision as `npm run decide`: its state with its uncertainty,
 * the weather courses that its forecast allows, its prices, its grower's risk and strategy, and the rule
 * learned from its own years (learn/water-rule) or from the tables.
 */
import { dayOf } from '../../../broker/contract/time.ts'
import type { BasisKey, WithheldKey } from '../message-keys.ts'
import { depthFor, refillLine, type Line, type WaterValue } from '../../irrigation-model/demand.ts'
import { ruleFor, tableRule, withMargin } from '../../irrigation-model/learn-rule.ts'
import type { Rule } from '../../irrigation-model/rollout.ts'
import { drawCourses } from './forecast-courses.ts'
import { strategyLine, type SeasonWater } from './strategy.ts'
import { demandBasis, type DemandBasis, type FieldDemandInput } from './demand-basis.ts'
import { situationOf } from './demand-situation.ts'

export interface FieldDemand {
  /** depletion at which irrigation starts, mm; TAW when none is needed any more */
  lineMm: number
  /** the line before the strategy: a field drier than this that gets no water shows the reason */
  ordinaryMm: number
  basis: BasisKey
  /** water-missing: the water of the last runs did not arrive; season-over: the crop is ripe, or its harvest is due */
  withheld: WithheldKey | 'water-missing' | 'season-over' | null
  /** depletion that the probes show when they make water due, mm; null: they do not */
  dryMm: number | null
  /** net mm for a depletion when the valve opens, more than that for soil that the roots will reach; 0: no depth pays */
  depthMm: (depletionMm: number) => number
  waterValue: WaterValue
  /** prices of water and harvest are not entered */
  isValueAssumed: boolean
}

const NO_WATER_YET: SeasonWater = { irrigations: 0, grossMm: 0 }

/** Null where the state is not sufficient, or the crop unknown. */
export function fieldDemand(x: FieldDemandInput): FieldDemand | null {
  const basis = demandBasis(x)
  if (!basis) return null
  if (isOver(x, basis)) return demandOfNothing(basis)
  if (x.ownLimit != null) return ownDemand(x.ownLimit, basis)
  const {
    crop,
    response,
    waterValue,
    isValueAssumed,
    withheldAfterRuns,
    agesD,
    dryMm: probesMm,
    ...inputs
  } = basis
  // the ages follow from the first, their pace and their number
  const ages = [agesD[0], agesD.length]
  const key = JSON.stringify([
    crop.id,
    waterValue,
    isValueAssumed,
    ages,
    inputs,
    x.learned ?? null,
    coursesKey(x),
  ])
  const { lineMm, ruleMm } = cachedLine(key, () => refillLine(situationOf(x, basis, ruleOf(x, basis))))
  const { tawMm } = basis
  const ordinaryMm = Math.min(tawMm, lineMm ?? tawMm)
  const { strategy = null, seasonWater = NO_WATER_YET } = x
  const strategyResult = strategyLine(strategy, {
    lineMm: ordinaryMm,
    tawMm,
    phase: basis.phase,
    response,
    seasonWater,
  })
  const dryMm = strategyResult.withheld ? null : probesMm
  const isUneconomic = lineMm === null && dryMm === null
  return {
    lineMm: Math.min(tawMm, strategyResult.lineMm, dryMm ?? Infinity),
    dryMm,
    ordinaryMm: isUneconomic ? ruleMm : ordinaryMm,
    basis:
      (dryMm === null ? null : 'probes-dry') ??
      strategyResult.basis ??
      (isUneconomic ? 'uneconomic' : x.learned ? 'learned' : isValueAssumed ? 'tables' : 'marginal-value'),
    withheld:
      strategyResult.withheld ??
      (isUneconomic && strategyResult.basis !== 'regulated'
        ? 'uneconomic'
        : withheldAfterRuns > 0
          ? 'water-missing'
          : null),
    depthMm(depletionMm) {
      // depths are tested as shares: a whole mm more or less changes none of them
      const wholeMm = Math.max(1, Math.round(depletionMm))
      const share = cachedDepth(`${key} ${wholeMm}`, () => {
        const situation = situationOf(x, basis, ruleOf(x, basis))
        return depthFor({ ...situation, now: { ...situation.now, depletionMm: wholeMm } }).netMm / wholeMm
      })
      const mostMm =
        strategyResult.maxMm === null ? Infinity : strategyResult.maxMm * (x.zone?.efficiency ?? 1)
      const { leaveMm } = strategyResult
      const wantedMm = Math.min(share * depletionMm, leaveMm > 0 ? depletionMm - leaveMm : Infinity)
      // what the probes lack, so that they show that it came
      const leastMm = Math.min(dryMm ?? 0, depletionMm)
      return Math.max(0, Math.min(Math.max(leastMm, wantedMm), mostMm))
    },
    waterValue,
    isValueAssumed,
  }
}

/** A person's own limit takes precedence over price and risk, not over what the probes show of ordered and of missing water. */
function ownDemand(limit: number, { tawMm, dryMm, withheldAfterRuns, ...basis }: DemandBasis): FieldDemand {
  const ordinaryMm = limit * tawMm
  return {
    lineMm: Math.min(ordinaryMm, dryMm ?? Infinity),
    dryMm,
    ordinaryMm,
    basis: dryMm === null ? 'own-limit' : 'probes-dry',
    withheld: withheldAfterRuns > 0 ? 'water-missing' : null,
    depthMm: (depletionMm) => depletionMm,
    waterValue: basis.waterValue,
    isValueAssumed: false,
  }
}

/** A person's own limit ends with the harvest that is planned, not with an estimate of the crop's age. */
const isOver = ({ ownLimit, season }: FieldDemandInput, { agesD, endD, today }: DemandBasis): boolean =>
  ownLimit == null
    ? !(agesD[0]! < endD)
    : season.harvestPlannedDay !== null && season.harvestPlannedDay <= today

const demandOfNothing = ({ tawMm, waterValue, isValueAssumed }: DemandBasis): FieldDemand => ({
  lineMm: tawMm,
  dryMm: null,
  ordinaryMm: tawMm,
  basis: 'season-over',
  withheld: 'season-over',
  depthMm: () => 0,
  waterValue,
  isValueAssumed,
})

const cachedLine = memoize<Line>()
const cachedDepth = memoize<number>()

function ruleOf({ learned }: FieldDemandInput, { crop, isValueAssumed, sdMm, tawMm }: DemandBasis): Rule {
  const doubt = sdMm / tawMm
  if (learned) return ruleFor(learned, doubt)
  const tables = tableRule(crop)
  return isValueAssumed ? tables : withMargin(tables, doubt)
}

const coursesKey = (x: FieldDemandInput): string => `${dayOf(x.state.atMs, x.timeZone)} ${drawCourses(x).key}`

// of a co-operative's zones, for the current and another forecast
const MAX_ENTRIES = 4_000

/** `key` must contain everything that `work` depends on: a time in it makes another key. */
function memoize<Answer>(): (key: string, work: () => Answer) => Answer {
  const cache = new Map<string, { answer: Answer }>()
  return (key, work) => {
    const cached = cache.get(key)
    if (cached) return cached.answer
    const result = work()
    // the oldest entry goes first
    if (cache.size >= MAX_ENTRIES) cache.delete(cache.keys().next().value!)
    cache.set(key, { answer: result })
    return result
  }
}
