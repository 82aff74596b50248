/** One valve command as shown, from its row and the last report of the controller. */
import { isActiveState } from '../../../broker/contract/command-lifecycle/types.ts'
import { isPlausibleFlow, isPlausibleVolume } from '../../domain/plausible-water.ts'
import { readCommandBound } from '../../tables.ts'
import type { CommandRow, ValveStateRow, ZoneRow } from '../../tables.ts'
import type { CommandView } from './command-schemas.ts'

export interface CommandRows {
  command: CommandRow
  zone: Pick<ZoneRow, 'id' | 'name' | 'fieldId' | 'applicationRateMmH' | 'areaM2'>
  fieldName: string
  valve: ValveStateRow | null
  flowLpm: number | null // as metered now
}

/** A count that no meter of this zone can have made is unknown. */
function plausibleLitres(
  litres: number | null,
  ranMs: number | null,
  zone: Parameters<typeof isPlausibleVolume>[2],
): number | null {
  return litres !== null && isPlausibleVolume(litres, ranMs ?? 0, zone) ? litres : null
}

const shownStates: Record<string, CommandView['state']> = {
  new: 'waiting',
  sent: 'sent',
  running: 'confirmed',
  unknown: 'unconfirmed',
  fencing: 'unconfirmed',
  rejected: 'refused',
  expired: 'refused',
}

/**
 * `endsAtMs` is set only for a confirmed opening, `boundMs` (the latest closing) for every active one. `litres` is
 * null when unknown; `flowLpm` is set while confirmed.
 */
export function commandView({ command, zone, fieldName, valve, flowLpm }: CommandRows): CommandView {
  const isOpen = command.op === 'open'
  const state = shownStates[command.state] ?? 'ended'
  // the report belongs to this command only while the sequence numbers match
  const report = valve !== null && valve.seq === command.seq ? valve : null
  return {
    id: command.id,
    runId: command.runId,
    zoneId: zone.id,
    fieldId: zone.fieldId,
    fieldName,
    zoneName: zone.name,
    valve: command.valve,
    do: command.op,
    state,
    atMs: command.createdAtMs,
    confirmedAtMs: command.confirmedAtMs,
    endsAtMs:
      isOpen && state === 'confirmed' && command.confirmedAtMs !== null && command.durMs !== null
        ? openedAtMs(command) + command.durMs
        : null,
    boundMs: isOpen && isActiveState(command.state) ? boundMs(command, report) : null,
    litres:
      command.ranLitres !== null
        ? plausibleLitres(command.ranLitres, Math.min(command.ranMs ?? 0, command.durMs ?? Infinity), zone)
        : plausibleLitres(report?.litres ?? null, report?.ranMs ?? null, zone),
    flowLpm: state === 'confirmed' && flowLpm !== null && isPlausibleFlow(flowLpm, zone) ? flowLpm : null,
    reason: state === 'ended' || state === 'refused' ? command.outcome : null,
  }
}

const openedAtMs = (command: CommandRow): number =>
  readCommandBound(command.lifecycle).openedAtMs ?? command.confirmedAtMs!

/**
 * The latest closing instant: the end of the duration or, while the controller is silent, of its last lease, whichever
 * is earlier; otherwise the latest opening plus the duration.
 */
function boundMs(command: CommandRow, report: ValveStateRow | null): number | null {
  const { boundAtMs = null } = readCommandBound(command.lifecycle)
  const bounds = [boundAtMs, report?.boundMs ?? null].filter((bound) => bound !== null)
  if (bounds.length > 0) return Math.min(...bounds)
  if (command.durMs === null) return null
  return (command.confirmedAtMs ?? command.expiresAtMs) + command.durMs
}
