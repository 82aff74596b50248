/**
 * Runs the monitors of the protocol invariants on every message and command. Violations are logged, counted, audited
 * and raised as alerts. Monitors only observe; they stop nothing.
 */
import { appendAudit } from '../../audit/audit-log.ts'
import { BoundedMap } from '../../runtime/bounded-map.ts'
import {
  usableLinkTo,
  activeCommandsOf,
  type DispatchState,
  type MonitorState,
  type OpenCommand,
  type DispatchServices,
} from '../dispatch-state.ts'
import { isFresh } from '../controllers/connections.ts'
import type { Violation } from './rules.ts'
import { newObservedState, type ObservedMessage } from './observed-state.ts'
import { observeDevice } from './watch-device.ts'
import { checkOpenCommand } from './watch-order.ts'

/** Remembers the last 1,000 reported violations: the same one is reported at most once an hour. */
export const newMonitorState = (): MonitorState => ({
  observed: new Map(),
  hello: new Map(),
  reported: new BoundedMap(MAX_REPORTED),
  counts: {},
})

const REPORT_EVERY_MS = 3_600_000
const MAX_REPORTED = 1_000

/** Observes a message of a controller. `commands`: the open commands before it was processed. Never throws. */
export async function observeMessage(
  dispatch: DispatchServices & Pick<DispatchState, 'openCommands' | 'monitor'>,
  from: { org: string; device: string },
  message: ObservedMessage,
  commands: readonly OpenCommand[] = activeCommandsOf(dispatch, from.device),
): Promise<void> {
  try {
    const previous = dispatch.monitor.observed.get(from.device) ?? newObservedState()
    const orders = commands.map(({ lifecycle }) => lifecycle)
    const { observed: next, violations } = observeDevice(previous, message, orders, dispatch.timing)
    dispatch.monitor.observed.set(from.device, next)
    if (message.type === 'state' && dispatch.monitor.hello.get(from.device)?.sess !== message.state.sess)
      dispatch.monitor.hello.set(from.device, { sess: message.state.sess, atMs: dispatch.clock.now() })
    await reportViolations(dispatch, from, violations)
  } catch (error) {
    dispatch.log.error({ ...from, error }, 'a monitor failed')
  }
}

/** Checks every open command each time dispatch processes due work. */
export async function checkOpenCommands(
  dispatch: DispatchServices & Pick<DispatchState, 'connections' | 'openCommands' | 'monitor'>,
): Promise<void> {
  const atMs = dispatch.clock.now()
  for (const { lifecycle, row, retryAtMs } of [...dispatch.openCommands.values()]) {
    // the store is unavailable, which is already reported
    if (retryAtMs > 0) continue
    const helloAtMs = dispatch.monitor.hello.get(row.deviceId)?.atMs ?? null
    const fresh = isFresh(usableLinkTo(dispatch, row.deviceId), atMs, dispatch.timing.freshMs)
    const violations = checkOpenCommand(lifecycle, { atMs, helloAtMs, isFresh: fresh }, dispatch.timing)
    await reportViolations(dispatch, { org: row.org, device: row.deviceId }, violations)
  }
}

/** Reports violations. Never throws: irrigation must continue even when they cannot be written. */
export async function reportViolations(
  dispatch: DispatchServices & Pick<DispatchState, 'monitor'>,
  { org, device }: { org: string; device: string },
  violations: readonly Violation[],
): Promise<void> {
  for (const { rule, valve, seq, detail } of violations)
    try {
      dispatch.monitor.counts[rule] = (dispatch.monitor.counts[rule] ?? 0) + 1
      const atMs = dispatch.clock.now()
      const key = `${device} ${valve} ${rule} ${seq}`
      if (Math.abs(atMs - (dispatch.monitor.reported.get(key) ?? -Infinity)) < REPORT_EVERY_MS) continue
      dispatch.monitor.reported.set(key, atMs)
      dispatch.log.error(
        { org, device, rule, valve, seq, ...detail },
        'a rule of the valve protocol was violated',
      )
      await appendAudit(dispatch.state, {
        org,
        atMs,
        actor: 'system',
        action: 'rule-broken',
        subject: device,
        detail: { rule, valve, seq, ...detail },
      })
      // a clock change harms no run: only logged
      if (rule !== 'I14')
        await dispatch.alerts.raise('rule-broken', { org, device, valve, fieldId: null }, atMs, { rule, seq })
    } catch (error) {
      dispatch.log.error({ device, rule, valve, error }, 'a violation could not be recorded')
    }
}
