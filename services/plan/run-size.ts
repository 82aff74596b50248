/** From net mm for the roots to minutes of valve time, within every limit of the zone. */
import { MINUTE_MS } from '../../broker/contract/time.ts'
import type { RunRow, ZoneRow } from '../tables.ts'
import type { LimitKey } from './message-keys.ts'
import { tenth } from '../runtime/math.ts'

type SizeZone = Pick<
  ZoneRow,
  | 'areaM2'
  | 'applicationRateMmH'
  | 'efficiency'
  | 'adjustPercent'
  | 'maxDepthMm'
  | 'minMinutes'
  | 'maxMinutes'
  | 'dailyMaxLitres'
>

export interface RunSize {
  minutes: number // whole
  grossMm: number
  netMm: number
  limit: LimitKey | null
}

/** L/min while the valve is open. 1 mm on 1 m² is 1 L. */
export const flowLpm = (zone: Pick<ZoneRow, 'areaM2' | 'applicationRateMmH'>): number =>
  (zone.applicationRateMmH * zone.areaM2) / 60

/** Gross mm of one run of the zone. */
export const grossMmOf = (zone: Pick<ZoneRow, 'applicationRateMmH'>, minutes: number): number =>
  (zone.applicationRateMmH * minutes) / 60

/**
 * Whole minutes for `netMm`, corrected by the person's percent, then cut to the deepest and longest run, to the
 * longest opening of the controller (ms; null: not reported) and to the rest of the zone's daily water.
 * `minutes` is 0 when the rest is shorter than the shortest run.
 */
export function sizeRun(
  netMm: number,
  zone: SizeZone,
  { usedTodayLitres, capMs }: { usedTodayLitres: number; capMs: number | null },
): RunSize {
  const wantedMm = (netMm * (1 + zone.adjustPercent / 100)) / zone.efficiency
  let minutes = Math.round((wantedMm / zone.applicationRateMmH) * 60)
  let limit: LimitKey | null = null
  const cutTo = (maxMinutes: number, key: LimitKey): void => {
    const wholeMinutes = Math.floor(maxMinutes + 1e-9)
    if (wholeMinutes >= minutes) return
    minutes = wholeMinutes
    limit = key
  }
  cutTo((zone.maxDepthMm / zone.applicationRateMmH) * 60, 'max-depth')
  cutTo(zone.maxMinutes, 'max-minutes')
  if (capMs !== null) cutTo(capMs / MINUTE_MS, 'controller-cap')
  if (zone.dailyMaxLitres !== null)
    cutTo(Math.max(0, zone.dailyMaxLitres - usedTodayLitres) / flowLpm(zone), 'zone-budget')
  return { ...sizeOf(zone, minutes >= zone.minMinutes ? minutes : 0), limit }
}

/** The depths of `minutes` of the zone, in tenths of a mm. */
export function sizeOf(zone: SizeZone, minutes: number): Omit<RunSize, 'limit'> {
  const grossMm = tenth(grossMmOf(zone, minutes))
  return { minutes, grossMm, netMm: tenth(grossMmOf(zone, minutes) * zone.efficiency) }
}

// below this a new number is noise of the estimate, and a run that a person has seen stays as it is
const SAME_MINUTES = 3
const SAME_SHARE = 0.15

/** Whether a newly calculated run equals the planned one within noise. */
export const isSameMinutes = (minutes: number, existing: number): boolean =>
  Math.abs(minutes - existing) <= Math.max(SAME_MINUTES, SAME_SHARE * existing)

/** A cut by the pump or the window binds to the minute; everything else within noise is the same run. */
export function isSameRun(
  existing: Pick<RunRow, 'minutes'>,
  planned: Pick<RunSize, 'minutes' | 'limit'>,
): boolean {
  if (planned.minutes < existing.minutes && planned.limit !== null) return false
  return isSameMinutes(planned.minutes, existing.minutes)
}
