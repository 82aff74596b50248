/** Every kind of model, in the order of the nightly job. A new kind adds a file and a line here. */
import { predictEt0, monitorEt0, fitEt0, type Et0Days } from './et0/forecast.ts'
import { loadEt0 } from './et0/load.ts'
import { loadMoisture } from './soil-moisture/load.ts'
import type { Learner } from './fitting/learner.ts'
import type { MoistureDays } from './soil-moisture/paths.ts'
import { loadFlights } from './pest-flight/load.ts'
import { fitFlight, type FlightData } from './pest-flight/fit.ts'
import type { ModelKind } from '../tables.ts'
import { fitMoisture, predictMoisture, monitorMoisture } from './soil-moisture/forecast.ts'
import { loadWaterRule } from './water-rule/load.ts'
import { loadYield } from './yield/load.ts'
import { applicationRate, valveFlow } from './valve-flow/learners.ts'
import { fitRule, type RuleYears } from './water-rule/fit.ts'
import { fitSeasons, predictYield, type YieldSeasons } from './yield/forecast.ts'

const REFIT_DAYS = 14

export const learners: readonly Learner<unknown>[] = [
  {
    kind: 'soil-moisture',
    refitDays: REFIT_DAYS,
    load: loadMoisture,
    fit: fitMoisture,
    predict: predictMoisture,
    monitor: monitorMoisture,
  } satisfies Learner<MoistureDays>,
  {
    kind: 'et0',
    refitDays: REFIT_DAYS,
    load: loadEt0,
    fit: fitEt0,
    predict: predictEt0,
    monitor: monitorEt0,
  } satisfies Learner<Et0Days>,
  {
    kind: 'pest-flight',
    refitDays: REFIT_DAYS,
    load: loadFlights,
    fit: fitFlight,
    predict: () => [], // the outlook of the insect gives its dates
  } satisfies Learner<FlightData>,
  {
    kind: 'yield',
    refitDays: REFIT_DAYS,
    load: loadYield,
    fit: fitSeasons,
    predict: predictYield,
  } satisfies Learner<YieldSeasons>,
  valveFlow,
  applicationRate,
  {
    kind: 'water-rule',
    refitDays: REFIT_DAYS,
    load: loadWaterRule,
    fit: fitRule,
    predict: () => [], // it determines when irrigation is due and predicts no values
  } satisfies Learner<RuleYears>,
]

/** RangeError for a kind without a learner. */
export function learnerOf(kind: ModelKind): Learner<unknown> {
  const match = learners.find((learner) => learner.kind === kind)
  if (!match) throw new RangeError(`nothing learns ${kind}`)
  return match
}
