/** What a record of water takes of the shares of its zone, pump and mains: alike for the plan, dispatch and the pages. */
import { MINUTE_MS } from '../../broker/contract/time.ts'
import { MANUAL } from './manual-water.ts'
import type { IrrigationRow, ZoneRow } from '../tables.ts'

export type AccountedRecord = Pick<IrrigationRow, 'litres' | 'ranMs' | 'cause'>
type AccountedZone = Pick<ZoneRow, 'areaM2' | 'applicationRateMmH' | 'maxDepthMm' | 'maxMinutes'>

/**
 * L, as metered, told or by rate. Unknown water counts as all that can have flowed, for water that is not counted would be
 * given a second time: the minutes (or the bound of them) at the zone's rate. Where those say nothing, because a person wrote
 * down that there was water and not how long, or the zone has no rate, it counts as the largest run that the zone may have.
 * That is no bound of what a hand can give; but 0 would leave the whole share open, and all that is left of it would take the
 * water of a season from every zone below for one can. Who knows better takes the record back and writes down a guess.
 */
export function accountedLitres({ litres, ranMs, cause }: AccountedRecord, zone: AccountedZone): number {
  if (litres !== null) return litres
  const { areaM2, applicationRateMmH, maxDepthMm, maxMinutes } = zone
  const flowLpm = (applicationRateMmH * areaM2) / 60
  if (ranMs > 0 && flowLpm > 0) return (ranMs / MINUTE_MS) * flowLpm
  // a valve that never opened gave nothing
  if (ranMs === 0 && cause !== MANUAL) return 0
  const deepestLitres = maxDepthMm * areaM2
  return flowLpm > 0 ? Math.min(deepestLitres, maxMinutes * flowLpm) : deepestLitres
}
