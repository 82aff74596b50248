/**
 * The value of a field's harvest and water: the grower's prices, the cost of a m³ at its zone, and the accepted
 * risk.
 */
import type { StrategyRow } from '../tables.ts'
import type { CropResponse } from './crop-response.ts'
import type { WaterValue } from './demand.ts'
import type { PricePerM3 } from '../domain/water-tariff.ts'
import { waterValue } from './water-value.ts'

type StrategyPrices = Pick<StrategyRow, 'cropPricePerT' | 'yieldTonsHa' | 'perRunHa' | 'riskAversion'>

/** 1 mm on a hectare. */
const M3_PER_MM_HA = 10

/** `isAssumed`: the price of the harvest, or of the water, is not entered. */
export function fieldWaterValue(
  strategy: StrategyPrices | null,
  price: PricePerM3,
  response: CropResponse,
): { waterValue: WaterValue; isAssumed: boolean } {
  const perMm = (perM3: number | null): number | null => (perM3 === null ? null : M3_PER_MM_HA * perM3)
  const isEntered = strategy !== null || price.water !== null || price.energy !== null
  const { waterValue: value, isAssumed } = waterValue(
    isEntered
      ? {
          cropPricePerT: strategy?.cropPricePerT,
          yieldTPerHa: strategy?.yieldTonsHa,
          waterCostPerMm: perMm(price.water),
          energyCostPerMm: perMm(price.energy),
          costPerIrrigation: strategy?.perRunHa,
          riskAversion: strategy?.riskAversion,
        }
      : null,
    response,
  )
  return { waterValue: value, isAssumed }
}
