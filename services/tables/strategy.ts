/** Irrigation strategy of a field, and the value of water and harvest. Null is unknown, never 0. */
import Type, { type Static } from 'typebox'
import type { Day } from '../../broker/contract/time.ts'
import { jsonColumn, type Json } from './json.ts'

/** Growth phases of FAO-33, which differ in sensitivity to water shortage. */
const GrowthPhase = Type.Enum(['vegetative', 'flowering', 'yield-formation', 'ripening'])
export type GrowthPhase = Static<typeof GrowthPhase>

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

const Depletion = Type.Optional(Type.Number())
const StrategyLimits = Type.Object({
  /** regulated: allowed depletion of TAW by phase; absent: by its sensitivity */
  allowedDepletion: Type.Optional(
    Type.Object({
      vegetative: Depletion,
      flowering: Depletion,
      'yield-formation': Depletion,
      ripening: Depletion,
    }),
  ),
  /** supplemental: irrigated phases; absent: the most sensitive */
  phases: Type.Optional(Type.Array(GrowthPhase)),
  /** supplemental: irrigations and gross mm per season; absent: no limit */
  maxIrrigations: Type.Optional(Type.Number()),
  maxSeasonMm: Type.Optional(Type.Number()),
})
export type StrategyLimits = Static<typeof StrategyLimits>
export const readStrategyLimits = jsonColumn('strategy.limits', StrategyLimits)

/** Price of water at a pump, or on the whole farm. */
export const WaterPrice = Type.Object({
  waterPerM3: Type.Optional(Type.Number()),
  energyPerM3: Type.Optional(Type.Number()),
  currency: Type.Optional(Type.String()),
})
export type WaterPrice = Static<typeof WaterPrice>
