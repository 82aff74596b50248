/**
 * Green canopy cover, 0-1: exponential growth and exponential saturation (CGC), decline after senescence (CDC), both
 * modified by water stress. FAO Paper 66, Eqs 3.3-3.6; in incremental form, so that a stressed canopy continues from
 * its present cover.
 */
import type { LoopCrop } from './crops.ts'

/** Cover after a further `heatCd`, with growth at `ks` of its rate. */
export function grownCover(crop: LoopCrop, cover: number, heatCd: number, ks: number): number {
  const maxCover = crop.coverMost
  const pace = crop.growthPerCd * ks * heatCd
  const next =
    cover <= maxCover / 2
      ? Math.min(cover * Math.exp(pace), Math.max(cover, afterHalf(crop, cover, pace)))
      : maxCover - (maxCover - cover) * Math.exp(-pace)
  return Math.min(maxCover, Math.max(cover, next))
}

/** A step across half cover continues from there by the second equation. */
function afterHalf(crop: LoopCrop, cover: number, pace: number): number {
  const half = crop.coverMost / 2
  const toHalf = Math.log(half / cover)
  return pace <= toHalf ? Infinity : crop.coverMost - half * Math.exp(-(pace - toHalf))
}

/** Cover after a decline that started at `from` continues for `heatCd`, at `pace` of the crop's CDC. */
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

/** Cover adjusted for micro-advection: a sparse canopy transpires more than its share. */
export const advected = (cover: number): number => 1.72 * cover - cover ** 2 + 0.3 * cover ** 3
