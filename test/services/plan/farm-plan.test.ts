import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { planFarm } from '../../../services/plan/farm-plan.ts'
import { reconcileRuns } from '../../../services/plan/reconcile.ts'
import type { FarmSnapshot } from '../../../services/plan/snapshot.ts'
import { toJson } from '../../../services/tables.ts'
import {
  at,
  fieldRow,
  irrigationRow,
  pumpRow,
  rainForecast,
  requestRow,
  runRow,
  seasonRow,
  snapshot,
  stateRow,
  zoneRow,
} from './farm.ts'

const lasts = 6 * HOUR_MS
const timesAt = (nowMs: number) => ({ nowMs, stateLastsMs: lasts, silentBeforeMs: nowMs - 15 * 60_000 })
const planAt = (nowMs: number, set: Partial<FarmSnapshot> = {}) => planFarm(snapshot(set), timesAt(nowMs))
const said = (nowMs: number, set: Partial<FarmSnapshot> = {}) => planAt(nowMs, set).advice[0]!
const runs = (nowMs: number, set: Partial<FarmSnapshot> = {}) =>
  planAt(nowMs, set).outcomes.flatMap(({ run }) => (run ? [run] : []))
const evening = at(-4)

function changesAt(nowMs: number, set: Partial<FarmSnapshot> = {}) {
  const farm = snapshot(set)
  let id = 0
  const plan = planFarm(farm, timesAt(nowMs))
  return reconcileRuns(farm, plan.outcomes, { nowMs, planVersion: '1-new', newId: () => `new-${++id}` })
}

describe('an upland field', () => {
  it('soybean at 40 of 45 mm used is filled before dawn, because the line would be reached that afternoon', () => {
    const [run] = runs(evening)
    expect(run).toMatchObject({ startMs: at(4), limit: null })
    // 40 mm of depletion, efficiency 0.8, 10 mm an hour: 50 mm in 300 minutes
    expect(run).toMatchObject({ minutes: 300, grossMm: 50, netMm: 40 })
    const advice = said(evening)
    expect(advice.why.key).toBe('irrigate')
    expect(advice.status).toBe('soon')
    expect(advice.why.params.dueMs).toBeGreaterThan(at(12))
    expect(advice.why.params.dueMs).toBeLessThan(at(18))
  })

  it('soybean at 40 of 45 mm used gets 25 mm before dawn where no run may be deeper', () => {
    const [run] = runs(evening, { zones: [zoneRow({ maxDepthMm: 25 })] })
    expect(run).toMatchObject({ startMs: at(4), minutes: 150, grossMm: 25, limit: 'max-depth' })
  })

  it('at 30 of 45 mm used it waits, and is reported two and a half days ahead', () => {
    const states = [stateRow({ depletionMm: 30 })]
    expect(runs(evening, { states })).toEqual([])
    const advice = said(evening, { states })
    expect(advice.why.key).toBe('enough')
    expect(advice.why.params).toMatchObject({ leftMm: 15, rawMm: 45 })
    expect(advice.why.params.days).toBeGreaterThan(2)
    expect(advice.why.params.days).toBeLessThan(3)
    expect(advice.status).toBe('ok')
  })

  it('at 35 of 45 mm used the line is less than two days away: soon', () => {
    const advice = said(evening, { states: [stateRow({ depletionMm: 35 })] })
    expect(advice).toMatchObject({ status: 'soon', why: { key: 'enough-soon' } })
  })

  it("a grower's own line is kept, not the crop's", () => {
    // 0.3 of 90 mm is 27 mm
    const zones = [zoneRow({ madFraction: 0.3 })]
    expect(runs(evening, { zones, states: [stateRow({ depletionMm: 26 })] })).toHaveLength(1)
    expect(runs(evening, { states: [stateRow({ depletionMm: 26 })] })).toHaveLength(0)
  })

  it("a person's -25 percent takes a quarter off, and +10 adds a tenth", () => {
    expect(runs(evening, { zones: [zoneRow({ adjustPercent: -25 })] })[0]).toMatchObject({ minutes: 225 })
    const zones = [zoneRow({ adjustPercent: 10, maxMinutes: 400, windowToMin: 720 })]
    expect(runs(evening, { zones })[0]).toMatchObject({ minutes: 330 })
  })

  it('a field past its line and not watered by itself needs a person', () => {
    const states = [stateRow({ depletionMm: 50 })]
    expect(said(evening, { states }).status).toBe('act')
    const zones = [zoneRow({ mode: 'off' })]
    expect(said(evening, { states, zones })).toMatchObject({ status: 'act', why: { key: 'needs-off' } })
  })

  it('a field without a crop asks for nothing', () => {
    expect(said(evening, { seasons: [] })).toMatchObject({ status: 'ok', why: { key: 'no-season' } })
  })
})

