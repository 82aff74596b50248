/**
 * The monitors of the protocol's invariants at work: what is heard and done is shown to them, and what they find broken
 * is logged, counted, written into the audit, and told to a person. They watch; they stop nothing.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { usableLinkTo, liveCommandsOf, type DispatchState, type OpenCommand } from '../dispatch-state.ts'
import { isFresh } from '../controllers/connections.ts'
import type { Violation, Rule } from './rules.ts'
import { newObservedState, type ObservedMessage, type ObservedState } from './observed-state.ts'
import { observeDevice } from './watch-device.ts'
import { checkOpenCommand } from './watch-order.ts'

export interface MonitorState {
  observed: Map<string, ObservedState> // by controller
  hello: Map<string, { sess: string; atMs: AtMs }>
  /** what was told, and when: a rule that stays broken is told once an hour */
  reported: Map<string, AtMs>
  counts: Partial<Record<Rule, number>>
}
export const newMonitorState = (): MonitorState => ({
  observed: new Map(),
  hello: new Map(),
  reported: new Map(),
  counts: {},
})

const REPORT_EVERY_MS = 3_600_000
const MAX_REPORTED = 1_000

/** What a controller said. `lives` as they stood before it was taken. Never throws. */
export async function observeMessage(
  desk: DispatchState,
  from: { org: string; device: string },
  word: ObservedMessage,
  lives: readonly OpenCommand[] = liveCommandsOf(desk, from.device),
): Promise<void> {
  try {
    const before = desk.monitor.observed.get(from.device) ?? newObservedState()
    const orders = lives.map(({ life }) => life)
    const { observed: seen, violations: broken } = observeDevice(before, word, orders, desk.timing)
    desk.monitor.observed.set(from.device, seen)
    if (word.type === 'state' && desk.monitor.hello.get(from.device)?.sess !== word.state.sess)
      desk.monitor.hello.set(from.device, { sess: word.state.sess, atMs: desk.clock.now() })
    await reportViolations(desk, from, broken)
  } catch (error) {
    desk.log.error({ ...from, error }, 'a monitor failed')
  }
}

/** Every order that has not ended, as often as dispatch looks at them. */
export async function checkOpenCommands(desk: DispatchState): Promise<void> {
  const atMs = desk.clock.now()
  for (const { life, row, retryAtMs } of [...desk.openCommands.values()]) {
    // the store is away: it is known already
    if (retryAtMs > 0) continue
    const helloAtMs = desk.monitor.hello.get(row.deviceId)?.atMs ?? null
    const fresh = isFresh(usableLinkTo(desk, row.deviceId), atMs, desk.timing.freshMs)
    const broken = checkOpenCommand(life, { atMs, helloAtMs, isFresh: fresh }, desk.timing)
    await reportViolations(desk, { org: row.org, device: row.deviceId }, broken)
  }
}

/** Tells of what is broken. Never throws: a farm must run on while nobody can write it down. */
export async function reportViolations(
  desk: DispatchState,
  { org, device }: { org: string; device: string },
  broken: readonly Violation[],
): Promise<void> {
  for (const { rule, valve, seq, detail } of broken)
    try {
      desk.monitor.counts[rule] = (desk.monitor.counts[rule] ?? 0) + 1
      const atMs = desk.clock.now()
      const key = `${device} ${valve} ${rule} ${seq}`
      if (Math.abs(atMs - (desk.monitor.reported.get(key) ?? -Infinity)) < REPORT_EVERY_MS) continue
      desk.monitor.reported.set(key, atMs)
      if (desk.monitor.reported.size > MAX_REPORTED)
        desk.monitor.reported.delete(desk.monitor.reported.keys().next().value!)
      desk.log.error({ org, device, rule, valve, seq, ...detail }, 'a rule of the valve protocol is broken')
      await appendAudit(desk.state, {
        org,
        atMs,
        actor: 'system',
        action: 'rule-broken',
        subject: device,
        detail: { rule, valve, seq, ...detail },
      })
      // a clock that was set harms no run: for whoever reads the log
      if (rule !== 'I14')
        await desk.alerts.raise('rule-broken', { org, device, valve, fieldId: null }, atMs, { rule, seq })
    } catch (error) {
      desk.log.error({ device, rule, valve, error }, 'a broken rule could not be written down')
    }
}
