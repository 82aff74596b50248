/** Notifies people about a command: events, alerts, and the latest closing time of a valve whose state is unknown. */
import { latestClosingMs } from '../../broker/contract/command-lifecycle/timers.ts'
import type { CommandLifecycle } from '../../broker/contract/command-lifecycle/types.ts'
import { quantities } from '../../broker/contract/quantities.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { ValveStateRow } from '../tables.ts'
import {
  activeCommandsOf,
  usableLinkTo,
  type DispatchServices,
  type DispatchState,
  type OpenCommand,
} from './dispatch-state.ts'
import { isLockedOut } from './interlocks/valve-lockout.ts'
import { valveResult } from './interlocks/valve-result.ts'
import type { RunVolume } from './runs/irrigation-record.ts'

interface CommandPlace {
  row: Pick<OpenCommand['row'], 'org' | 'deviceId' | 'valve'>
  fieldId: string | null
}

const alertSubject = ({ row, fieldId }: CommandPlace) => ({
  org: row.org,
  device: row.deviceId,
  valve: row.valve,
  fieldId,
})

/** Does not wait for the bus. The event names no field for a command without one. */
export function publishCommandEvent(
  dispatch: Pick<DispatchState, 'clock' | 'outbox'>,
  { row, fieldId }: Pick<OpenCommand, 'row' | 'fieldId'>,
): void {
  const fields = fieldId === null ? {} : { fields: [fieldId] }
  dispatch.outbox.publishEvent(row.org, {
    event: 'command',
    atMs: dispatch.clock.now(),
    id: row.id,
    ...fields,
  })
}

/**
 * Open pages read the litres of a running valve again once they are stored: each report of its controller moves them. It is
 * a reading, because it is no reason to plan again.
 */
export function publishMeteredWater(
  dispatch: Pick<DispatchState, 'clock' | 'outbox' | 'openCommands'>,
  written: readonly ValveStateRow[],
): void {
  for (const { deviceId, valve, seq, pos, litres } of written) {
    if (pos !== 'open' || litres === null || litres === 0) continue
    const command = activeCommandsOf(dispatch, deviceId).find(
      ({ row }) => row.valve === valve && row.seq === seq,
    )
    if (command?.fieldId != null)
      dispatch.outbox.publishEvent(command.row.org, {
        event: 'reading',
        atMs: dispatch.clock.now(),
        fields: [command.fieldId],
      })
  }
}

/** "Closed at the latest by", as shown now. */
export const shownBoundMs = (
  dispatch: Pick<DispatchState, 'connections' | 'clock' | 'timing'>,
  { row, lifecycle }: Pick<OpenCommand, 'row' | 'lifecycle'>,
): AtMs | null =>
  latestClosingMs(lifecycle, usableLinkTo(dispatch, row.deviceId), dispatch.clock.now(), dispatch.timing)

/** Publishes a new state, and raises or clears the alert of an unconfirmed valve. */
export async function notifyStateChange(
  dispatch: DispatchServices & Pick<DispatchState, 'valveStates' | 'connections'>,
  openCommand: OpenCommand,
  previous: CommandLifecycle,
): Promise<void> {
  const { lifecycle, row } = openCommand
  if (lifecycle.state !== previous.state) publishCommandEvent(dispatch, openCommand)
  if (lifecycle.state !== previous.state && lifecycle.state === 'unknown')
    await dispatch.valveStates.setBound(row.deviceId, row.valve, shownBoundMs(dispatch, openCommand))
  if (isUnconfirmed(dispatch, lifecycle))
    await dispatch.alerts.raise('valve-unconfirmed', alertSubject(openCommand), dispatch.clock.now())
  else if (lifecycle.state === 'running')
    await dispatch.alerts.clear('valve-unconfirmed', alertSubject(openCommand), dispatch.clock.now())
}

/** Raises the alert for a valve of unknown state. */
export async function notifyUnconfirmed(
  dispatch: Pick<DispatchState, 'clock' | 'timing' | 'alerts'>,
  openCommand: OpenCommand,
): Promise<void> {
  if (isUnconfirmed(dispatch, openCommand.lifecycle))
    await dispatch.alerts.raise('valve-unconfirmed', alertSubject(openCommand), dispatch.clock.now())
}

/** After a restart the report of the device is awaited first, and a stop gets its time, before an alert is raised. */
function isUnconfirmed(
  dispatch: Pick<DispatchState, 'clock' | 'timing'>,
  { state, unknownReason: unknownWhy, isStopped, unknownAtMs, fencedAtMs }: CommandLifecycle,
): boolean {
  const forMs = dispatch.clock.now() - (unknownAtMs ?? fencedAtMs ?? Infinity)
  if (state !== 'unknown' && state !== 'fencing') return false
  return unknownWhy === 'restart' || isStopped ? forMs >= dispatch.timing.unconfirmedMs : true
}

/** Raises the alert for a meter that reported more than its valve can have passed; a plausible count clears it. */
export async function notifyMeter(
  dispatch: Pick<DispatchState, 'clock' | 'alerts'>,
  place: CommandPlace,
  { volumeSource, implausible }: RunVolume,
): Promise<void> {
  const nowMs = dispatch.clock.now()
  if (implausible !== null)
    await dispatch.alerts.raise('meter-implausible', alertSubject(place), nowMs, {
      litres: Math.round(Math.max(-SHOWN_LITRES, Math.min(implausible.litres, SHOWN_LITRES))),
      mostLitres: Math.round(implausible.mostLitres),
    })
  else if (volumeSource === 'metered')
    await dispatch.alerts.clear('meter-implausible', alertSubject(place), nowMs)
}
// a larger number is shown as this one; the audit has it as sent
const SHOWN_LITRES = quantities['water.total'].max

/** Clears the alerts of a valve after a success; raises the lockout after repeated failures. */
export async function notifyEnded(
  dispatch: Pick<DispatchState, 'state' | 'clock' | 'alerts'>,
  openCommand: OpenCommand,
): Promise<void> {
  const nowMs = dispatch.clock.now()
  await dispatch.alerts.clear('valve-unconfirmed', alertSubject(openCommand), nowMs)
  const result = valveResult(openCommand.lifecycle)
  if (result === 'success')
    for (const cause of ['valve-locked-out', 'sequence-mismatch'] as const)
      await dispatch.alerts.clear(cause, alertSubject(openCommand), nowMs)
  if (
    result === 'failure' &&
    (await isLockedOut(dispatch.state, openCommand.row.deviceId, openCommand.row.valve))
  )
    await dispatch.alerts.raise('valve-locked-out', alertSubject(openCommand), nowMs)
}