describe('rain', () => {
  it('of 20 mm forecast at 90 % delays the run', () => {
    const forecast = rainForecast([0, [20, 25, 40]])
    expect(runs(evening, { forecast })).toEqual([])
    expect(said(evening, { forecast })).toMatchObject({ status: 'soon', why: { key: 'rain-coming' } })
  })

  it('that may come but may as well not changes nothing, and its amount to change the mind is stated', () => {
    const forecast = rainForecast([0, [0, 10, 30]])
    expect(runs(evening, { forecast })[0]).toMatchObject({ minutes: 300 })
    const advice = said(evening, { forecast })
    expect(advice.why.flips).toMatchObject({ key: 'rain-over' })
    expect(advice.why.flips!.params.byMs).toBe(at(4))
    expect(advice.why.terms.find((term) => term.key === 'rain-expected')).toMatchObject({ mm: 0, lo: 0 })
  })

  it('that is sure but too little to wait for leaves room for itself', () => {
    // the line is passed by 5 mm already; 4 mm are sure
    const forecast = rainForecast([0, 4, 0])
    const [run] = runs(evening, {
      states: [stateRow({ depletionMm: 50 })],
      forecast,
      zones: [zoneRow({ maxMinutes: 600, windowToMin: 900 })],
    })
    expect(run!.netMm).toBeCloseTo(46, 0)
  })

  it('is not waited for by a crop that is in stress already', () => {
    const forecast = rainForecast([0, [40, 50, 60]])
    expect(runs(evening, { states: [stateRow({ depletionMm: 60 })], forecast })).toHaveLength(1)
  })

  it('of an old forecast or of none is unknown, not zero', () => {
    const term = said(evening).why.terms.find(({ key }) => key === 'rain-expected')
    expect(term).toMatchObject({ mm: null })
  })

  it('that fell since the run was planned skips it', () => {
    const skipIf = JSON.stringify({ key: 'rain-by', mm: 3, byMs: at(4), sinceDay: '2026-07-23', baseMm: 2 })
    const standing = runRow({ minutes: 300, skipIf })
    const states = [stateRow({ atMs: at(3), etcTodayMm: 0, rainTodayMm: 1 })]
    const wet = changesAt(at(3, 30), {
      runs: [standing],
      states,
      rainMm: new Map([['field-1', new Map([['2026-07-23', 4]])]]),
    })
    expect(wet.update).toMatchObject([{ id: 'run-1', set: { state: 'skipped', endedWhy: 'rain-came' } }])
    const dry = changesAt(at(3, 30), {
      runs: [standing],
      states,
      rainMm: new Map([['field-1', new Map([['2026-07-23', 2]])]]),
    })
    expect(dry.update).toEqual([])
    const unmeasured = changesAt(at(3, 30), { runs: [standing], states })
    expect(unmeasured.update).toEqual([])
  })
})

