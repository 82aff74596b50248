/**
 * The value of a field's yield and its water from the entries of the farm, with assumptions for missing ones.
 */
import type { CropResponse } from './crop-response.ts'
import type { WaterValue } from './demand.ts'

/** As entered by a farm; any one currency. */
interface Economics {
  cropPricePerT?: number | null | undefined
  yieldTPerHa?: number | null | undefined // a full one, in the unit of the price
  waterCostPerMm?: number | null | undefined // per ha
  energyCostPerMm?: number | null | undefined // per ha
  costPerIrrigation?: number | null | undefined // per ha
  riskAversion?: number | null | undefined // 0-1
}

/** Without prices: 100 mm are worth this share of a full yield, %. Between expensive and cheap water; a farm should enter its own. Unconfirmed */
export const DEFAULT_WATER_PERCENT = 2.5
export const DEFAULT_RISK_AVERSION = 0.25

interface WaterValueResult {
  waterValue: WaterValue
  /** keys of the assumptions */
  notes: string[]
  /** a price of the harvest or of the water is assumed; a good yield of the tables replaces a missing yield */
  isAssumed: boolean
}

/** `dryTHa`: dry yield of an unstressed season, by the crop's growth; null: unknown. */
export function waterValue(
  entered: Economics | null,
  response: CropResponse,
  dryTHa: number | null = null,
): WaterValueResult {
  const notes: string[] = []
  const valid = (value: number | null | undefined): number | null =>
    value != null && Number.isFinite(value) && value >= 0 ? value : null
  const price = valid(entered?.cropPricePerT)
  const yieldTHa = valid(entered?.yieldTPerHa) ?? assumedYieldTHa(response, dryTHa)
  const risk = Math.min(1, valid(entered?.riskAversion) ?? DEFAULT_RISK_AVERSION)
  const water = valid(entered?.waterCostPerMm)
  const energy = valid(entered?.energyCostPerMm)
  if (entered === null) notes.push('no-economics')
  if (price !== null && valid(entered?.yieldTPerHa) === null) notes.push('yield-usual')
  if (price === null || price === 0 || yieldTHa === 0) {
    if (entered !== null) notes.push('no-price')
    return {
      waterValue: { yieldPerHa: 100, waterPerMm: DEFAULT_WATER_PERCENT / 100, perRun: 0, riskAversion: risk },
      notes,
      isAssumed: true,
    }
  }
  const yieldPerHa = price * yieldTHa
  if (water === null && energy === null) notes.push('no-water-cost')
  const waterPerMm =
    water === null && energy === null
      ? (DEFAULT_WATER_PERCENT * yieldPerHa) / 10_000
      : (water ?? 0) + (energy ?? 0)
  return {
    waterValue: {
      yieldPerHa,
      waterPerMm,
      perRun: valid(entered?.costPerIrrigation) ?? 0,
      riskAversion: risk,
    },
    notes,
    isAssumed: notes.some((note) => note !== 'yield-usual'),
  }
}

/** FAO-33 yields from here on are of fresh tubers, fruit and leaves. */
const FRESH_T_HA = 15

/**
 * The yield of this place and season by growth, where grain is sold. Fresh produce may be priced fresh or dry
 * (a simulator knows only dry): the geometric mean of both.
 */
function assumedYieldTHa({ yieldTHa, isOwn }: CropResponse, dryTHa: number | null): number {
  if (dryTHa === null || !isOwn) return yieldTHa
  return yieldTHa < FRESH_T_HA ? dryTHa : Math.sqrt(yieldTHa * dryTHa)
}
