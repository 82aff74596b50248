/** The scale and the colour of a field's water: from 0, where irrigation is due, to the amount when the soil is full. */
import type { FieldCard } from '../../../services/api/schemas.ts'

export type WaterZone = 'short' | 'refill' | 'good' | 'full'

type Water = NonNullable<FieldCard['water']>

/** The zone by the status: a field that is OK is drawn as good, and no other one is. */
export function waterZone({ leftMm, ofMm }: Water, status: FieldCard['status']): WaterZone {
  if (leftMm < 0) return 'short'
  if (status !== 'ok') return 'refill'
  return leftMm > ofMm * 0.9 ? 'full' : 'good'
}

/** The place of an amount on a tank of this width, inside its edge. */
export function tankScale(
  { ofMm }: Pick<Water, 'ofMm'>,
  width: number,
  edge: number,
): (mm: number) => number {
  const inner = Math.max(0, width - 2 * edge)
  const perMm = inner / (ofMm || 1)
  return (mm) => edge + Math.max(0, Math.min(inner, mm * perMm))
}