describe('water is never given twice', () => {
  it('a run under way is left alone and counted', () => {
    const running = runRow({ state: 'running' })
    const set = { runs: [running], states: [stateRow({ atMs: at(5), etcTodayMm: 0 })] }
    expect(changesAt(at(5, 5), set)).toMatchObject({ insert: [], update: [] })
    expect(said(at(5, 5), set)).toMatchObject({ status: 'ok', why: { key: 'watering' } })
  })

  it('what flowed after the state was made is counted before the balance knows it', () => {
    const states = [stateRow({ atMs: at(4), etcTodayMm: 0 })]
    expect(runs(at(8, 5), { states })).toHaveLength(1)
    const irrigations = [irrigationRow()]
    expect(runs(at(8, 5), { states, irrigations })).toEqual([])
    expect(said(at(8, 5), { states, irrigations }).why.terms.map(({ key }) => key)).toContain('water-coming')
  })

  it('of a run that ended half before and half after the state, half is counted', () => {
    const states = [stateRow({ atMs: at(6), etcTodayMm: 0, depletionMm: 40 })]
    const advice = said(at(8, 5), { states, irrigations: [irrigationRow()] })
    expect(advice.why.terms.find(({ key }) => key === 'water-coming')?.mm).toBe(16)
  })

  it('a run that nobody metered counts by its rate', () => {
    const irrigations = [irrigationRow({ litres: null, grossMm: null, netMm: null, volumeSource: 'unknown' })]
    const advice = said(at(8, 5), { states: [stateRow({ atMs: at(4), etcTodayMm: 0 })], irrigations })
    expect(advice.why.terms.find(({ key }) => key === 'water-coming')?.mm).toBe(32)
  })

  it('a window in which a run reached the valve, or a person stopped, has had its turn', () => {
    const states = [stateRow({ atMs: at(5), etcTodayMm: 0, depletionMm: 44 })]
    expect(runs(at(5, 5), { states })[0]!.startMs).toBe(at(5, 6))
    const failed = [runRow({ state: 'failed', endedWhy: 'flow' })]
    expect(runs(at(5, 5), { states, runs: failed })[0]!.startMs).toBe(at(28))
    expect(runs(at(5, 5), { states, stops: [requestRow()] })[0]!.startMs).toBe(at(28))
    const missed = [runRow({ state: 'skipped', endedWhy: 'window-missed' })]
    expect(runs(at(5, 5), { states, runs: missed })[0]!.startMs).toBe(at(5, 6))
  })

  it('a run that a person skipped does not come back the same morning', () => {
    const cancelled = [runRow({ state: 'cancelled', endedWhy: 'by-person' })]
    const stops = [requestRow({ kind: 'skip-run', runId: 'run-1', zoneId: null, atMs: at(-3) })]
    expect(runs(at(-2), { runs: cancelled, stops })[0]!.startMs).toBe(at(28))
  })
})

describe('the same run seen twice is one', () => {
  it('keeps its id, its time and its approval when the estimate moves a little', () => {
    const first = changesAt(evening).insert[0]!
    const next = changesAt(evening + HOUR_MS, {
      runs: [first],
      states: [stateRow({ atMs: at(-3), depletionMm: 41 })],
    })
    expect(next).toMatchObject({ insert: [], update: [] })
    const asked = { ...first, state: 'approved' as const, approvedBy: 'user-1' }
    const zones = [zoneRow({ mode: 'approve' })]
    expect(changesAt(evening + HOUR_MS, { runs: [asked], zones })).toMatchObject({ insert: [], update: [] })
  })

  it('is replaced when the need has changed, and taken back when it is gone', () => {
    const first = changesAt(evening).insert[0]!
    const zones = [zoneRow({ adjustPercent: -50 })]
    const smaller = changesAt(evening + HOUR_MS, { runs: [first], zones })
    expect(smaller.update).toMatchObject([
      { id: first.id, set: { state: 'cancelled', endedWhy: 'replaced' } },
    ])
    expect(smaller.insert).toMatchObject([{ minutes: 150, state: 'approved' }])
    const wet = changesAt(evening + HOUR_MS, { runs: [first], states: [stateRow({ depletionMm: 5 })] })
    expect(wet.update).toMatchObject([{ set: { state: 'cancelled', endedWhy: 'not-needed' } }])
  })

  it('does not flicker when the line is reached about when the next window opens', () => {
    // 5.8 mm a day from 39.3 mm crosses 45 mm at dusk; from 39.1 mm only after the next window has opened
    const state = (depletionMm: number) => [stateRow({ depletionMm, etcWholeDayMm: 5.8, etcTodayMm: 5.8 })]
    const first = changesAt(evening, { states: state(39.3) }).insert
    expect(first).toHaveLength(1)
    expect(changesAt(evening + HOUR_MS, { states: state(39.1) }).insert).toEqual([])
    expect(changesAt(evening + HOUR_MS, { runs: first, states: state(39.1) })).toMatchObject({
      insert: [],
      update: [],
    })
  })
})

