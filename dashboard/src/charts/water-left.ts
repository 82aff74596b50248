/**
 * Water left as a grower counts it: millimetres that the crop uses without stress, 0 at the line where stress starts,
 * `rawMm` when full. Below 0 the crop uses the reserve. (FieldCard.left counts from the wilting point.)
 */
import type { FieldCard } from '../../../services/api/schemas.ts'

export type WaterZone = 'reserve' | 'refill' | 'good' | 'full' | 'over'

export interface WaterLeft {
  leftMm: number // may be below 0
  loMm: number | null
  hiMm: number | null
  rawMm: number
  reserveMm: number // between the wilting point and the stress line
  zone: WaterZone
}

/** Null for a paddy, or without a balance yet. */
export function waterLeft(card: Pick<FieldCard, 'left' | 'rawMm' | 'tawMm' | 'status'>): WaterLeft | null {
  const { left, rawMm, tawMm } = card
  if (left === null || left.v === null || rawMm === null || tawMm === null) return null
  const reserveMm = Math.max(0, tawMm - rawMm)
  const leftMm = left.v - reserveMm
  return {
    leftMm,
    loMm: left.lo === undefined ? null : left.lo - reserveMm,
    hiMm: left.hi === undefined ? null : left.hi - reserveMm,
    rawMm,
    reserveMm,
    zone: zoneOf(leftMm, rawMm, card.status),
  }
}

/** The zone by the level; a field that needs water now or soon is never drawn as good. */
function zoneOf(leftMm: number, rawMm: number, status: FieldCard['status']): WaterZone {
  if (leftMm < 0) return 'reserve'
  if (status === 'act' || status === 'soon' || leftMm < rawMm * 0.25) return 'refill'
  if (leftMm > rawMm + 0.5) return 'over'
  return leftMm > rawMm * 0.9 ? 'full' : 'good'
}

/** The place of an amount on a tank of this width, inside its edge. */
export function tankScale(
  { reserveMm, rawMm }: WaterLeft,
  width: number,
  edge: number,
): (mm: number) => number {
  const inner = Math.max(0, width - 2 * edge)
  const perMm = inner / (reserveMm + rawMm || 1)
  return (mm) => edge + Math.max(0, Math.min(inner, (mm + reserveMm) * perMm))
}
