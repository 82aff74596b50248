/**
 * The record of one opening, as commanded, confirmed and metered. Pure: the ended command and its rows in, a row
 * out.
 */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { CommandRow, IrrigationRow, RunRow, ZoneRow } from '../../tables.ts'
import { VALVE_TEST } from '../../domain/manual-water.ts'
import { zoneLitres } from '../interlocks/interlocks.ts'
import { isDeliberate } from '../interlocks/valve-result.ts'

// in a shorter opening a healthy meter may not reach its first pulse
const MIN_METERED_MS = MINUTE_MS
const FAILED = ['rejected', 'resolved', 'expired']

/**
 * Litres from the meter of the controller; else rate x time, marked as such; else unknown. An upper bound of the
 * time does not measure water: the volume is then unknown, neither zero nor the bound.
 */
export function irrigationRow(
  lifecycle: CommandLifecycle,
  command: Pick<CommandRow, 'id' | 'createdAtMs' | 'actor'>,
  run: RunRow,
  zone: ZoneRow | null,
): IrrigationRow {
  const ranMs = lifecycle.ranMs ?? 0
  const { litres, volumeSource } = volumeOf(lifecycle, zone)
  const grossMm = litres === null || !zone || zone.areaM2 <= 0 ? null : litres / zone.areaM2
  const openedAtMs = lifecycle.confirmedAtMs
  return {
    id: `irr-${command.id}`,
    org: run.org,
    farmId: run.farmId,
    fieldId: run.fieldId,
    zoneId: run.zoneId,
    runId: run.id,
    commandId: command.id,
    cause: run.planVersion === VALVE_TEST ? VALVE_TEST : run.cause,
    decisionId: run.decisionId,
    actor: command.actor,
    commandedAtMs: command.createdAtMs,
    commandedMinutes: lifecycle.durMs / MINUTE_MS,
    openedAtMs,
    closedAtMs:
      openedAtMs === null || lifecycle.isBound ? null : Math.min(lifecycle.endedAtMs!, openedAtMs + ranMs),
    ranMs,
    litres,
    volumeSource,
    grossMm,
    netMm: grossMm === null || !zone ? null : grossMm * zone.efficiency,
    endReason: lifecycle.outcome ?? lifecycle.state,
    failure:
      FAILED.includes(lifecycle.state) || (lifecycle.state === 'aborted' && !isDeliberate(lifecycle.outcome))
        ? lifecycle.outcome
        : null,
  }
}

function volumeOf(
  lifecycle: CommandLifecycle,
  zone: ZoneRow | null,
): Pick<IrrigationRow, 'litres' | 'volumeSource'> {
  // an outlet drains the field: no water is applied
  if (zone?.method === 'outlet') return { litres: 0, volumeSource: 'rate' }
  if (lifecycle.isBound) return { litres: null, volumeSource: 'unknown' }
  // no count while the valve was open: either the meter is stuck or no water flowed
  const isStill =
    lifecycle.ranLitres === 0 && ((lifecycle.ranMs ?? 0) >= MIN_METERED_MS || lifecycle.outcome === 'sensor')
  if (isStill || lifecycle.outcome === 'flow-no-flow') return { litres: null, volumeSource: 'unknown' }
  if (lifecycle.ranLitres !== null) return { litres: lifecycle.ranLitres, volumeSource: 'metered' }
  if (!zone || !(zone.applicationRateMmH > 0)) return { litres: null, volumeSource: 'unknown' }
  return { litres: zoneLitres(zone, lifecycle.ranMs ?? 0), volumeSource: 'rate' }
}
