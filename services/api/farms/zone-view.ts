/** One zone with the last report of its valve. */
import { readForeignValve, readZoneSchedule, type ZoneRow } from '../../tables.ts'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { ReportedValve } from './reported-valve-queries.ts'
import type { ZoneView } from './zone-schemas.ts'

/**
 * `heartbeatMs`: the reporting interval of an idle controller. A report older than two heartbeats is not
 * shown as current.
 */
export function zoneView(
  zone: ZoneRow,
  valve: ReportedValve | null,
  nowMs: AtMs,
  heartbeatMs: number,
): ZoneView {
  const reportedAtMs = valve && Math.max(valve.reportedAtMs, valve.heartbeatAtMs ?? 0)
  const isFresh = reportedAtMs !== null && Math.abs(nowMs - reportedAtMs) <= 2 * heartbeatMs
  return {
    id: zone.id,
    name: zone.name,
    mode: zone.mode,
    valve: zone.valve,
    controllerId: zone.controllerId,
    method: zone.method,
    areaM2: zone.areaM2,
    applicationRateMmH: zone.applicationRateMmH,
    efficiency: zone.efficiency,
    wettedFraction: zone.wettedFraction,
    maxDepthMm: zone.maxDepthMm,
    minMinutes: zone.minMinutes,
    window: { fromMin: zone.windowFromMin, toMin: zone.windowToMin },
    maxMinutes: zone.maxMinutes,
    capMinutes: valve?.capMs == null ? null : Math.floor(valve.capMs / MINUTE_MS),
    pausedUntilMs: zone.pausedUntilMs !== null && zone.pausedUntilMs > nowMs ? zone.pausedUntilMs : null,
    adjustPercent: zone.adjustPercent,
    position: position(zone, valve, isFresh),
    reportedAtMs,
    boundMs: valve?.boundMs ?? null,
    schedule: zone.schedule ? (readZoneSchedule(zone.schedule) as ZoneView['schedule']) : null,
  }
}

function position(zone: ZoneRow, valve: ReportedValve | null, isFresh: boolean): ZoneView['position'] {
  if (zone.controllerId === null || zone.valve === null) return 'none'
  if (valve === null || !isFresh) return 'unknown'
  const unproved = unprovedPosition(valve)
  if (unproved !== null) return unproved
  // position feedback takes precedence over the driven position
  return valve.feedback ?? valve.pos
}

/**
 * A valve of another make between an order that has left and its proof: open where it has reported so, else unknown, never
 * the position before it. Null: nothing is unproved.
 */
function unprovedPosition({ foreignState }: ReportedValve): 'open' | 'unknown' | null {
  if (foreignState == null) return null
  const { run, phase, said } = readForeignValve(foreignState)
  if (run === null || phase === 'preparing') return null
  return said === 'open' ? 'open' : 'unknown'
}
