/**
 * The record of one opening, as commanded, confirmed and metered. Pure: the ended command and its rows in, a row
 * out.
 */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import { MINUTE_MS, SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { AuditEntry } from '../../audit/audit-log.ts'
import type { CommandRow, IrrigationRow, RunRow, ZoneRow } from '../../tables.ts'
import { VALVE_TEST } from '../../domain/manual-water.ts'
import { mostLitres } from '../../domain/plausible-water.ts'
import { zoneLitres } from '../interlocks/interlocks.ts'
import { isDeliberate } from '../interlocks/valve-result.ts'

// in a shorter opening a healthy meter may not reach its first pulse
const MIN_METERED_MS = MINUTE_MS
const FAILED = ['rejected', 'resolved', 'expired']

/** How the water of an opening is known, for its record and for the alert about its meter. */
export interface RunVolume extends Pick<IrrigationRow, 'litres' | 'volumeSource'> {
  /** the meter reported more than the valve can have passed: as reported, and the most possible, L */
  implausible: { litres: number; mostLitres: number } | null
}

/**
 * Litres from the meter of the controller; else rate x time, marked as such; else unknown. An upper bound of the
 * time does not measure water: the volume is then unknown, neither zero nor the bound. `supplyLpm`: the smallest pump
 * or main that feeds the zone; null: unknown.
 */
export function irrigationRow(
  ended: CommandLifecycle,
  command: Pick<CommandRow, 'id' | 'createdAtMs' | 'actor'>,
  run: RunRow,
  zone: ZoneRow | null,
  supplyLpm: number | null,
): IrrigationRow {
  const lifecycle = boundedRun(ended)
  const ranMs = lifecycle.ranMs ?? 0
  const { litres, volumeSource } = runVolume(lifecycle, zone, supplyLpm)
  const grossMm = litres === null || !zone || zone.areaM2 <= 0 ? null : litres / zone.areaM2
  const openedAtMs = lifecycle.openedAtMs ?? lifecycle.confirmedAtMs
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

/** The audit line with the litres as the meter sent them. `usedLitres`: as recorded instead. */
export const implausibleEntry = (
  { org, deviceId, valve, seq }: Pick<CommandRow, 'org' | 'deviceId' | 'valve' | 'seq'>,
  { litres, mostLitres }: NonNullable<RunVolume['implausible']>,
  usedLitres: number | null,
  atMs: AtMs,
): AuditEntry => ({
  org,
  atMs,
  actor: 'system',
  action: 'meter-implausible',
  subject: deviceId,
  detail: { valve, seq, litres, mostLitres, usedLitres },
})

/** An ended opening with a run time of at most its order and a second: a valve that stays open longer breaks I2. */
export const boundedRun = (lifecycle: CommandLifecycle): CommandLifecycle => ({
  ...lifecycle,
  ranMs: lifecycle.ranMs === null ? null : Math.min(lifecycle.ranMs, lifecycle.durMs + SECOND_MS),
})

const unknown: RunVolume = { litres: null, volumeSource: 'unknown', implausible: null }

/** Pure. `supplyLpm` as in `irrigationRow`. */
export function runVolume(
  lifecycle: Pick<CommandLifecycle, 'ranMs' | 'ranLitres' | 'isBound' | 'outcome'>,
  zone: ZoneRow | null,
  supplyLpm: number | null,
): RunVolume {
  // an outlet drains the field: no water is applied
  if (zone?.method === 'outlet') return { litres: 0, volumeSource: 'rate', implausible: null }
  if (lifecycle.isBound) return unknown
  // no count while the valve was open: either the meter is stuck or no water flowed
  const isStill =
    lifecycle.ranLitres === 0 && ((lifecycle.ranMs ?? 0) >= MIN_METERED_MS || lifecycle.outcome === 'sensor')
  if (isStill || lifecycle.outcome === 'flow-no-flow') return unknown
  const { ranMs, ranLitres } = lifecycle
  const limit = mostLitres(ranMs ?? 0, { ...(zone ?? noRate), supplyLpm })
  const isPlausible = ranLitres !== null && ranLitres >= 0 && ranLitres <= limit
  if (isPlausible) return { litres: ranLitres, volumeSource: 'metered', implausible: null }
  const implausible = ranLitres === null ? null : { litres: ranLitres, mostLitres: limit }
  if (!zone || !(zone.applicationRateMmH > 0)) return { ...unknown, implausible }
  return { litres: zoneLitres(zone, ranMs ?? 0), volumeSource: 'rate', implausible }
}

const noRate = { applicationRateMmH: 0, areaM2: 0 }
