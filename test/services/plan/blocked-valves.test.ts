/** A valve that cannot open is never OK, and "watering" is shown only for flowing water. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { planFarm } from '../../../services/plan/run/plan-farm.ts'
import { reconcileRuns } from '../../../services/plan/run/reconcile.ts'
import type { FarmSnapshot } from '../../../services/plan/snapshot.ts'
import { toJson } from '../../../services/tables.ts'
import {
  alertRow,
  at,
  fieldRow,
  pumpRow,
  runRow,
  seasonRow,
  snapshot,
  stateRow,
  valveRow,
  zoneRow,
} from './farm.ts'

const evening = at(-4)
// dispatch skips a run that could not be opened within 15 minutes
const timesAt = (nowMs: number) => ({
  nowMs,
  stateValidMs: 6 * HOUR_MS,
  silentBeforeMs: nowMs - 15 * MINUTE_MS,
})
const planAt = (nowMs: number, set: Partial<FarmSnapshot>) => planFarm(snapshot(set), timesAt(nowMs))
const adviceAt = (nowMs: number, set: Partial<FarmSnapshot> = {}) => planAt(nowMs, set).advice[0]!
function changesAt(nowMs: number, set: Partial<FarmSnapshot> = {}) {
  const farm = snapshot(set)
  const plan = planFarm(farm, timesAt(nowMs))
  let id = 0
  return reconcileRuns(farm, plan.outcomes, { nowMs, planVersion: '1-new', newId: () => `new-${++id}` })
}
/** 1 mm is left above the line, and the day's 6 mm are still to be used. */
const dryAt = (atMs: number) => [stateRow({ atMs, etcTodayMm: 0, depletionMm: 44 })]
const fault = [alertRow()]
const lockedOut = (valve: string, cause = 'valve-locked-out') => [
  alertRow({ cause, params: toJson({ valve }) }),
]

describe('a controller with a latched fault', () => {
  it('a field in need requests a person, with the fault and its time', () => {
    const advice = adviceAt(evening, { alerts: fault })
    expect(advice.status).toBe('act')
    expect(advice.decision.key).toBe('needs-valve')
    expect(advice.decision.params).toMatchObject({ mm: 40, reason: 'valve-fault', sinceMs: at(-30) })
  })

  it('a paddy that has fallen to -300 mm requests a person, every day', () => {
    const paddy = (nowMs: number): Partial<FarmSnapshot> => ({
      fields: [fieldRow({ kind: 'paddy', soilTexture: 'clay' })],
      seasons: [seasonRow({ crop: 'rice', plantedDay: '2026-05-20' })],
      states: [stateRow({ atMs: nowMs, levelMm: -300, levelAtMs: nowMs })],
      zones: [zoneRow({ method: 'flood', windowFromMin: 0, windowToMin: 1440 })],
      alerts: fault,
    })
    for (const nowMs of [at(0), at(24), at(48)]) {
      const advice = adviceAt(nowMs, paddy(nowMs))
      expect(advice).toMatchObject({ status: 'act', decision: { key: 'needs-valve' } })
    }
  })

  it('has no run in the plan, and occupies none of its pump', () => {
    const zones = [
      zoneRow(),
      zoneRow({ id: 'zone-2', fieldId: 'field-2', controllerId: 'controller-2', valve: 'V1' }),
    ]
    const set = {
      fields: [fieldRow(), fieldRow({ id: 'field-2', name: 'South 1' })],
      seasons: [seasonRow(), seasonRow({ fieldId: 'field-2' })],
      states: [stateRow(), stateRow({ fieldId: 'field-2' })],
      zones,
      pumps: [pumpRow({ capacityLpm: 1_700 })],
    }
    // one field alone takes 1,667 L/min: the second of two would have to wait for the first
    expect(changesAt(evening, set).insert).toHaveLength(1)
    expect(changesAt(evening, { ...set, alerts: fault }).insert).toMatchObject([
      { zoneId: 'zone-2', startMs: at(4), minutes: 300 },
    ])
  })

  it('an approved run is withdrawn, even two minutes before its time and while dispatch waits', () => {
    for (const nowMs of [evening, at(3, 59), at(4, 8)]) {
      const states = dryAt(nowMs)
      const changes = changesAt(nowMs, { alerts: fault, states, runs: [runRow({ minutes: 300 })] })
      expect(changes.insert).toEqual([])
      expect(changes.update).toMatchObject([
        { id: 'run-1', set: { state: 'cancelled', endReason: 'valve-blocked' } },
      ])
      const runs = [runRow({ minutes: 300 })]
      expect(adviceAt(nowMs, { alerts: fault, states, runs }).decision.key).toBe('needs-valve')
    }
  })

  it('the run is withdrawn as well where the field has no data', () => {
    const runs = [runRow({ approvedBy: 'user-1' })]
    expect(changesAt(evening, { alerts: fault, states: [], runs }).update).toMatchObject([
      { set: { state: 'cancelled', endReason: 'valve-blocked' } },
    ])
  })

  it('when it is cleared the plan returns, with the approval of a person', () => {
    const blocked = runRow({
      state: 'cancelled',
      endReason: 'valve-blocked',
      approvedBy: 'user-1',
      minutes: 300,
    })
    const zones = [zoneRow({ mode: 'approve', windowToMin: 720 })]
    const states = [stateRow({ atMs: at(4), etcTodayMm: 0 })]
    expect(changesAt(at(4, 20), { runs: [blocked], zones, states }).insert).toMatchObject([
      { state: 'approved', approvedBy: 'user-1' },
    ])
    expect(changesAt(evening).insert).toMatchObject([{ state: 'approved' }])
    expect(adviceAt(evening).decision.key).toBe('irrigate')
  })

  it('does not appear for a field that needs no water', () => {
    const states = [stateRow({ depletionMm: 10 })]
    expect(adviceAt(evening, { alerts: fault, states })).toMatchObject({
      status: 'ok',
      decision: { key: 'enough' },
    })
  })

  it('does not affect other controllers, nor a person who irrigates by hand', () => {
    const elsewhere = [alertRow({ deviceId: 'controller-2' })]
    expect(adviceAt(evening, { alerts: elsewhere }).decision.key).toBe('irrigate')
    const zones = [zoneRow({ mode: 'advise' })]
    expect(adviceAt(evening, { alerts: fault, zones })).toMatchObject({
      status: 'act',
      decision: { key: 'irrigate-manual' },
    })
  })

  it('a run that has begun and whose rest waits behind the fault is not "watering"', () => {
    const runs = [runRow({ state: 'running', minutes: 300 })]
    const set = { runs, states: dryAt(at(4, 30)) }
    expect(adviceAt(at(4, 30), { ...set, alerts: fault, valves: [valveRow()] }).decision.key).toBe(
      'needs-valve',
    )
    expect(adviceAt(at(4, 30), { ...set, valves: [valveRow({ pos: 'open' })] }).decision.key).toBe('watering')
  })
})

