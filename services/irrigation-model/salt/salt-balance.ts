/**
 * The salt of a field through its season: what irrigation brings, less what percolation below the roots carries away with soil
 * water of twice the EC of the saturated extract (FAO-29, section 1.4: ECsw = 2 ECe); its effect on the crop, and the leaching
 * that past irrigations lack.
 */
import type { Crop } from '../../agronomy/crops/crop.ts'
import {
  leachingMm,
  leachingShare,
  MAX_SHARE,
  saltEffect,
  saltThresholdDsM,
} from '../../agronomy/water/salinity.ts'
import { tenth } from '../../runtime/math.ts'

/** The salt of the roots. */
export interface FieldSalt {
  /** ECe, from a measurement on and carried forward by the balance, dS/m; null: not measured */
  ecDsM: number | null
  /** day of the measurement; null: not measured, or before planting */
  measuredDay: string | null
  /** leaching that past irrigations lack, net mm */
  dueMm: number
}

export const noSalt: FieldSalt = { ecDsM: null, measuredDay: null, dueMm: 0 }

/** FAO-29, Table 3: with a leaching fraction of 15-20 % the soil reaches this multiple of the water's EC. */
const LONG_TERM = 1.5
const SOIL_WATER = 2

/** ECe of the roots: measured, else of years with the same water; null: unknown. dS/m. */
export const saltEcDsM = ({ ecDsM }: Pick<FieldSalt, 'ecDsM'>, waterEcDsM: number | null): number | null =>
  ecDsM ?? (waterEcDsM === null ? null : LONG_TERM * waterEcDsM)

/** The effect of the salt on the crop; none where the soil is unknown. */
export function saltEffectOf(
  crop: Pick<Crop, 'id' | 'ky'>,
  salt: Pick<FieldSalt, 'ecDsM'>,
  waterEcDsM: number | null,
): { yieldShare: number; ks: number } {
  const ecDsM = saltEcDsM(salt, waterEcDsM)
  return ecDsM === null ? { yieldShare: 1, ks: 1 } : saltEffect(crop.id, crop.ky, ecDsM)
}

/** The water of a day that moves salt, net mm. */
interface SaltWater {
  irrigationMm: number
  /** what passes the roots, of rain and irrigation */
  percolatedMm: number
  /** of the roots of the grown crop, how deep those of today are, 0-1: above them salt only moves down */
  rootShare: number
  /** water of the grown roots at field capacity */
  storeMm: number
}

/** The salt after a day. */
export function saltAfterDay(
  salt: FieldSalt,
  cropId: string,
  waterEcDsM: number,
  { irrigationMm, percolatedMm, rootShare, storeMm }: SaltWater,
): FieldSalt {
  const leachedMm = percolatedMm * Math.min(1, rootShare)
  const thresholdDsM = saltThresholdDsM(cropId)
  const share = thresholdDsM === null ? 0 : leachingShare(waterEcDsM, thresholdDsM)
  const keptMm = Math.max(0, irrigationMm - leachedMm)
  return {
    ...salt,
    dueMm: Math.max(0, salt.dueMm - leachedMm + leachingMm(keptMm, share)),
    // without a measured soil the long-term value holds
    ecDsM:
      salt.ecDsM === null ? null : saltAfter(salt.ecDsM, waterEcDsM, { irrigationMm, leachedMm, storeMm }),
  }
}

/** ECe after irrigation and leaching, dS/m. */
function saltAfter(
  ecDsM: number,
  waterEcDsM: number,
  { irrigationMm, leachedMm, storeMm }: { irrigationMm: number; leachedMm: number; storeMm: number },
): number {
  const atSaturationMm = SOIL_WATER * storeMm
  return Math.max(0, ecDsM + (waterEcDsM * irrigationMm - SOIL_WATER * ecDsM * leachedMm) / atSaturationMm)
}

/** What a person has to know of the salt of a field. */
export type SaltNote =
  | { key: 'salt-loss'; params: { ecDsM: number; thresholdDsM: number; lossPercent: number } }
  | { key: 'water-too-salty'; params: { waterEcDsM: number; thresholdDsM: number } }
  | { key: 'leaching-due'; params: { mm: number } }

/** The salt that the crop suffers from, water that no leaching makes fit, and leaching that is due. */
export function saltNotes(
  crop: Pick<Crop, 'id' | 'ky'>,
  salt: Pick<FieldSalt, 'ecDsM' | 'dueMm'>,
  waterEcDsM: number | null,
  efficiency: number,
): SaltNote[] {
  const thresholdDsM = saltThresholdDsM(crop.id)
  if (thresholdDsM === null) return []
  const notes: SaltNote[] = []
  const ecDsM = saltEcDsM(salt, waterEcDsM)
  const lossPercent = Math.round(100 * (1 - saltEffectOf(crop, salt, waterEcDsM).yieldShare))
  if (ecDsM !== null && lossPercent > 0)
    notes.push({ key: 'salt-loss', params: { ecDsM: tenth(ecDsM), thresholdDsM, lossPercent } })
  if (waterEcDsM !== null && leachingShare(waterEcDsM, thresholdDsM) >= MAX_SHARE)
    notes.push({ key: 'water-too-salty', params: { waterEcDsM, thresholdDsM } })
  if (salt.dueMm >= DUE_MM)
    notes.push({ key: 'leaching-due', params: { mm: tenth(salt.dueMm / efficiency) } })
  return notes
}
/** Less is not reported. */
const DUE_MM = 10
