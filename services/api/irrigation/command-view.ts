/** One order to a valve as a person sees it, from its row and what the controller last reported. */
import { isActiveState, type CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import { fromJson } from '../../tables.ts'
import type { CommandRow, ValveStateRow, ZoneRow } from '../../tables.ts'
import type { Cmd } from './command-schemas.ts'

export interface CommandRows {
  command: CommandRow
  zone: Pick<ZoneRow, 'id' | 'name' | 'fieldId'>
  fieldName: string
  valve: ValveStateRow | null
  flowLpm: number | null // as metered now
}

const shownStates: Record<string, Cmd['state']> = {
  new: 'waiting',
  sent: 'sent',
  running: 'confirmed',
  unknown: 'unconfirmed',
  fencing: 'unconfirmed',
  rejected: 'refused',
  expired: 'refused',
}

export function commandView({ command, zone, fieldName, valve, flowLpm }: CommandRows): Cmd {
  const isOpen = command.op === 'open'
  const state = shownStates[command.state] ?? 'ended'
  // the report is about this order only while the valve's sequence number is ours
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
        ? command.confirmedAtMs + command.durMs
        : null,
    boundMs: isOpen && isActiveState(command.state) ? boundMs(command, report) : null,
    litres: command.ranLitres ?? report?.litres ?? null,
    flowLpm: state === 'confirmed' ? flowLpm : null,
    why: state === 'ended' || state === 'refused' ? command.outcome : null,
  }
}

/** Shut at the latest by then: as dispatch or the controller bounds it, else the last moment to open plus the duration. */
function boundMs(command: CommandRow, report: ValveStateRow | null): number | null {
  const { boundAtMs = null } = fromJson(command.life) as Partial<CommandLifecycle>
  const known = boundAtMs ?? report?.boundMs ?? null
  if (known !== null || command.durMs === null) return known
  return (command.confirmedAtMs ?? command.expiresAtMs) + command.durMs
}