describe('modes', () => {
  it('auto is approved, approve and advise are proposed, off is nothing', () => {
    const state = (mode: 'off' | 'advise' | 'approve' | 'auto') =>
      changesAt(evening, { zones: [zoneRow({ mode })] }).insert.map((run) => run.state)
    expect(state('auto')).toEqual(['approved'])
    expect(state('approve')).toEqual(['proposed'])
    expect(state('advise')).toEqual(['proposed'])
    expect(state('off')).toEqual([])
  })

  it('a zone without a valve is for a person to open', () => {
    const zones = [zoneRow({ controllerId: null, valve: null })]
    expect(changesAt(evening, { zones }).insert).toMatchObject([{ state: 'proposed' }])
    expect(said(evening, { zones }).why.key).toBe('irrigate-by-hand')
  })

  it('a paused zone gets nothing, and what stood is taken back', () => {
    const zones = [zoneRow({ pausedUntilMs: at(48) })]
    const changes = changesAt(evening, { zones, runs: [runRow()] })
    expect(changes.insert).toEqual([])
    expect(changes.update).toMatchObject([{ set: { state: 'cancelled', endedWhy: 'zone-changed' } }])
    expect(said(evening, { zones })).toMatchObject({ status: 'act', why: { key: 'needs-paused' } })
  })

  it('a proposal that nobody answered moves on with its id while the window is open, and ends with it', () => {
    const proposed = runRow({ state: 'proposed', minutes: 300 })
    const zones = [zoneRow({ mode: 'approve', maxMinutes: 300, windowToMin: 720 })]
    const states = [stateRow({ atMs: at(4), etcTodayMm: 0 })]
    const moved = changesAt(at(4, 10), { runs: [proposed], zones, states })
    expect(moved).toMatchObject({ insert: [], update: [{ id: 'run-1', set: { startMs: at(4, 11) } }] })
    const over = changesAt(at(12, 5), { runs: [proposed], zones, states: [stateRow({ atMs: at(12) })] })
    expect(over.update).toMatchObject([{ set: { state: 'cancelled', endedWhy: 'not-approved' } }])
    expect(over.insert).toMatchObject([{ startMs: at(28), state: 'proposed' }])
  })

  it('a yes that came too late for the valve counts for the next try the same night', () => {
    const late = runRow({ state: 'skipped', endedWhy: 'no-connection', approvedBy: 'user-1', minutes: 300 })
    const zones = [zoneRow({ mode: 'approve', windowToMin: 720 })]
    const states = [stateRow({ atMs: at(4), etcTodayMm: 0 })]
    expect(changesAt(at(4, 20), { runs: [late], zones, states }).insert).toMatchObject([
      { state: 'approved', approvedBy: 'user-1' },
    ])
  })
})

