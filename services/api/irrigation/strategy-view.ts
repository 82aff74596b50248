/** A field's strategy as it was entered, what its water costs by whoever says so, and how much salt its crop bears. */
import { saltThresholdDsM } from '../../agronomy/water/salinity.ts'
import { fromJson, type StrategyAims, type StrategyRow } from '../../tables.ts'
import type { PricePerM3 } from '../../domain/water-tariff.ts'
import type { StrategyView } from './strategy-schemas.ts'

const emptyAims: StrategyAims = {}

export function strategyView(
  row: StrategyRow | null,
  { crop, price }: { crop: string | null; price: PricePerM3 },
): StrategyView {
  const {
    deplete = {},
    phases = [],
    waterings = null,
    mostMm = null,
  } = row?.aims ? fromJson(row.aims) : emptyAims
  return {
    kind: row?.kind ?? 'full',
    deplete,
    phases,
    waterings,
    mostMm,
    riskAversion: row?.riskAversion ?? null,
    cropPricePerT: row?.cropPricePerT ?? null,
    yieldTonsHa: row?.yieldTonsHa ?? null,
    perRunHa: row?.perRunHa ?? null,
    currency: row?.currency ?? null,
    waterEcDsM: row?.waterEcDsM ?? null,
    soilEcDsM: row?.soilEcDsM ?? null,
    soilEcDay: row?.soilEcDay ?? null,
    bearsDsM: crop === null ? null : saltThresholdDsM(crop),
    waterPerM3: price.water,
    energyPerM3: price.energy,
    isWorthAssumed: row?.cropPricePerT == null || (price.water === null && price.energy === null),
  }
}
