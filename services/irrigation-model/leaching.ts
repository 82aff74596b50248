/**
 * Whether a watering brings more than the roots lack, to carry salt away: where the water is salty enough to ask for it and
 * the soil, if anybody knows it, has come near what the crop bears (FAO-29, section 2.4: leaching may wait until then).
 * Never when rain may fill the soil or worse: it carries the salt away by itself, and two waters make a bog.
 */
import { leachingShare, saltThresholdDsM } from '../agronomy/water/salinity.ts'

export interface Salts {
  crop: string
  waterEcDsM: number | null
  soilEcDsM: number | null // ECe
}

export interface Leaching {
  /** of the water that enters the soil; 0: it waits */
  share: number
  waits: 'rain' | 'no-water-ec' | null
  bearsDsM: number
}

/** Of what the crop bears: a soil below it can wait. Unconfirmed. */
const NEAR = 0.75
/** Rain that nine in ten such days do not pass, mm: less fills no soil that is watered now. Unconfirmed. */
const MOST_RAIN_MM = 10

/** Null: nothing asks for it. `rainHiMm`: rain by the next chance to water, 90 %; null where nobody knows it. */
export function leachingOf({ crop, waterEcDsM, soilEcDsM }: Salts, rainHiMm: number | null): Leaching | null {
  const bearsDsM = saltThresholdDsM(crop)
  if (bearsDsM === null || (soilEcDsM !== null && soilEcDsM < NEAR * bearsDsM)) return null
  if (waterEcDsM === null) return soilEcDsM === null ? null : { share: 0, waits: 'no-water-ec', bearsDsM }
  const share = leachingShare(waterEcDsM, bearsDsM)
  if (share === 0) return null
  if (rainHiMm !== null && rainHiMm >= MOST_RAIN_MM) return { share: 0, waits: 'rain', bearsDsM }
  return { share, waits: null, bearsDsM }
}
