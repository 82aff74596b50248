/** The outcome of a run: open time, volume, and the remaining minutes that a person may start. Pure. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { IrrigationRow, RunRow, RunState } from '../../tables.ts'
import type { PlanView } from './plan-schemas.ts'

type RunRecord = Pick<
  PlanView['runs'][number],
  'ranMinutes' | 'isRanBound' | 'litres' | 'volumeSource' | 'restMinutes' | 'meteredLitres'
>

export type LaterRun = Pick<RunRow, 'zoneId' | 'startMs' | 'state'>

// a valve that ran a second longer than three of ten minutes has seven left, not six
const SLACK_MINUTES = 0.1
const MIN_MINUTES = 1
/** States of a run that opened its zone, or may have. */
export const openedStates: readonly RunState[] = ['sent', 'running', 'done', 'failed']

/** `records`: of all its openings. `later`: later runs of its zone, on any day. */
export function runRecord(
  run: RunRow,
  records: readonly IrrigationRow[],
  later: readonly LaterRun[],
): RunRecord {
  if (records.length === 0)
    return {
      ranMinutes: null,
      isRanBound: false,
      litres: null,
      volumeSource: null,
      restMinutes: null,
      meteredLitres: null,
    }
  const ranMinutes = sum(records.map(({ ranMs }) => ranMs)) / MINUTE_MS
  const sources = records.filter(({ ranMs }) => ranMs > 0).map((record) => record.volumeSource)
  const volumeSource = (['unknown', 'rate'] as const).find((item) => sources.includes(item)) ?? 'metered'
  const litres = volumeSource === 'unknown' ? null : sum(records.map((record) => record.litres ?? 0))
  return {
    ranMinutes,
    isRanBound: records.some(({ ranMs, closedAtMs }) => ranMs > 0 && closedAtMs === null),
    litres,
    volumeSource,
    restMinutes: restMinutes(run, ranMinutes, later),
    meteredLitres: volumeSource === 'metered' ? litres : null,
  }
}

/**
 * Time that may have run counts as run. Once the zone was opened again nothing remains: that run may have
 * completed this one.
 */
function restMinutes(run: RunRow, ranMinutes: number, later: readonly LaterRun[]): number | null {
  // 'sequence-mismatch': the controller did more than is recorded, possibly the rest of this run
  if (run.state !== 'failed' || run.endReason === 'sequence-mismatch') return null
  const isOpenedAgain = later.some(
    ({ zoneId, startMs, state }) =>
      zoneId === run.zoneId && startMs > run.startMs && openedStates.includes(state),
  )
  const left = Math.floor(run.minutes - ranMinutes + SLACK_MINUTES)
  return isOpenedAgain || left < MIN_MINUTES ? null : left
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
