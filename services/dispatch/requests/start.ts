/** A manual start or the test of a valve: executed at once, or refused with its reason. */
import { randomUUID } from 'node:crypto'
import { dayOf, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import type { RequestRow, RunRow, ZoneRow } from '../../tables.ts'
import { VALVE_TEST } from '../../domain/manual-water.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { reconcileSequence } from '../controllers/sequence-numbers.ts'
import { openRun } from '../runs/open-run.ts'
import { recordOutcome, findZone, type RequestOutcome, type OutcomeRecorded } from './outcome.ts'

const STOP_WINS_MS = 2 * SECOND_MS

/** Opens a valve for the requested minutes; refuses with the reason of the first interlock. */
export async function start(
  dispatch: DispatchState,
  request: RequestRow,
): Promise<RequestOutcome | OutcomeRecorded> {
  const nowMs = dispatch.clock.now()
  const { minutes } = request
  // a person who pressed Start long ago may have left
  if (nowMs - request.atMs > dispatch.timing.unconfirmedMs) return { refused: 'expired' }
  if (await isStopped(dispatch, request)) return { refused: 'stopped' }
  if (minutes === null || !(minutes > 0)) return { refused: 'duration-missing' }
  const zone = await findZone(dispatch, request)
  if (!zone) return { refused: 'not-found' }
  if (minutes > zone.maxMinutes) return { refused: 'too-long' }
  const run = await manualRun(dispatch, request, zone, minutes)
  const doseMs = minutes * MINUTE_MS
  if (zone.controllerId !== null) await reconcileSequence(dispatch, zone.org, zone.controllerId)
  const expiresAtMs = nowMs + dispatch.timing.missedWindowMs
  const result = await openRun(
    dispatch,
    { run, zone, doseMs, expiresAtMs, requestId: request.id },
    async (rows) => {
      await rows.insertInto('run').values(run).execute()
      await recordOutcome(rows, request, { resultId: run.id })
    },
  )
  if (result.do === 'open') return { isRecorded: true }
  return { refused: result.do === 'gone' ? 'already-running' : result.why }
}

/**
 * Whether a STOP of the zone or of everything wins: one pressed later than the start, however the two arrived, or at
 * most two seconds before the start arrived. The person who presses Start may not be aware of it.
 */
async function isStopped(
  dispatch: Pick<DispatchState, 'state' | 'clock'>,
  { org, zoneId, atMs, pressedAtMs, undoesStop }: RequestRow,
): Promise<boolean> {
  const sinceMs = Math.min(pressedAtMs ?? atMs, atMs - STOP_WINS_MS)
  const stop = await dispatch.state
    .selectFrom('request')
    .select('id')
    .where('org', '=', org)
    .where('kind', 'in', ['stop', 'stop-all'])
    .where('atMs', '>=', sinceMs)
    // after a clock that was set back, a STOP may have a time that is still to come
    .where('atMs', '<=', dispatch.clock.now())
    .where('id', '!=', undoesStop ?? '')
    .where(({ eb, or }) => or([eb('zoneId', 'is', null), eb('zoneId', '=', zoneId)]))
    .executeTakeFirst()
  return stop !== undefined
}

async function manualRun(
  dispatch: Pick<DispatchState, 'state' | 'clock'>,
  request: RequestRow,
  zone: ZoneRow,
  minutes: number,
): Promise<RunRow> {
  const nowMs = dispatch.clock.now()
  const farm = await dispatch.state
    .selectFrom('farm')
    .select('timeZone')
    .where('id', '=', zone.farmId)
    .executeTakeFirst()
  const grossMm = (zone.applicationRateMmH * minutes) / 60
  return {
    id: randomUUID(),
    org: zone.org,
    farmId: zone.farmId,
    fieldId: zone.fieldId,
    zoneId: zone.id,
    day: dayOf(nowMs, farm?.timeZone ?? 'UTC'),
    startMs: nowMs,
    minutes,
    netMm: grossMm * zone.efficiency,
    grossMm,
    litres: null,
    state: 'sent',
    cause: 'manual',
    rainSkip: null,
    decisionId: null,
    planVersion: request.kind === 'test' ? VALVE_TEST : 'manual',
    actor: request.actor,
    approvedBy: request.actor,
    endReason: null,
    updatedAtMs: nowMs,
  }
}
