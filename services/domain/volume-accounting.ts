/**
 * The volume that an irrigation record counts against the quotas of its zone, pump and mains. Shared by the plan,
 * dispatch and the dashboard.
 */
import { MINUTE_MS } from '../../broker/contract/time.ts'
import { MANUAL_ENTRY } from './manual-water.ts'
import type { IrrigationRow, ZoneRow } from '../tables.ts'

export type AccountedRecord = Pick<IrrigationRow, 'litres' | 'ranMs' | 'cause'>
type AccountedZone = Pick<ZoneRow, 'areaM2' | 'applicationRateMmH' | 'maxDepthMm' | 'maxMinutes'>

/**
 * L, as metered, reported or by rate. Unknown water counts at its upper bound, because uncounted water would be
 * allocated twice: the minutes (or their bound) at the rate of the zone. Without either, because a person reported
 * water without a duration or the zone has no rate, it counts as the largest run of the zone. That is not a bound for
 * manual water; but 0 would ignore the quota, and the whole quota would block every zone below for one watering can. A
 * person with a better estimate voids the record and enters it.
 */
export function accountedLitres({ litres, ranMs, cause }: AccountedRecord, zone: AccountedZone): number {
  if (litres !== null) return litres
  const { areaM2, applicationRateMmH, maxDepthMm, maxMinutes } = zone
  const flowLpm = (applicationRateMmH * areaM2) / 60
  if (ranMs > 0 && flowLpm > 0) return (ranMs / MINUTE_MS) * flowLpm
  // a valve that never opened delivered nothing
  if (ranMs === 0 && cause !== MANUAL_ENTRY) return 0
  const deepestLitres = maxDepthMm * areaM2
  return flowLpm > 0 ? Math.min(deepestLitres, maxMinutes * flowLpm) : deepestLitres
}
