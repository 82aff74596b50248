/** The outcome of a run: open time, volume, and the remaining minutes that a person may start. Pure. */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { IrrigationRow, RunRow, RunState } from '../../tables.ts'
import type { PlanView } from './plan-schemas.ts'

type RunRecord = Pick<
  PlanView['runs'][number],
  'ranMinutes' | 'isRanBound' | 'litres' | 'volumeSource' | 'restMinutes' | 'meteredLitres'
>

/** A STOP of a person; without a zone, of all valves. */
export interface RunStop {
  zoneId: string | null
  atMs: AtMs
  by: string | null
}
/** The clock of the controller's report may be behind that of the STOP. */
const CLOSED_WITHIN_MS = MINUTE_MS

export type LaterRun = Pick<RunRow, 'zoneId' | 'startMs' | 'state'>

// a valve that ran a second longer than three of ten minutes has seven left, not six
const SLACK_MINUTES = 0.1
const MIN_MINUTES = 1
/** States of a run that opened its zone, or may have. */
export const openedStates: readonly RunState[] = ['sent', 'running', 'done', 'failed']

/** When a run began: its first opening as recorded, or its planned start until it has opened. */
export function beganMs(run: Pick<RunRow, 'startMs'>, records: readonly IrrigationRow[]): AtMs {
  const openings = records.flatMap(({ openedAtMs }) => openedAtMs ?? [])
  return openings.length === 0 ? run.startMs : Math.min(...openings)
}

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

/** What ended a run in its time. */
const inTime: ReadonlySet<string | null> = new Set(['timer', 'litres', null])

/** Of a run that is over although it had more to give: its end, its depth, and who stopped it. */
export function runCut(
  run: RunRow,
  records: readonly IrrigationRow[],
  stops: readonly RunStop[],
): Pick<PlanView['runs'][number], 'cutAtMs' | 'cutMm' | 'cutBy'> {
  const ran = records.filter(({ ranMs }) => ranMs > 0)
  const closings = ran.flatMap(({ closedAtMs }) => closedAtMs ?? [])
  if (run.state !== 'done' || inTime.has(run.endReason) || closings.length === 0)
    return { cutAtMs: null, cutMm: null, cutBy: null }
  const cutAtMs = Math.max(...closings)
  const depths = ran.flatMap(({ grossMm }) => grossMm ?? [])
  const stop = stops.findLast(
    ({ zoneId, atMs }) =>
      (zoneId === null || zoneId === run.zoneId) && atMs >= run.startMs && atMs <= cutAtMs + CLOSED_WITHIN_MS,
  )
  return {
    cutAtMs,
    cutMm: depths.length < ran.length ? null : sum(depths),
    cutBy: stop?.by ?? null,
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
