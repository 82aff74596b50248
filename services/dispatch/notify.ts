/** What phones and people are told of an order: events, alerts, and the bound of a valve that nobody can see. */
import type { CommandLifecycle } from '../../broker/contract/command-lifecycle/types.ts'
import type { DispatchState, OpenCommand } from './dispatch-state.ts'
import { valveResult } from './runs/irrigation-record.ts'
import { isLockedOut } from './interlocks/valve-lockout.ts'

const alertSubject = ({ row, fieldId }: OpenCommand) => ({
  org: row.org,
  device: row.deviceId,
  valve: row.valve,
  fieldId,
})

export function publishCommandEvent(
  desk: DispatchState,
  { row, fieldId }: Pick<OpenCommand, 'row' | 'fieldId'>,
): void {
  const fields = fieldId === null ? {} : { fields: [fieldId] }
  desk.outbox.publishEvent(row.org, { event: 'cmd', atMs: desk.clock.now(), id: row.id, ...fields })
}

export async function notifyStateChange(
  desk: DispatchState,
  live: OpenCommand,
  before: CommandLifecycle,
): Promise<void> {
  const { life, row } = live
  if (life.state !== before.state) publishCommandEvent(desk, live)
  if (life.state !== before.state && life.state === 'unknown')
    await desk.valveStates.setBound(row.deviceId, row.valve, life.boundAtMs)
  if (isUnconfirmed(desk, life))
    await desk.alerts.raise('valve-unconfirmed', alertSubject(live), desk.clock.now())
  else if (life.state === 'running')
    await desk.alerts.clear('valve-unconfirmed', alertSubject(live), desk.clock.now())
}

/** Nobody knows whether the valve is open: a person is called, once. */
export async function notifyUnconfirmed(desk: DispatchState, live: OpenCommand): Promise<void> {
  if (isUnconfirmed(desk, live.life))
    await desk.alerts.raise('valve-unconfirmed', alertSubject(live), desk.clock.now())
}

/** A restart asks the device first, and a stop is given its time, before anybody is alarmed. */
function isUnconfirmed(
  desk: DispatchState,
  { state, unknownReason: unknownWhy, isStopped, unknownAtMs, fencedAtMs }: CommandLifecycle,
): boolean {
  const forMs = desk.clock.now() - (unknownAtMs ?? fencedAtMs ?? Infinity)
  if (state !== 'unknown' && state !== 'fencing') return false
  return unknownWhy === 'restart' || isStopped ? forMs >= desk.timing.unconfirmedMs : true
}

export async function notifyEnded(desk: DispatchState, live: OpenCommand): Promise<void> {
  const nowMs = desk.clock.now()
  await desk.alerts.clear('valve-unconfirmed', alertSubject(live), nowMs)
  const said = valveResult(live.life)
  if (said === 'success')
    for (const cause of ['valve-locked-out', 'sequence-mismatch'] as const)
      await desk.alerts.clear(cause, alertSubject(live), nowMs)
  if (said === 'failure' && (await isLockedOut(desk.state, live.row.deviceId, live.row.valve)))
    await desk.alerts.raise('valve-locked-out', alertSubject(live), nowMs)
}
