/**
 * Valves that cannot open, so that the plan announces no water that cannot flow. Pure.
 *
 * - A latched fault of the controller, a flow alarm, a locked-out valve, or one of another make that did not keep its time: the
 * plan has no run until the alert is cleared, because nothing would open. - An offline controller with missed runs: a person is called. Its runs
 * stay in the plan, so that a controller that reconnects in time irrigates by itself.
 *
 * A zone in mode advise is not blocked: a person opens it, and the advice already requests this.
 */
import { DAY_MS, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import { readAlertParams, type AlertRow, type RunRow, type ValveStateRow, type ZoneRow } from '../tables.ts'
import type { BlockKey } from './message-keys.ts'
import { rowsBy } from './group-rows.ts'

export interface Block {
  reason: BlockKey
  sinceMs: AtMs
}

/** Alerts of valves that no command opens; their catalogue keys are the reasons of a block. */
export const blockingCauses = [
  'valve-fault',
  'flow-alarm',
  'valve-locked-out',
  'valve-bound-lock',
] as const satisfies readonly BlockKey[]

type ZoneValve = Pick<ZoneRow, 'mode' | 'controllerId' | 'valve'>
type OpenAlert = Pick<AlertRow, 'cause' | 'deviceId' | 'params' | 'sinceMs'>

/** The reason why the valve of a zone cannot be opened by any command; null: it is not blocked. */
export function blockOf(alerts: readonly OpenAlert[], zone: ZoneValve): Block | null {
  if (zone.mode === 'advise' || zone.controllerId === null || zone.valve === null) return null
  const controllerAlerts = rowsBy(alerts, 'deviceId', zone.controllerId)
  for (const reason of blockingCauses) {
    const alert = controllerAlerts.find(
      (candidate) => candidate.cause === reason && [null, zone.valve].includes(blockedValve(candidate)),
    )
    if (alert) return { reason, sinceMs: alert.sinceMs }
  }
  return null
}

/** null: the whole controller */
const blockedValve = ({ params }: OpenAlert): string | null => {
  const { valve } = readAlertParams(params)
  return typeof valve === 'string' ? valve : null
}

// a run in yesterday's hours counts until 15 minutes after today's
const MISSED_RECENT_MS = DAY_MS + 15 * MINUTE_MS
const missedReasons = ['window-missed', 'controller-offline'] as const satisfies readonly string[]

/** An offline controller with missed runs within the last day. `silentBeforeMs`: as in PlanTimes. */
export function silentControllerBlock(
  farm: { zones: readonly ZoneRow[]; runs: readonly RunRow[]; valves: readonly ValveStateRow[] },
  zone: ZoneValve,
  { nowMs, silentBeforeMs }: { nowMs: AtMs; silentBeforeMs: AtMs },
): Block | null {
  if (zone.mode === 'advise' || !isSilent(farm.valves, zone, silentBeforeMs)) return null
  const missedMs = rowsBy(farm.zones, 'controllerId', zone.controllerId)
    .flatMap(({ id }) => rowsBy(farm.runs, 'zoneId', id))
    .filter(
      (run) =>
        run.state === 'skipped' &&
        nowMs - run.updatedAtMs <= MISSED_RECENT_MS &&
        (missedReasons as readonly (string | null)[]).includes(run.endReason),
    )
    .map(({ startMs }) => startMs)
  if (missedMs.length === 0) return null
  return {
    reason: 'controller-silent',
    sinceMs: lastSeenMs(farm.valves, zone.controllerId) ?? Math.min(...missedMs),
  }
}

/** Whether the controller of a zone is offline; false for a zone without one. */
export const isSilent = (
  valves: readonly ValveStateRow[],
  { controllerId }: Pick<ZoneRow, 'controllerId'>,
  silentBeforeMs: AtMs,
): boolean => controllerId !== null && (lastSeenMs(valves, controllerId) ?? -Infinity) < silentBeforeMs

/** From the reports of all its valves; null: never. */
function lastSeenMs(valves: readonly ValveStateRow[], controllerId: string | null): AtMs | null {
  if (controllerId === null) return null
  const heardMs = rowsBy(valves, 'deviceId', controllerId).map(({ reportedAtMs, heartbeatAtMs }) =>
    Math.max(reportedAtMs, heartbeatAtMs ?? 0),
  )
  return heardMs.length > 0 ? Math.max(...heardMs) : null
}
