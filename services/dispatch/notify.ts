/** What phones and people are told of an order: events, alerts, and the bound of a valve that nobody can see. */
import type { CommandLife } from '../../broker/contract/command-life/reduce.ts'
import type { Desk, Live } from './dispatch-state.ts'
import { saysOfValve } from './runs/irrigation-record.ts'
import { isLockedOut } from './interlocks/valve-lockout.ts'

const subjectOf = ({ row, fieldId }: Live) => ({
  org: row.org,
  device: row.deviceId,
  valve: row.valve,
  fieldId,
})

export function announce(desk: Desk, { row, fieldId }: Pick<Live, 'row' | 'fieldId'>): void {
  const fields = fieldId === null ? {} : { fields: [fieldId] }
  desk.out.announce(row.org, { event: 'cmd', atMs: desk.clock.now(), id: row.id, ...fields })
}

export async function tellOfLife(desk: Desk, live: Live, before: CommandLife): Promise<void> {
  const { life, row } = live
  if (life.state !== before.state) announce(desk, live)
  if (life.state !== before.state && life.state === 'unknown')
    await desk.reports.bound(row.deviceId, row.valve, life.boundAtMs)
  if (isUnconfirmed(desk, life))
    await desk.alerts.raise('valve-unconfirmed', subjectOf(live), desk.clock.now())
  else if (life.state === 'running')
    await desk.alerts.clear('valve-unconfirmed', subjectOf(live), desk.clock.now())
}

/** Nobody knows whether the valve is open: a person is called, once. */
export async function tellOfDoubt(desk: Desk, live: Live): Promise<void> {
  if (isUnconfirmed(desk, live.life))
    await desk.alerts.raise('valve-unconfirmed', subjectOf(live), desk.clock.now())
}

/** A restart asks the device first, and a stop is given its time, before anybody is alarmed. */
function isUnconfirmed(
  desk: Desk,
  { state, unknownWhy, isStopped, unknownAtMs, fencedAtMs }: CommandLife,
): boolean {
  const forMs = desk.clock.now() - (unknownAtMs ?? fencedAtMs ?? Infinity)
  if (state !== 'unknown' && state !== 'fencing') return false
  return unknownWhy === 'restart' || isStopped ? forMs >= desk.timing.unconfirmedMs : true
}

export async function tellOfEnd(desk: Desk, live: Live): Promise<void> {
  const nowMs = desk.clock.now()
  await desk.alerts.clear('valve-unconfirmed', subjectOf(live), nowMs)
  const said = saysOfValve(live.life)
  if (said === 'success')
    for (const cause of ['valve-locked-out', 'numbers-ahead'] as const)
      await desk.alerts.clear(cause, subjectOf(live), nowMs)
  if (said === 'failure' && (await isLockedOut(desk.state, live.row.deviceId, live.row.valve)))
    await desk.alerts.raise('valve-locked-out', subjectOf(live), nowMs)
}
