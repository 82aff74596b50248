/** Auxiliary outputs as shown: their bounds, their last decision, and their runs. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { outputBounds } from '../../domain/auxiliary-outputs.ts'
import {
  readOutputHours,
  readOutputQuiet,
  readOutputRule,
  readOutputRunReason,
  readOutputReason,
  type AuxOutputRow,
  type AuxOutputRunRow,
  type ValveStateRow,
} from '../../tables.ts'
import type { OutputView } from './output-schemas.ts'

/** `turns`: newest first. A report older than two heartbeats is not shown as current. */
export function outputView(
  row: AuxOutputRow,
  turns: readonly AuxOutputRunRow[],
  valve: ValveStateRow | null,
  at: { nowMs: AtMs; heartbeatMs: number },
): OutputView {
  const { id, fieldId, name, kind, deviceId, onMinutes, everyMinutes, maxDailyMinutes, maxWindMps } = row
  const { rules, maxOnMinutes, minEveryMinutes, maxDailyMinutes: dailyBound } = outputBounds[kind]
  const heardMs = valve && Math.max(valve.reportedAtMs, valve.heartbeatAtMs ?? 0)
  const isFresh = heardMs !== null && Math.abs(at.nowMs - heardMs) <= 2 * at.heartbeatMs
  return {
    id,
    fieldId,
    name,
    kind,
    deviceId,
    valve: row.valve,
    isOn: row.isOn === 1,
    rule: row.rule === null ? null : readOutputRule(row.rule),
    hours: readOutputHours(row.hours),
    quietHours: row.quietHours === null ? null : readOutputQuiet(row.quietHours),
    onMinutes,
    everyMinutes,
    maxDailyMinutes,
    maxWindMps,
    bounds: { rules: [...rules], maxOnMinutes, minEveryMinutes, maxDailyMinutes: dailyBound },
    position: valve && isFresh ? (valve.feedback ?? valve.pos) : 'unknown',
    reason: row.reason === null || row.isOn !== 1 ? null : readOutputReason(row.reason),
    runs: turns.map(({ reason, ...turn }) => ({
      id: turn.id,
      fromMs: turn.fromMs,
      minutes: turn.minutes,
      state: turn.state,
      reason: readOutputRunReason(reason),
      ranMs: turn.ranMs,
      endReason: turn.endReason,
    })),
  }
}
