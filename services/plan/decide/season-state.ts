/** The state of one season of `npm run decide`, from its setup to the last day. */
import type { Day } from '../../../broker/contract/time.ts'
import type { WaterValue } from '../../irrigation-model/demand.ts'
import type { RainSkill } from '../../irrigation-model/rain-skill.ts'
import type { IrrigationSystem, Rule } from '../../irrigation-model/rollout.ts'
import type { History } from '../../irrigation-model/weather-history.ts'
import type { SetupLine } from './json-lines.ts'
import type { FieldSite, FieldWater } from '../../irrigation-model/field-water.ts'
import type { Layer } from '../../irrigation-model/soil-layers.ts'

export interface Season {
  setup: SetupLine
  site: FieldSite
  layers: readonly Layer[]
  history: History
  tables: Rule
  rule: Rule
  ruleDay: Day | null // the day of the last search
  fullHarvest: number // harvest of an unstressed season, in the units of `CropGrowth`
  waterValue: WaterValue
  isValueAssumed: boolean
  system: IrrigationSystem
  notes: string[] // that hold all season
  timeZone: string
  lastDay: Day | null
  water: FieldWater
  skill: RainSkill
  lastForecast: { day: Day; rainMm: number } | null // the last forecast of the next day
  orderedMm: number // gross, by the last decision; an irrigation that is not reported is assumed to be this
  recentEt0Mm: number[] // newest last
}