describe('a valve that is locked out', () => {
  it.each(['valve-locked-out', 'valve-bound-lock'])(
    'blocks its own zone and no other of the controller (%s)',
    (cause) => {
      expect(adviceAt(evening, { alerts: lockedOut('V1', cause) })).toMatchObject({
        status: 'act',
        decision: { key: 'needs-valve', params: { reason: cause } },
      })
      expect(changesAt(evening, { alerts: lockedOut('V1', cause) }).insert).toEqual([])
      expect(adviceAt(evening, { alerts: lockedOut('V2', cause) }).decision.key).toBe('irrigate')
    },
  )

  it('that a person has opened is watering while it is reported open', () => {
    const runs = [runRow({ state: 'running', cause: 'manual' })]
    const valves = [valveRow({ pos: 'open' })]
    const states = dryAt(at(4, 30))
    expect(adviceAt(at(4, 30), { alerts: lockedOut('V1'), runs, valves, states }).decision.key).toBe(
      'watering',
    )
  })

  it('comes before the water that flows through another valve of the field', () => {
    const zones = [zoneRow(), zoneRow({ id: 'zone-2', valve: 'V2' })]
    const runs = [runRow({ zoneId: 'zone-2', state: 'running' })]
    const states = dryAt(at(4, 30))
    expect(adviceAt(at(4, 30), { alerts: lockedOut('V1'), zones, runs, states })).toMatchObject({
      status: 'act',
      decision: { key: 'needs-valve' },
    })
  })
})

describe('an offline controller', () => {
  const missed = (endReason: string) =>
    runRow({ id: 'missed', state: 'skipped', endReason, startMs: at(-20), updatedAtMs: at(-20, 16) })
  const silent = [valveRow({ reportedAtMs: at(-30), heartbeatAtMs: at(-21) })]

  it.each(['window-missed', 'controller-offline'])(
    'that has missed a run (%s): a person is called',
    (endReason) => {
      expect(adviceAt(evening, { valves: silent, runs: [missed(endReason)] })).toMatchObject({
        status: 'act',
        decision: { key: 'needs-valve', params: { reason: 'controller-silent', sinceMs: at(-21) } },
      })
    },
  )

  it('that never reported counts from the first run that it missed', () => {
    expect(
      adviceAt(evening, { valves: [], runs: [missed('controller-offline')] }).decision.params,
    ).toMatchObject({
      reason: 'controller-silent',
      sinceMs: at(-20),
    })
  })

  it('keeps its run in the plan, because it may reconnect in time', () => {
    const changes = changesAt(evening, { valves: silent, runs: [missed('controller-offline')] })
    expect(changes.insert).toMatchObject([{ state: 'approved', startMs: at(4) }])
  })

  it('without a recent missed run is not the advice of the field', () => {
    expect(adviceAt(evening, { valves: silent }).decision.key).toBe('irrigate')
    const old = runRow({
      state: 'skipped',
      endReason: 'controller-offline',
      startMs: at(-40),
      updatedAtMs: at(-40),
    })
    expect(adviceAt(evening, { valves: silent, runs: [old] }).decision.key).toBe('irrigate')
    expect(adviceAt(evening, { valves: silent, runs: [missed('pump-full')] }).decision.key).toBe('irrigate')
  })

  it('is online again with its next heartbeat', () => {
    const valves = [valveRow({ heartbeatAtMs: evening - MINUTE_MS })]
    expect(adviceAt(evening, { valves, runs: [missed('controller-offline')] }).decision.key).toBe('irrigate')
  })
})

