/** An order to a valve and where it stands, from rows alone. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { commandView } from '../../../../services/api/irrigation/command-view.ts'
import { zoneView } from '../../../../services/api/farms/zone-view.ts'
import { newForeignValve } from '../../../../services/drivers/driver-state.ts'
import {
  toJson,
  type CommandRow,
  type DriverRun,
  type ForeignValve,
  type ValveStateRow,
  type ZoneRow,
} from '../../../../services/tables.ts'
import { NOW } from '../screens/rows.ts'

const command: CommandRow = {
  id: 'c',
  org: 'midori',
  deviceId: 'd',
  valve: 'V1',
  seq: 42,
  op: 'open',
  ofSeq: null,
  runId: 'r',
  requestId: null,
  durMs: 30 * MINUTE_MS,
  litres: null,
  state: 'new',
  lifecycle: toJson({}),
  outcome: null,
  actor: 'a',
  reason: 'manual',
  expiresAtMs: NOW + MINUTE_MS,
  createdAtMs: NOW,
  sentAtMs: null,
  confirmedAtMs: null,
  endedAtMs: null,
  ranMs: null,
  ranLitres: null,
}
export const valve: ValveStateRow = {
  deviceId: 'd',
  valve: 'V1',
  org: 'midori',
  pos: 'open',
  feedback: null,
  seq: 42,
  ranMs: 1000,
  litres: 9,
  why: 'command',
  sess: 's',
  reportedAtMs: NOW,
  heartbeatAtMs: null,
  boundMs: NOW + 31 * MINUTE_MS,
  capMs: 119.5 * MINUTE_MS,
  isTimed: 0,
}
const zone = { id: 'z', name: 'V1', fieldId: 'f', areaM2: 500, applicationRateMmH: 6 }
export const view = (change: Partial<CommandRow>, reported: ValveStateRow | null = valve) =>
  commandView({
    command: { ...command, ...change },
    zone,
    fieldName: 'North 3',
    valve: reported,
    flowLpm: 31,
  })

describe('an order to a valve', () => {
  it.each([
    ['new', 'waiting'],
    ['sent', 'sent'],
    ['running', 'confirmed'],
    ['unknown', 'unconfirmed'],
    ['fencing', 'unconfirmed'],
    ['rejected', 'refused'],
    ['expired', 'refused'],
    ['done', 'ended'],
    ['aborted', 'ended'],
    ['resolved', 'ended'],
  ])('that is %s is shown as %s', (from, to) => expect(view({ state: from }).state).toBe(to))

  it('without confirmation has no end, only a bound', () => {
    const sent = view({ state: 'sent' }, null)
    expect([sent.endsAtMs, sent.boundMs, sent.flowLpm]).toEqual([null, NOW + 31 * MINUTE_MS, null])
    expect(view({ state: 'unknown', lifecycle: toJson({ boundAtMs: NOW + 5 }) }, null).boundMs).toBe(NOW + 5)
    expect(view({ state: 'done', outcome: 'timer' })).toMatchObject({ boundMs: null, reason: 'timer' })
  })

  it('uses litres only from the report of its own opening', () => {
    expect(view({ state: 'running', confirmedAtMs: NOW }).litres).toBe(9)
    expect(view({ state: 'running', confirmedAtMs: NOW }, { ...valve, seq: 41 }).litres).toBeNull()
    expect(view({ state: 'done', ranLitres: 0 }).litres).toBe(0)
  })
})

describe('the position of a valve', () => {
  const testRun: DriverRun = {
    seq: 7,
    commandId: 'c',
    durMs: 60_000,
    litres: null,
    requestId: 1,
    notAfterMs: NOW,
    expMonoMs: 60_000,
    step: 1,
    waitUntilMonoMs: null,
    hasWaitDiffered: false,
    leftMonoMs: 0,
    openedMonoMs: null,
    isWithdrawn: false,
    mayResume: true,
    untilMonoMs: null,
    askMonoMs: null,
    latestMonoMs: null,
    bound: 'unread',
    boundBefore: null,
    boundUntilMonoMs: null,
    unclearSinceMonoMs: null,
    isNotified: false,
    closeRequestId: null,
    closeMonoMs: null,
    hasSaidOpenSinceClose: false,
  }
  const row: ZoneRow = {
    id: 'z',
    org: 'midori',
    farmId: 'farm',
    fieldId: 'f',
    name: 'V1',
    areaM2: 1,
    method: 'drip',
    applicationRateMmH: 4,
    efficiency: 0.9,
    wettedFraction: 1,
    mode: 'auto',
    madFraction: null,
    maxDepthMm: 20,
    minMinutes: 5,
    maxMinutes: 60,
    windowFromMin: 0,
    windowToMin: 0,
    controllerId: 'd',
    valve: 'V1',
    pumpId: null,
    adjustPercent: 0,
    pausedUntilMs: NOW - 1,
    dailyMaxLitres: null,
  }
  const position = (reported: ValveStateRow | null, agoMs: number, change: Partial<ZoneRow> = {}) =>
    zoneView({ ...row, ...change }, reported, NOW + agoMs, 10_000).position

  it('is unknown once two heartbeats were missed', () => {
    expect(position(valve, 20_000)).toBe('open')
    expect(position(valve, 20_001)).toBe('unknown')
    expect(position({ ...valve, heartbeatAtMs: NOW + 10_000 }, 20_001)).toBe('open')
    expect(position(null, 0)).toBe('unknown')
    expect(position(null, 0, { controllerId: null })).toBe('none')
  })

  it('is the position of the sensor, before the driven one', () => {
    expect(position({ ...valve, feedback: 'closed' }, 0)).toBe('closed')
  })

  it.each<[string, Partial<ForeignValve>, string]>([
    ['is as its controller reports it while nothing is ordered', { run: null }, 'closed'],
    ['and before an order has left', { phase: 'preparing' }, 'closed'],
    ['is unknown once an open has left', { phase: 'opening' }, 'unknown'],
    ['is open in a test run', { phase: 'running', said: 'open' }, 'open'],
    ['is unknown while it is asked', { phase: 'asking', said: 'closed' }, 'unknown'],
    ['is unknown until its closing is proved', { phase: 'closing', said: 'closed' }, 'unknown'],
    ['is open until then where it has reported so', { phase: 'closing', said: 'open' }, 'open'],
  ])('of another make %s', (_name, change, expected) => {
    const foreignState = toJson({ ...newForeignValve, run: testRun, ...change })
    const reported = { ...valve, pos: 'closed' as const, feedback: null, foreignState }
    expect(zoneView(row, reported, NOW, 10_000).position).toBe(expected)
  })

  it('has the longest opening that its controller reports, in whole minutes; null before the first report', () => {
    expect(zoneView(row, valve, NOW, 10_000).capMinutes).toBe(119)
    expect(zoneView(row, { ...valve, capMs: null }, NOW, 10_000).capMinutes).toBeNull()
    expect(zoneView(row, null, NOW, 10_000).capMinutes).toBeNull()
  })

  it('omits a pause that is over', () => {
    expect(zoneView(row, null, NOW, 10_000).pausedUntilMs).toBeNull()
  })
})
