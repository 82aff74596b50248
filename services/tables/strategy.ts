/** Irrigation strategy of a field, and the value of water and harvest. Null is unknown, never 0. */
import type { Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

/** Growth phases of FAO-33, which differ in sensitivity to water shortage. */
export type GrowthPhase = 'vegetative' | 'flowering' | 'yield-formation' | 'ripening'

/**
 * full: irrigate where water is worth its price. regulated: tolerant phases are kept drier deliberately. supplemental:
 * scarce water is reserved for the most sensitive phases.
 */
export type StrategyKind = 'full' | 'regulated' | 'supplemental'

export interface StrategyRow {
  fieldId: string
  org: string
  kind: StrategyKind
  limits: Json<StrategyLimits> | null
  riskAversion: number | null // 0: expected outcome; 1: the worst quarter of outcomes
  cropPricePerT: number | null
  yieldTonsHa: number | null // expected with full irrigation
  perRunHa: number | null // labour and wear per irrigation and ha
  currency: string | null // ISO 4217
  waterEcDsM: number | null
  soilEcDsM: number | null // of the saturated extract, from a laboratory
  soilEcDay: Day | null // on which it was sampled
}

export interface StrategyLimits {
  /** regulated: allowed depletion of TAW by phase; absent: by its sensitivity */
  allowedDepletion?: Partial<Record<GrowthPhase, number>>
  /** supplemental: irrigated phases; absent: the most sensitive */
  phases?: GrowthPhase[]
  /** supplemental: irrigations and gross mm per season; absent: no limit */
  maxIrrigations?: number
  maxSeasonMm?: number
}

/** Price of water at a pump, or on the whole farm. */
export interface WaterPrice {
  waterPerM3?: number
  energyPerM3?: number
  currency?: string
}
