/**
 * Flow alarms that hold valves closed until a person has inspected them. A latch is set in memory first, so that
 * nothing opens even if the store fails; its row is written until it succeeds and restores the latch after a
 * restart.
 */
import { appendAudit } from '../../audit/audit-log.ts'
import type { ValveAlerts } from '../alerts.ts'
import type { DispatchState, FlowLatch, DispatchServices } from '../dispatch-state.ts'
import type { FlowKind } from './flow-watch.ts'
import type { Rows } from '../command-rows.ts'
import { inOrgs } from '../../runtime/transactions.ts'

const latchKey = ({ cause, device, valve }: Pick<FlowLatch, 'cause' | 'device' | 'valve'>): string =>
  `${cause} ${device} ${valve ?? ''}`

/** The latches with an active alert in the store. */
export function loadLatches(alerts: ValveAlerts): Map<string, FlowLatch> {
  const latches = (['flow-alarm', 'flow-leak'] as const).flatMap((cause) =>
    alerts.activeAlerts(cause).map(({ org, device, valve, sinceMs, params }) => {
      const latch: FlowLatch = {
        org,
        device,
        valve,
        cause,
        sinceMs,
        params,
        isWritten: true,
        kind: params['flow'] as FlowKind,
      }
      return [latchKey(latch), latch] as const
    }),
  )
  return new Map(latches)
}

/** The latch that keeps a valve from opening. */
export function latchOn(
  dispatch: Pick<DispatchState, 'flow'>,
  device: string,
  valve: string,
): FlowLatch | undefined {
  const { latches } = dispatch.flow
  const latchOf = (heldValve: string | null) =>
    latches.get(latchKey({ cause: 'flow-alarm', device, valve: heldValve }))
  return latchOf(valve) ?? latchOf(null)
}

/** Whether the whole controller is held. */
export const isControllerHeld = (dispatch: Pick<DispatchState, 'flow'>, device: string): boolean =>
  dispatch.flow.latches.has(latchKey({ cause: 'flow-alarm', device, valve: null }))

/** The outcome of a run: stopped by its own flow, or by the closing of the main for another valve. */
export const supervisionOutcome = (kind: FlowKind, valves: readonly string[], valve: string): string =>
  valves.includes(valve) ? `flow-${kind}` : 'flow-main'

/** The outcome of a run that was stopped before the last restart. */
export function outcomeByLatch(
  dispatch: Pick<DispatchState, 'flow'>,
  device: string,
  valve: string,
): string | null {
  const latch = latchOn(dispatch, device, valve)
  if (!latch) return null
  const valves = String(latch.params['at'] ?? '').split(' ')
  return supervisionOutcome(latch.kind, valves, valve)
}

/** False when the same latch is already set. */
export function latch(dispatch: Pick<DispatchState, 'flow'>, alarm: FlowLatch): boolean {
  const key = latchKey(alarm)
  if (dispatch.flow.latches.has(key)) return false
  dispatch.flow.latches.set(key, alarm)
  return true
}

/** Writes the row of each unwritten latch. */
export async function writeLatches(dispatch: DispatchServices & Pick<DispatchState, 'flow'>): Promise<void> {
  for (const alarm of dispatch.flow.latches.values()) {
    if (alarm.isWritten) continue
    const { org, device, valve, cause, sinceMs, params } = alarm
    try {
      await dispatch.alerts.raise(cause, { org, device, valve, fieldId: null }, sinceMs, params)
      await appendAudit(dispatch.state, {
        org,
        atMs: sinceMs,
        actor: 'system',
        action: cause,
        subject: device,
        detail: { valve, ...params },
      })
      alarm.isWritten = true
    } catch (error) {
      dispatch.log.error(
        { device, valve, cause, error },
        'a flow alarm could not be written; it is active all the same',
      )
    }
  }
}

/** True while `writeLatches` has to be called again. */
export const hasUnwrittenLatches = (dispatch: Pick<DispatchState, 'flow'>): boolean =>
  [...dispatch.flow.latches.values()].some(({ isWritten }) => !isWritten)

/** Latches of one valve, or of the whole controller without a valve. */
export const latchesOf = (
  dispatch: Pick<DispatchState, 'flow'>,
  device: string,
  valve?: string,
): FlowLatch[] =>
  [...dispatch.flow.latches.values()].filter(
    (item) => item.device === device && (valve === undefined || item.valve === valve),
  )

/** Clears a latch after an inspection. The audit comes first; a remaining problem is detected again. */
export async function unlatch(
  dispatch: DispatchServices & Pick<DispatchState, 'flow'>,
  alarms: readonly FlowLatch[],
  requester: { actor: string; request: string },
  also: (rows: Rows) => Promise<unknown> = async () => {},
): Promise<void> {
  const atMs = dispatch.clock.now()
  await inOrgs(
    dispatch.state,
    alarms.map(({ org }) => org),
    async (rows) => {
      for (const { org, device, valve, cause, kind } of alarms)
        await appendAudit(rows, {
          org,
          atMs,
          actor: requester.actor,
          action: 'flow-cleared',
          subject: device,
          detail: { valve, cause, flow: kind, request: requester.request },
        })
      await also(rows)
    },
  )
  for (const alarm of alarms) {
    const { org, device, valve, cause } = alarm
    await dispatch.alerts.clear(cause, { org, device, valve, fieldId: null }, atMs)
    dispatch.flow.latches.delete(latchKey(alarm))
  }
}