describe('unknown is never OK', () => {
  it('no state, an old state, no balance and no use are each named', () => {
    const reason = (set: Partial<FarmSnapshot>, nowMs = evening) => {
      const advice = said(nowMs, set)
      expect(advice.status).toBe('unknown')
      expect(advice.why.key).toBe('cannot-judge')
      return advice.why.params.reason
    }
    expect(reason({ states: [] })).toBe('no-state')
    expect(reason({}, evening + 7 * HOUR_MS)).toBe('inputs-lost')
    expect(reason({ states: [stateRow({ depletionMm: null })] })).toBe('no-balance')
    expect(reason({ states: [stateRow({ etcWholeDayMm: null, kc: null })] })).toBe('no-use')
  })

  it('with a lost sensor even an automatic zone asks a person', () => {
    const states = [stateRow({ freshness: 'lost' })]
    expect(said(evening, { states })).toMatchObject({
      status: 'unknown',
      why: { key: 'cannot-judge', params: { reason: 'inputs-lost' } },
    })
    expect(changesAt(evening, { states }).insert).toMatchObject([{ state: 'proposed' }])
  })
})

describe('two zones', () => {
  const two = (set: Partial<FarmSnapshot> = {}) => ({
    fields: [fieldRow(), fieldRow({ id: 'field-2', name: 'Hill 2' })],
    seasons: [seasonRow(), seasonRow({ fieldId: 'field-2' })],
    zones: [
      zoneRow({ maxMinutes: 120 }),
      zoneRow({ id: 'zone-2', fieldId: 'field-2', valve: 'V2', maxMinutes: 120 }),
    ],
    states: [stateRow(), stateRow({ fieldId: 'field-2', depletionMm: 44 })],
    ...set,
  })

  it('that together exceed the pump run one after the other, the drier first', () => {
    const planned = runs(evening, two())
    // 1,667 L/min each, the pump gives 2,000
    expect(planned.find((run) => run.zoneId === 'zone-2')).toMatchObject({ startMs: at(4), minutes: 120 })
    expect(planned.find((run) => run.zoneId === 'zone-1')).toMatchObject({ startMs: at(6, 2), minutes: 120 })
  })

  it('run together where the pump can give both, unless only one valve may be open', () => {
    const starts = (pump: object) => runs(evening, two({ pumps: [pumpRow(pump)] })).map((run) => run.startMs)
    expect(starts({ capacityLpm: 4_000 })).toEqual([at(4), at(4)])
    expect(starts({ capacityLpm: 4_000, maxOpenValves: 1 }).sort()).toEqual([at(4), at(6, 2)])
  })

  it('share what the pump may give in a day, and the one left out is told so', () => {
    const set = two({ pumps: [pumpRow({ dailyM3: 220 })] })
    // 120 minutes at 1,667 L/min are 200 m3; 12 minutes are left, fewer than the shortest run
    expect(runs(evening, set)).toMatchObject([{ zoneId: 'zone-2' }])
    const left = planAt(evening, set).advice.find((advice) => advice.fieldId === 'field-1')!
    expect(left.why).toMatchObject({ key: 'needs-room', params: { reason: 'pump-budget' } })
  })

  it('a zone that alone takes more than the pump gives is told so', () => {
    const set = { pumps: [pumpRow({ capacityLpm: 1_000 })] }
    expect(said(evening, set).why).toMatchObject({ key: 'needs-room', params: { reason: 'pump-too-small' } })
  })
})

