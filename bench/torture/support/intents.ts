/**
 * The outcome of every intent, read from the state at the end and compared with the valves: its origin, its commands,
 * and its open time.
 */
import { join } from 'node:path'
import { isActiveState } from '../../../broker/contract/command-lifecycle/types.ts'
import { MINUTE_MS, SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import type { AuditRow, CommandRow, RunRow } from '../../../services/tables.ts'
import { readAuditDetail, readLifecycle } from '../../../services/tables.ts'
import { atMost, count, infoFigure, type Figure } from '../../support/report.ts'
import type { FastFarm } from './fast-farm.ts'
import { seconds } from './fault-line.ts'
import { untraced } from './origins.ts'
import type { Violation, DeviceRule, Opening, Session } from './valve-judge.ts'

const RECONCILE_MS = 30 * SECOND_MS // invariant I9, from the device's hello

const ruleText: Record<DeviceRule, string> = {
  I1: 'I1 a number opened twice, or before it was used up',
  I2: 'I2 open longer than ordered, and a second',
  I3: 'I3 opened by a command of another session or time',
  I4: 'I4 open without a lease',
  I5: 'I5 opened by a start of the device',
  I7: 'I7 opened after its close was acknowledged',
  I12: 'I12 delivered a retained command',
}

/** The rules of the devices, each with its number of violations. */
export function deviceFigures(
  line: string,
  violations: readonly Violation[],
  log: (text: string) => void,
): Figure[] {
  for (const { rule, device, valve, seq, detail } of violations.slice(0, 5))
    log(`${line}: ${rule} broken by ${device} ${valve} ${seq}: ${detail}`)
  return (Object.keys(ruleText) as DeviceRule[]).map((rule) =>
    atMost(line, ruleText[rule], violations.filter((violation) => violation.rule === rule).length, 0, count),
  )
}

export interface Judged {
  openings: readonly Opening[]
  sessions: ReadonlyMap<string, readonly Session[]> // by device
  /** tolerance per opening: a second plus the delay of the device */
  slackMs: number
}

export const judgementOf = ({ judges, lag }: Pick<FastFarm, 'judges' | 'lag'>): Judged => ({
  openings: [...judges.values()].flatMap((judge) => judge.openings()),
  sessions: new Map([...judges].map(([device, judge]) => [device, judge.sessions()])),
  slackMs: SECOND_MS + lag.longestMs(),
})

/**
 * I6, I9, I10, I13 and the records, from the state in `dataDir`; the server must have ended. `doubts`: shown only where
 * messages take minutes; not judged where the clock jumps, since they cannot be measured.
 */
export async function intentFigures(
  line: string,
  dataDir: string,
  { openings, sessions, slackMs }: Judged,
  log: (text: string) => void,
  { doubts: how = 'judged' }: { doubts?: 'judged' | 'shown' | 'not judged' } = {},
): Promise<Figure[]> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const [runs, commands, requests, audit] = await Promise.all([
    state.selectFrom('run').selectAll().execute(),
    state.selectFrom('command').selectAll().where('op', '=', 'open').execute(),
    state.selectFrom('request').selectAll().execute(),
    state.selectFrom('audit').selectAll().where('action', 'like', 'command-%').orderBy('n').execute(),
  ]).finally(close)
  // a monitor that reports a changed clock (I14) works as intended
  const isSet = how === 'not judged'
  const monitors = (await brokenRules(dataDir, slackMs)).filter((text) => !isSet || !text.includes('"I14"'))
  for (const text of monitors.slice(0, 5)) log(`${line}: a monitor found ${text}`)
  const keyOf = (device: string, valve: string, seq: number) => `${device} ${valve} ${seq}`
  const orders = new Map(commands.map((row) => [keyOf(row.deviceId, row.valve, row.seq), row]))
  const orderOf = ({ device, valve, seq }: Opening) => orders.get(keyOf(device, valve, seq))
  const unexpected = openings.filter((opening) => {
    const order = orderOf(opening)
    return order === undefined || order.durMs !== opening.durMs
  })
  const overdoses = overDose(runs, openings, orderOf, slackMs)
  for (const text of overdoses.slice(0, 5)) log(`${line}: too much water: ${text}`)
  const mismatches = wrongRecords(commands, openings, orderOf, slackMs)
  for (const text of mismatches.slice(0, 5)) log(`${line}: wrong record: ${text}`)
  const nobodys = untraced(commands, runs, requests)
  for (const text of nobodys.slice(0, 5)) log(`${line}: ${text}`)
  const doubts = doubtsMs(audit, commands, sessions)
  const unended = [
    ...commands.filter((row) => isActiveState(row.state)),
    ...runs.filter((row) => row.state === 'sent' || row.state === 'running'),
    ...requests.filter((row) => row.state === 'new'),
  ]
  return [
    atMost(line, `I6 irrigated over the dose, of ${count(runs.length)} intents`, overdoses.length, 0, count),
    atMost(
      line,
      `I9 opened without its command on record, of ${count(openings.length)}`,
      unexpected.length,
      0,
      count,
    ),
    ...doubtFigures(line, doubts, how),
    // old requests are deleted
    ...(isSet
      ? []
      : [
          atMost(
            line,
            `I13 commands without an origin, of ${count(commands.length)}`,
            nobodys.length,
            0,
            count,
          ),
        ]),
    atMost(
      line,
      `I10 commands, runs, requests without an end, of ${count(commands.length)} commands`,
      unended.length,
      0,
      count,
    ),
    atMost(line, 'records that differ from the actual run', mismatches.length, 0, count),
    atMost(line, 'rules that the monitors found broken', monitors.length, 0, count),
    infoFigure(line, 'ended by', endsText(commands)),
  ]
}

