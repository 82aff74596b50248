/**
 * Leaching in addition to a refill: where the water is salty enough and the soil, if known, is near the crop's
 * threshold (FAO-29, section 2.4: leaching may wait until then). Never when rain is expected to fill the soil: it
 * leaches by itself, and both together waterlog the soil.
 */
import { leachingMm, leachingShare, saltThresholdDsM } from '../../agronomy/water/salinity.ts'
import type { FieldSalt } from './salt-balance.ts'

export interface Salts extends Pick<FieldSalt, 'ecDsM' | 'dueMm'> {
  crop: string
  waterEcDsM: number | null
}

export interface Leaching {
  /** net mm in addition to the refill */
  netMm: number
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
/** A refill of at least this share fills the roots: a partial one does not leach. */
const FILLED = 0.98

/** A refill, net mm. */
export interface Refill {
  netMm: number
  /** that would fill the roots */
  missingMm: number
  /** that the system can give at once */
  mostMm: number
  /** rain by the next opportunity to irrigate, 90 %; null: unknown */
  rainHiMm: number | null
}

/** Null: no leaching is needed. */
export function leachingOf(salts: Salts, { netMm, missingMm, mostMm, rainHiMm }: Refill): Leaching | null {
  const { crop, waterEcDsM, ecDsM, dueMm } = salts
  const thresholdDsM = saltThresholdDsM(crop)
  if (netMm <= 0 || thresholdDsM === null || (ecDsM !== null && ecDsM < NEAR * thresholdDsM)) return null
  const postponed = (waits: 'rain' | 'no-water-ec'): Leaching => ({ netMm: 0, share: 0, waits, thresholdDsM })
  if (waterEcDsM === null) return ecDsM === null ? null : postponed('no-water-ec')
  const share = leachingShare(waterEcDsM, thresholdDsM)
  if (share === 0) return null
  if (rainHiMm !== null && rainHiMm >= MOST_RAIN_MM) return postponed('rain')
  if (netMm < FILLED * missingMm) return { netMm: 0, share, waits: null, thresholdDsM }
  const moreMm = Math.min(leachingMm(netMm, share) + dueMm, Math.max(0, mostMm - netMm))
  return { netMm: moreMm, share, waits: null, thresholdDsM }
}