describe('a paddy', () => {
  const paddy = (levelMm: number | null, plantedDay: string, set: Partial<FarmSnapshot> = {}) => ({
    fields: [fieldRow({ kind: 'paddy' as const, soilTexture: 'clay' })],
    seasons: [seasonRow({ crop: 'rice', plantedDay })],
    zones: [
      zoneRow({
        method: 'flood' as const,
        efficiency: 1,
        applicationRateMmH: 10,
        windowFromMin: 0,
        windowToMin: 1440,
      }),
    ],
    states: [
      stateRow({
        atMs: at(5),
        depletionMm: null,
        tawMm: null,
        rawMm: null,
        etcTodayMm: 0,
        levelMm,
        levelAtMs: levelMm === null ? null : at(5),
      }),
    ],
    ...set,
  })
  const now = at(5, 5)
  const heading = '2026-05-10' // day 75: heading, 20-50 mm
  const drainage = '2026-06-14' // day 40: mid-season drainage
  const tillering = '2026-07-04' // day 20: 10-30 mm

  it('below the band of its stage is filled to the top of it', () => {
    const [run] = runs(now, paddy(4, tillering))
    // 26 mm and the little that goes until the valve opens, 10 mm an hour
    expect(run!.grossMm).toBeGreaterThanOrEqual(26)
    expect(run!.grossMm).toBeLessThan(27)
    expect(said(now, paddy(4, tillering)).why.key).toBe('paddy-fill')
  })

  it('at flowering is filled before it would fall below the band', () => {
    expect(said(now, paddy(25, heading)).why.key).toBe('paddy-fill')
    expect(said(now, paddy(48, heading))).toMatchObject({ status: 'ok', why: { key: 'paddy-hold' } })
  })

  it('that has shown to lose 20 mm a day is filled sooner than its clay would ask for', () => {
    const leaky = paddy(35, heading)
    const shown = {
      key: 'percolation',
      value: 20,
      unit: 'mm',
      atMs: null,
      kind: 'measured' as const,
      fresh: 'ok' as const,
    }
    expect(said(now, leaky).why.key).toBe('paddy-hold')
    const states = leaky.states.map((state) => ({ ...state, inputs: toJson([shown]) }))
    expect(said(now, { ...leaky, states }).why.key).toBe('paddy-fill')
  })

  it('in mid-season drainage is not filled, however low', () => {
    const advice = said(now, paddy(-140, drainage))
    expect(advice).toMatchObject({
      status: 'ok',
      why: { key: 'paddy-drainage', params: { day: 6, days: 7, dryDays: null } },
    })
    expect(runs(now, paddy(-140, drainage))).toEqual([])
  })

  it('above the band is too wet: 75 mm where 20-50 are wanted', () => {
    expect(said(now, paddy(75, heading))).toMatchObject({ status: 'wet', why: { key: 'paddy-wet' } })
  })

  it('without a fresh level cannot be judged', () => {
    expect(said(now, paddy(null, heading)).why).toMatchObject({
      key: 'cannot-judge',
      params: { reason: 'no-level' },
    })
    const old = paddy(25, heading)
    old.states = [{ ...old.states[0]!, levelAtMs: at(-2) }]
    expect(said(now, old).why).toMatchObject({ key: 'cannot-judge', params: { reason: 'level-old' } })
  })

  it('below the surface takes the water of its pores, not of its level', () => {
    // intermittent, day 50: from -160 mm up to 50; pores 0.21
    const zones = [
      zoneRow({ efficiency: 1, maxDepthMm: 100, maxMinutes: 900, windowFromMin: 0, windowToMin: 1440 }),
    ]
    const [run] = runs(now, paddy(-160, '2026-06-04', { zones }))
    expect(run!.netMm).toBeGreaterThan(80)
    expect(run!.netMm).toBeLessThan(88)
  })
})

describe('a window', () => {
  it('may pass midnight', () => {
    const zones = [zoneRow({ windowFromMin: 22 * 60, windowToMin: 5 * 60 })]
    expect(runs(evening, { zones })[0]!.startMs).toBe(at(-2))
    const states = [stateRow({ atMs: at(1), etcTodayMm: 0 })]
    expect(runs(at(1, 30), { zones, states })[0]!.startMs).toBe(at(1, 31))
  })

  it('too short for the shortest run leaves no room', () => {
    const zones = [zoneRow({ windowFromMin: 240, windowToMin: 250 })]
    expect(said(evening, { zones }).why).toMatchObject({ key: 'needs-room', params: { reason: 'window' } })
  })

  it('shorter than the run cuts it', () => {
    const zones = [zoneRow({ windowToMin: 300 })]
    expect(runs(evening, { zones })[0]).toMatchObject({ minutes: 60, limit: 'window' })
  })
})
