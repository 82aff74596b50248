/**
 * Whether an irrigation exceeds the refill to leach salt: where the water is salty enough and the soil, if
 * known, is near the crop's threshold (FAO-29, section 2.4: leaching may wait until then). Never when rain is
 * expected to fill the soil: it leaches by itself, and both together waterlog the soil.
 */
import { leachingShare, saltThresholdDsM } from '../agronomy/water/salinity.ts'

export interface Salts {
  crop: string
  waterEcDsM: number | null
  soilEcDsM: number | null // ECe
}

export interface Leaching {
  /** of the water that enters the soil; 0: postponed */
  share: number
  waits: 'rain' | 'no-water-ec' | null
  thresholdDsM: number
}

/** Share of the crop's threshold below which a soil can wait. Unconfirmed. */
const NEAR = 0.75
/**
 * Rain that nine in ten such days do not exceed, mm: less does not fill a soil that is irrigated now.
 * Unconfirmed.
 */
const MOST_RAIN_MM = 10

/** Null: no leaching is needed. `rainHiMm`: rain by the next opportunity to irrigate, 90 %; null: unknown. */
export function leachingOf({ crop, waterEcDsM, soilEcDsM }: Salts, rainHiMm: number | null): Leaching | null {
  const thresholdDsM = saltThresholdDsM(crop)
  if (thresholdDsM === null || (soilEcDsM !== null && soilEcDsM < NEAR * thresholdDsM)) return null
  if (waterEcDsM === null) return soilEcDsM === null ? null : { share: 0, waits: 'no-water-ec', thresholdDsM }
  const share = leachingShare(waterEcDsM, thresholdDsM)
  if (share === 0) return null
  if (rainHiMm !== null && rainHiMm >= MOST_RAIN_MM) return { share: 0, waits: 'rain', thresholdDsM }
  return { share, waits: null, thresholdDsM }
}
