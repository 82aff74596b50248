/**
 * Puffers, sirens and fans: the turns that a rule of the farm wants, over the same orders as valves. The same numbers,
 * lease, duration, stop and record hold; what is on is shut by its own duration, with the lease, or as soon as nobody wants
 * it any more. A turn that could not begin within five minutes never does.
 */
import { randomUUID } from 'node:crypto'
import { newLife, reduceLife } from '../../../broker/contract/command-life/reduce.ts'
import { dayOf, MINUTE_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import { TIMED_CAP_MS } from '../../../broker/contract/valve-device/device.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { restraintOf } from '../../domain/auxiliary-outputs.ts'
import { toJson, type CommandRow, type OutputRow, type OutputTurnRow } from '../../tables.ts'
import { keyOf, linkOfDevice, openValves, type Desk, type Live } from '../dispatch-state.ts'
import { raise } from '../protocol-monitor/monitor.ts'
import { originOf } from '../protocol-monitor/watch-order.ts'
import { freshReport } from '../controllers/connections.ts'
import { isLockedOut } from '../interlocks/valve-lockout.ts'
import { compareNumbers, nextSeq } from '../controllers/sequence-numbers.ts'
import { judgeOutput, type OutputRefusal } from '../interlocks/output-interlocks.ts'
import { OUTPUT_REASON, skipTurn } from './output-runs.ts'
import { auditEntry, type Rows } from '../command-rows.ts'
import { openStopOf } from '../requests/unrecorded-stop.ts'
import { stepLife } from '../runs/supervise-run.ts'
import { announce } from '../notify.ts'

const BEGINS_WITHIN_MS = 5 * MINUTE_MS

/**
 * Everything of outputs that is due now: what is on and not wanted ends, then what is wanted begins. Never throws: no water
 * waits for a siren.
 */
export async function tendOutputs(desk: Desk): Promise<void> {
  const nowMs = desk.clock.now()
  try {
    await endUnwanted(desk)
    desk.tendOutputsAtMs = await beginDue(desk)
  } catch (error) {
    desk.tendOutputsAtMs = nowMs + desk.timing.resendMs
    desk.log.error({ error }, 'outputs could not be looked at; tried again soon')
  }
}

/** Gives when to look again; Infinity: nothing is due. */
async function beginDue(desk: Desk): Promise<AtMs> {
  const turns = await desk.state
    .selectFrom('outputTurn')
    .selectAll()
    .where('state', '=', 'due')
    .orderBy('fromMs')
    .execute()
  let nextMs = Infinity
  for (const turn of turns) {
    if (turn.fromMs > desk.clock.now()) nextMs = Math.min(nextMs, turn.fromMs)
    else if (!(await tryTurn(desk, turn))) nextMs = Math.min(nextMs, desk.clock.now() + desk.timing.resendMs)
  }
  return nextMs
}

/** True when nothing is left to be done for it. */
async function tryTurn(desk: Desk, turn: OutputTurnRow): Promise<boolean> {
  const output = await outputOf(desk.state, turn.outputId)
  if (output) await compareNumbers(desk, output.org, output.deviceId)
  const key = output ? await keyOf(desk, output.org, output.deviceId) : null
  const written = await desk.state.transaction().execute((rows) => writeTurn(desk, rows, turn, key))
  if ('waitsFor' in written) {
    if (desk.clock.now() <= turn.fromMs + BEGINS_WITHIN_MS) return false
    await skipTurn(desk.state, turn, written.waitsFor)
  }
  if (!('live' in written)) return true
  const { live, send } = written
  desk.lives.set(live.row.id, live)
  const to = { org: live.row.org, device: live.row.deviceId }
  for (const command of send) desk.out.command(to, key!, command)
  announce(desk, live)
  if (originOf(live.row) === null)
    await raise(desk, to, [{ rule: 'I13', valve: live.row.valve, seq: live.row.seq, detail: {} }])
  return true
}

type Written =
  | { live: Live; send: ReturnType<typeof reduceLife>['send'] }
  | { waitsFor: OutputRefusal }
  | { skipped: OutputRefusal }
  | { isGone: true }

/** The interlocks, the order, its number, its audit and the turn's state: in one transaction. */
async function writeTurn(desk: Desk, rows: Rows, turn: OutputTurnRow, key: string | null): Promise<Written> {
  const nowMs = desk.clock.now()
  const output = await outputOf(rows, turn.outputId)
  const link = output ? desk.links.get(output.deviceId) : undefined
  const report = link ? freshReport(link, nowMs, desk.timing.freshMs) : null
  const verdict = judgeOutput({
    nowMs,
    turn,
    output,
    report,
    live: openValves(desk),
    timeZone: await timeZoneOf(rows, turn.farmId),
    isZones: output !== null && (await isZonesValve(rows, output)),
    isLockedOut: output !== null && (await isLockedOut(rows, output.deviceId, output.valve)),
    isStopped: openStopOf(desk, turn.org, null) !== undefined,
    usedMinutes: await usedMinutesToday(rows, turn, nowMs),
  })
  if (verdict.do === 'wait') return { waitsFor: verdict.why }
  if (verdict.do === 'skip' || key === null) {
    const why = verdict.do === 'skip' ? verdict.why : 'no-valve'
    await skipTurn(rows, turn, why)
    return { skipped: why }
  }
  const { deviceId, valve } = output!
  const { last, capMs, class: kind } = report!
  const isTimed = kind === 'timed'
  const durMs = Math.round(Math.min(turn.minutes * MINUTE_MS, capMs, isTimed ? TIMED_CAP_MS : Infinity))
  const id = randomUUID()
  const taken = await rows
    .updateTable('outputTurn')
    .set({ state: 'sent', commandId: id })
    .where('id', '=', turn.id)
    .where('state', '=', 'due')
    .executeTakeFirst()
  if (taken.numUpdatedRows === 0n) return { isGone: true }
  const seq = await nextSeq(rows, deviceId, valve, last[valve] ?? 0)
  const notAfterMs = turn.fromMs + BEGINS_WITHIN_MS
  const born = newLife({ id, valve, seq, durMs, litres: null, notAfterMs, isTimed })
  const { life, send } = reduceLife(
    born,
    { type: 'tick', atMs: nowMs, link: linkOfDevice(desk, deviceId) },
    desk.timing,
  )
  const live: Live = {
    row: commandRow(output!, life, nowMs),
    life,
    zone: null,
    fieldId: turn.fieldId,
    stoppedBy: null,
    cutBy: null,
    retryAtMs: 0,
    lookAtMs: 0,
  }
  await rows.insertInto('command').values(live.row).execute()
  await appendAudit(rows, auditEntry(live, nowMs))
  return { live, send }
}

function commandRow(output: OutputRow, life: Live['life'], atMs: AtMs): CommandRow {
  return {
    id: life.id,
    org: output.org,
    deviceId: output.deviceId,
    valve: output.valve,
    seq: life.seq,
    op: 'open',
    ofSeq: null,
    runId: null,
    requestId: null,
    durMs: life.durMs,
    litres: null,
    state: life.state,
    life: toJson(life),
    outcome: null,
    // it traces to whoever has opted in
    actor: output.switchedBy ?? `plan:${OUTPUT_REASON}`,
    reason: OUTPUT_REASON,
    notAfterMs: life.notAfterMs,
    createdAtMs: atMs,
    sentAtMs: life.sentAtMs,
    confirmedAtMs: null,
    endedAtMs: null,
    ranMs: null,
    ranLitres: null,
  }
}

/** Switched off, paused, out of its hours, or not wanted by its rule any more: shut now. */
async function endUnwanted(desk: Desk): Promise<void> {
  for (const live of [...desk.lives.values()]) {
    const { row, life } = live
    if (row.reason !== OUTPUT_REASON || life.isStopped) continue
    const turn = await desk.state
      .selectFrom('outputTurn')
      .selectAll()
      .where('commandId', '=', row.id)
      .executeTakeFirst()
    const output = turn && (await outputOf(desk.state, turn.outputId))
    const timeZone = turn ? await timeZoneOf(desk.state, turn.farmId) : 'UTC'
    const isWanted =
      turn !== undefined &&
      turn.state !== 'ending' &&
      output != null &&
      restraintOf(output, desk.clock.now(), timeZone) === null
    if (isWanted) continue
    live.stoppedBy ??= output?.switchedBy ?? OUTPUT_REASON
    await stepLife(desk, live, { type: 'stop' })
  }
}

const outputOf = async (rows: Rows, id: string): Promise<OutputRow | null> =>
  (await rows.selectFrom('output').selectAll().where('id', '=', id).executeTakeFirst()) ?? null

async function timeZoneOf(rows: Rows, farmId: string): Promise<string> {
  const farm = await rows.selectFrom('farm').select('timeZone').where('id', '=', farmId).executeTakeFirst()
  return farm?.timeZone ?? 'UTC'
}

const isZonesValve = async (rows: Rows, { deviceId, valve }: OutputRow): Promise<boolean> =>
  (await rows
    .selectFrom('zone')
    .select('id')
    .where('controllerId', '=', deviceId)
    .where('valve', '=', valve)
    .executeTakeFirst()) !== undefined

/** What is not known to have ended counts whole. */
async function usedMinutesToday(rows: Rows, turn: OutputTurnRow, nowMs: AtMs): Promise<number> {
  const timeZone = await timeZoneOf(rows, turn.farmId)
  const turns = await rows
    .selectFrom('outputTurn')
    .select(['minutes', 'ranMs'])
    .where('outputId', '=', turn.outputId)
    .where('id', '!=', turn.id)
    .where('state', 'not in', ['skipped', 'due'])
    .where('fromMs', '>=', startOfDay(dayOf(nowMs, timeZone), timeZone))
    .execute()
  return turns.reduce((sum, { minutes, ranMs }) => sum + (ranMs === null ? minutes : ranMs / MINUTE_MS), 0)
}
