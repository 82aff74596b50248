/** What a grower wants of a field's water, and what water and harvest are worth. What nobody has said is null, never 0. */
import type { Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

/** Phases of FAO-33, by which a shortage costs more or less. */
export type GrowthPhase = 'vegetative' | 'flowering' | 'yield-formation' | 'ripening'

/**
 * full: water where it is worth its price. regulated: phases that bear it are kept drier on purpose. supplemental: little
 * water there is, kept for the phases in which it counts most.
 */
export type StrategyKind = 'full' | 'regulated' | 'supplemental'

export interface StrategyRow {
  fieldId: string
  org: string
  kind: StrategyKind
  aims: Json<StrategyAims> | null
  riskAversion: number | null // 0: what happens on average counts; 1: the worst quarter of what may happen
  cropPricePerT: number | null
  yieldTonsHa: number | null // that is hoped for with all the water the crop wants
  perRunHa: number | null // labour and wear of one watering, per ha
  currency: string | null // ISO 4217
  waterEcDsM: number | null
  soilEcDsM: number | null // of the saturated extract, as a laboratory gives it
  soilEcDay: Day | null // on which it was sampled
}

export interface StrategyAims {
  /** regulated: share of TAW that may be used in a phase; absent: as its sensitivity allows */
  deplete?: Partial<Record<GrowthPhase, number>>
  /** supplemental: the phases that are watered; absent: the most sensitive */
  phases?: GrowthPhase[]
  /** supplemental: waterings of the season, and gross mm of the season; absent: no limit */
  waterings?: number
  mostMm?: number
}

/** What water costs at a pump, or anywhere on a farm. */
export interface WaterPrice {
  waterPerM3?: number
  energyPerM3?: number
  currency?: string
}