function doubtFigures(line: string, doubts: readonly number[], how: string): Figure[] {
  if (how === 'not judged') return []
  const figure = `I9 unconfirmed after the hello, longest of ${count(doubts.length)}`
  const longestMs = Math.max(0, ...doubts)
  return how === 'judged'
    ? [atMost(line, figure, longestMs, RECONCILE_MS, seconds)]
    : [infoFigure(line, figure, seconds(longestMs))]
}

/** Violations found by monitors, except overruns explained by delays of this machine. */
async function brokenRules(dataDir: string, slackMs: number): Promise<string[]> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const rows = await state
    .selectFrom('audit')
    .select(['subject', 'detail'])
    .where('action', '=', 'rule-broken')
    .execute()
    .finally(close)
  const heldUp = ({ rule, ranMs = NaN, longestMs = NaN, doseMs = NaN, lateMs = NaN }: Found) =>
    ((rule === 'I4' || rule === 'I8') && lateMs <= slackMs) ||
    (rule === 'I2' && ranMs - longestMs <= slackMs) ||
    (rule === 'I6' && ranMs - doseMs <= 2 * slackMs)
  return rows
    .filter(({ detail }) => !heldUp(readAuditDetail(detail) as Found))
    .map(({ subject, detail }) => `${subject} ${JSON.stringify(readAuditDetail(detail))}`)
}

interface Found {
  rule: string
  ranMs?: number
  longestMs?: number
  lateMs?: number
  doseMs?: number
}

const openMs = ({ openedMs, closedMs }: Opening): number => (closedMs ?? Infinity) - openedMs

/** Intents that got more water than requested, according to the valves. */
function overDose(
  runs: readonly RunRow[],
  openings: readonly Opening[],
  orderOf: (opening: Opening) => CommandRow | undefined,
  slackMs: number,
): string[] {
  const delivered = new Map<string, { ms: number; times: number }>()
  for (const opening of openings) {
    const run = orderOf(opening)?.runId
    if (run == null) continue
    const { ms, times } = delivered.get(run) ?? { ms: 0, times: 0 }
    delivered.set(run, { ms: ms + openMs(opening), times: times + 1 })
  }
  return runs.flatMap(({ id, minutes }) => {
    const { ms, times } = delivered.get(id) ?? { ms: 0, times: 0 }
    return ms <= minutes * MINUTE_MS + slackMs * times
      ? []
      : [`run ${id}: ${ms} ms in ${times} openings, of ${minutes} min`]
  })
}

/** A certain record must match the actual run; an uncertain one is an upper bound. */
function wrongRecords(
  commands: readonly CommandRow[],
  openings: readonly Opening[],
  orderOf: (opening: Opening) => CommandRow | undefined,
  slackMs: number,
): string[] {
  const ranByCommand = new Map<string, number>()
  for (const opening of openings) {
    const order = orderOf(opening)
    if (order) ranByCommand.set(order.id, (ranByCommand.get(order.id) ?? 0) + openMs(opening))
  }
  return commands.flatMap(({ id, state, ranMs, lifecycle, outcome }) => {
    const reallyMs = ranByCommand.get(id) ?? 0
    const { isBound } = readLifecycle(lifecycle)
    if (isActiveState(state) || ranMs === null) return []
    const isRight = isBound ? ranMs >= reallyMs - slackMs : Math.abs(ranMs - reallyMs) <= slackMs
    return isRight ? [] : [`order ${id} ${state} ${outcome}: ${ranMs} ms on record, ${reallyMs} ms ran`]
  })
}

/**
 * How long each command stayed unconfirmed after its device's hello while it was reachable: the longest such time,
 * since a killed server starts again with the next hello.
 */
function doubtsMs(
  audit: readonly AuditRow[],
  commands: readonly CommandRow[],
  sessions: ReadonlyMap<string, readonly Session[]>,
): number[] {
  const deviceOf = new Map(commands.map(({ id, deviceId }) => [id, deviceId]))
  const helloSince = new Map<string, AtMs>()
  const doubts: number[] = []
  for (const { subject, action, atMs } of audit) {
    const doubtMs = helloSince.get(subject)
    // resolved by the device's report: open with our number, or ended
    if (action === 'command-unknown') helloSince.set(subject, doubtMs ?? atMs)
    else if (action !== 'command-fencing' && doubtMs !== undefined) {
      helloSince.delete(subject)
      const ownSessions = sessions.get(deviceOf.get(subject) ?? '') ?? []
      const reachable = ownSessions.filter(({ fromMs }) => fromMs >= doubtMs && fromMs <= atMs)
      if (reachable.length > 0)
        doubts.push(Math.max(...reachable.map(({ fromMs, toMs }) => Math.min(toMs, atMs) - fromMs)))
    }
  }
  return doubts
}

function endsText(commands: readonly CommandRow[]): string {
  const endTimes = new Map<string, number>()
  for (const { outcome } of commands)
    endTimes.set(outcome ?? 'no end', (endTimes.get(outcome ?? 'no end') ?? 0) + 1)
  return [...endTimes]
    .sort((a, b) => b[1] - a[1])
    .map(([outcome, times]) => `${outcome} ${count(times)}`)
    .join(', ')
}
