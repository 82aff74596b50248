/**
 * Green cover of the ground, 0-1: exponential growth and exponential saturation (CGC), decline after senescence (CDC),
 * both slowed or hastened by thirst. FAO Paper 66, Eqs 3.3-3.6; written as steps, so that a stressed canopy goes on
 * from where it stands.
 */
import type { LoopCrop } from './crops.ts'

/** Cover after `heatCd` more, whose growth runs at `ks` of its pace. */
export function grownCover(crop: LoopCrop, cover: number, heatCd: number, ks: number): number {
  const most = crop.coverMost
  const pace = crop.growthPerCd * ks * heatCd
  const next =
    cover <= most / 2
      ? Math.min(cover * Math.exp(pace), Math.max(cover, afterHalf(crop, cover, pace)))
      : most - (most - cover) * Math.exp(-pace)
  return Math.min(most, Math.max(cover, next))
}

/** A step that passes the half cover goes on by the second law from there. */
function afterHalf(crop: LoopCrop, cover: number, pace: number): number {
  const half = crop.coverMost / 2
  const toHalf = Math.log(half / cover)
  return pace <= toHalf ? Infinity : crop.coverMost - half * Math.exp(-(pace - toHalf))
}

/** Cover after a decline that began at `from` goes on for `heatCd`, at `pace` of the crop's CDC. */
export function declinedCover(
  crop: LoopCrop,
  cover: number,
  from: number,
  heatCd: number,
  pace: number,
): number {
  if (pace <= 0 || cover <= 0) return cover
  const rate = (3.33 * crop.declinePerCd * pace) / (from + 2.29)
  const lostShare = 1 - Math.min(1, cover / from)
  const sinceCd = Math.log1p(lostShare / 0.05) / rate
  const next = from * (1 - 0.05 * Math.expm1(rate * (sinceCd + heatCd)))
  return Math.min(cover, Math.max(0, next))
}

/** Cover as the air meets it: a sparse canopy takes more than its share (adjusted for micro-advection). */
export const advected = (cover: number): number => 1.72 * cover - cover ** 2 + 0.3 * cover ** 3