describe('"watering"', () => {
  const heard = (atMs: number) => [valveRow({ reportedAtMs: at(-30), heartbeatAtMs: atMs - 30_000 })]
  const set = (nowMs: number, run: Parameters<typeof runRow>[0] = {}) => ({
    states: dryAt(nowMs),
    valves: heard(nowMs),
    runs: [runRow({ minutes: 300, ...run })],
  })

  it('is shown for a run that is sent or runs; one that opens within two minutes is starting', () => {
    expect(adviceAt(at(4, 30), set(at(4, 30), { state: 'sent' })).decision.key).toBe('watering')
    expect(adviceAt(at(4, 30), set(at(4, 30), { state: 'running' })).decision.key).toBe('watering')
    expect(adviceAt(at(3, 58), set(at(3, 58)))).toMatchObject({ status: 'ok', decision: { key: 'starting' } })
    expect(adviceAt(at(3, 57), set(at(3, 57))).decision.key).toBe('irrigate')
  })

  it('is not shown for a run that dispatch still holds minutes after its time, nor is another planned', () => {
    const late = set(at(4, 8))
    expect(adviceAt(at(4, 8), late)).toMatchObject({
      status: 'soon',
      decision: { key: 'irrigate', params: { atMs: at(4), minutes: 300 } },
    })
    expect(changesAt(at(4, 8), late)).toMatchObject({ insert: [], update: [] })
  })

  it('is not shown for an offline controller', () => {
    expect(adviceAt(at(3, 58), { ...set(at(3, 58)), valves: [] }).decision.key).toBe('irrigate')
    expect(adviceAt(at(3, 58), { ...set(at(3, 58)), valves: heard(at(3)) }).decision.key).toBe('irrigate')
  })
})

describe('a run that a person has approved', () => {
  it('requests no second approval', () => {
    const zones = [zoneRow({ mode: 'approve' })]
    expect(adviceAt(evening, { zones }).decision.key).toBe('irrigate-approve')
    const runs = [runRow({ minutes: 300, approvedBy: 'user-1' })]
    expect(adviceAt(evening, { zones, runs })).toMatchObject({
      status: 'soon',
      decision: { key: 'irrigate' },
    })
    expect(adviceAt(evening, { zones, runs: [{ ...runs[0]!, state: 'proposed' }] }).status).toBe('act')
  })
})

describe("the controller's own limit", () => {
  const capped = (minutes: number) => [valveRow({ capMs: minutes * MINUTE_MS })]

  it('cuts a run, and is shown as the reason', () => {
    const [run] = planAt(evening, { valves: capped(120) }).outcomes.map((outcome) => outcome.run)
    expect(run).toMatchObject({ minutes: 120, grossMm: 20, limit: 'controller-cap' })
    const depth = adviceAt(evening, { valves: capped(120) }).decision.terms.find(({ key }) => key === 'depth')
    expect(depth!.params).toMatchObject({ limit: 'controller-cap' })
  })

  it('cuts nothing where the zone allows less, or where it is unknown', () => {
    const zones = [zoneRow({ maxMinutes: 100 })]
    const limit = (set: Partial<FarmSnapshot>) => planAt(evening, set).outcomes[0]!.run!.limit
    expect(limit({ zones, valves: capped(120) })).toBe('max-minutes')
    expect(limit({ valves: [valveRow()] })).toBeNull()
  })

  it('applies to the planned run when it is lowered', () => {
    const changes = changesAt(evening, { valves: capped(290), runs: [runRow({ minutes: 300 })] })
    expect(changes.insert).toMatchObject([{ minutes: 290 }])
    expect(changes.update).toMatchObject([{ set: { endReason: 'replaced' } }])
  })

  it('shorter than the shortest run leaves no room, which is shown', () => {
    expect(adviceAt(evening, { valves: capped(10) })).toMatchObject({
      status: 'act',
      decision: { key: 'needs-capacity', params: { reason: 'controller-cap' } },
    })
  })
})
