/** The plan for an upland field, for two zones, and without data. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import type { FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import { toJson, type FixedScheduleRow, type StateInput } from '../../../../services/tables.ts'
import { at, fieldRow, irrigationRow, pumpRow, runRow, seasonRow, stateRow, zoneRow } from '../farm.ts'
import { planAt, adviceAt, runs, evening, changesAt } from '../plan-at.ts'

describe('an upland field', () => {
  it('soybean at 40 of 45 mm used is filled before dawn, because the line would be reached that afternoon', () => {
    const [run] = runs(evening)
    expect(run).toMatchObject({ startMs: at(4), limit: null })
    // 40 mm of depletion, efficiency 0.8, 10 mm an hour: 50 mm in 300 minutes
    expect(run).toMatchObject({ minutes: 300, grossMm: 50, netMm: 40 })
    const advice = adviceAt(evening)
    expect(advice.decision.key).toBe('irrigate')
    expect(advice.status).toBe('soon')
    expect(advice.decision.params.dueMs).toBeGreaterThan(at(12))
    expect(advice.decision.params.dueMs).toBeLessThan(at(18))
  })

  it('soybean at 40 of 45 mm used gets 25 mm before dawn where no run may be deeper', () => {
    const [run] = runs(evening, { zones: [zoneRow({ maxDepthMm: 25 })] })
    expect(run).toMatchObject({ startMs: at(4), minutes: 150, grossMm: 25, limit: 'max-depth' })
  })

  it('at 30 of 45 mm used it waits, and is reported two and a half days ahead', () => {
    const states = [stateRow({ depletionMm: 30 })]
    expect(runs(evening, { states })).toEqual([])
    const advice = adviceAt(evening, { states })
    expect(advice.decision.key).toBe('enough')
    expect(advice.decision.params).toMatchObject({ leftMm: 15, rawMm: 45 })
    expect(advice.decision.params.days).toBeGreaterThan(2)
    expect(advice.decision.params.days).toBeLessThan(3)
    expect(advice.status).toBe('ok')
  })

  it('the water of the advice is the number that the decision compared, and that Why begins with', () => {
    for (const depletionMm of [0, 20, 30, 44, 50, 70]) {
      const { water, decision } = adviceAt(evening, { states: [stateRow({ depletionMm })] })
      const left = decision.terms.find(({ key }) => key === 'available-now')!
      expect(water).toEqual({
        leftMm: left.mm,
        loMm: left.lo,
        hiMm: left.hi,
        ofMm: left.params!.fullMm,
        tawMm: 90,
      })
      if ('leftMm' in decision.params) expect(water!.leftMm).toBe(decision.params.leftMm)
    }
  })

  it('an estimate that may be on the other side of the limit is not "enough" while the probe is silent', () => {
    const silentSince = evening - 50 * HOUR_MS
    const probe = (fresh: 'ok' | 'lost') =>
      toJson<StateInput[]>([
        { key: 'soil.moisture', value: 24, unit: '%', atMs: silentSince, kind: 'measured', fresh },
      ])
    const at = (depletionSdMm: number, fresh: 'ok' | 'lost') =>
      adviceAt(evening, { states: [stateRow({ depletionMm: 20, depletionSdMm, inputs: probe(fresh) })] })
    expect(at(5, 'ok').status).toBe('ok')
    expect(at(5, 'lost').status).toBe('ok') // 25 mm left, and surely more than 18
    expect(at(25, 'lost')).toMatchObject({
      status: 'unknown',
      decision: { key: 'cannot-judge', params: { reason: 'probe-silent', atMs: silentSince } },
    })
  })

  it('at 35 of 45 mm used the line is less than two days away: soon', () => {
    const advice = adviceAt(evening, { states: [stateRow({ depletionMm: 35 })] })
    expect(advice).toMatchObject({ status: 'soon', decision: { key: 'enough-soon' } })
  })

  it("a grower's own line applies, not the crop's", () => {
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

  it('a field past its line without automatic irrigation needs a person', () => {
    const states = [stateRow({ depletionMm: 50 })]
    expect(adviceAt(evening, { states }).status).toBe('act')
    const zones = [zoneRow({ mode: 'off' })]
    expect(adviceAt(evening, { states, zones })).toMatchObject({
      status: 'act',
      decision: { key: 'needs-off' },
    })
  })

  it('a field without a crop needs nothing', () => {
    expect(adviceAt(evening, { seasons: [] })).toMatchObject({ status: 'ok', decision: { key: 'no-season' } })
  })
})

describe('a crop that a frost has killed', () => {
  const fixedSchedule: FixedScheduleRow = {
    fieldId: 'field-1',
    org: 'demo',
    depthMm: 30,
    everyDays: 5,
    waterPricePerM3: null,
    currency: null,
  }
  const killedBy = toJson({ day: '2026-07-22', minC: -3.04 })

  it('gets no water, and the night is named', () => {
    const set = { states: [stateRow({ depletionMm: 60, killedBy })] }
    expect(adviceAt(evening, set)).toMatchObject({
      status: 'act',
      decision: { key: 'killed-by-frost', params: { day: '2026-07-22', tempC: -3 } },
    })
    expect(runs(evening, set)).toEqual([])
    expect(changesAt(evening, { ...set, runs: [runRow({ state: 'approved' })] }).update).toMatchObject([
      { id: 'run-1', set: { state: 'cancelled', endReason: 'not-needed' } },
    ])
  })

  it('gets none by its fixed schedule either, when its sensors are silent', () => {
    const states = [stateRow({ depletionMm: null, freshness: 'lost', inputs: toJson([]), killedBy })]
    const fixedSchedules = [fixedSchedule]
    expect(runs(evening, { states: [{ ...states[0]!, killedBy: null }], fixedSchedules })).toHaveLength(1)
    expect(runs(evening, { states, fixedSchedules })).toEqual([])
  })
})

describe('unknown is never OK', () => {
  it('no state, an old state, no balance and no use are each named', () => {
    const reason = (set: Partial<FarmSnapshot>, nowMs = evening) => {
      const advice = adviceAt(nowMs, set)
      expect(advice.status).toBe('unknown')
      expect(advice.decision.key).toBe('cannot-judge')
      return advice.decision.params.reason
    }
    expect(reason({ states: [] })).toBe('no-state')
    expect(reason({}, evening + 7 * HOUR_MS)).toBe('inputs-lost')
    expect(reason({ states: [stateRow({ depletionMm: null })] })).toBe('no-balance')
    expect(reason({ states: [stateRow({ etcWholeDayMm: null, kc: null })] })).toBe('no-use')
  })

  it('with a lost sensor even an automatic zone needs an approval', () => {
    const states = [stateRow({ freshness: 'lost' })]
    expect(adviceAt(evening, { states })).toMatchObject({
      status: 'unknown',
      decision: { key: 'cannot-judge', params: { reason: 'inputs-lost' } },
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

  it('run together where the pump can supply both, unless only one valve may be open', () => {
    const starts = (pump: object) => runs(evening, two({ pumps: [pumpRow(pump)] })).map((run) => run.startMs)
    expect(starts({ capacityLpm: 4_000 })).toEqual([at(4), at(4)])
    expect(starts({ capacityLpm: 4_000, maxOpenValves: 1 }).sort()).toEqual([at(4), at(6, 2)])
  })

  it('share the daily water of the pump, and the one left out shows the reason', () => {
    const set = two({ pumps: [pumpRow({ dailyM3: 220 })] })
    // 120 minutes at 1,667 L/min are 200 m3; 12 minutes are left, fewer than the shortest run
    expect(runs(evening, set)).toMatchObject([{ zoneId: 'zone-2' }])
    const left = planAt(evening, set).advice.find((advice) => advice.fieldId === 'field-1')!
    expect(left.decision).toMatchObject({ key: 'needs-capacity', params: { reason: 'pump-budget' } })
  })

  it('manual irrigation of unknown volume counts as the largest run', () => {
    // 300 minutes at 1,667 L/min are 500 m3 of 600
    const irrigations = [
      irrigationRow({
        id: 'hand-1',
        runId: 'hand-1',
        cause: 'manual-entry',
        volumeSource: 'unknown',
        litres: null,
        commandedAtMs: at(0),
        openedAtMs: at(0),
        closedAtMs: null,
        ranMs: 0,
        grossMm: null,
        netMm: null,
      }),
    ]
    const of = (set: Partial<FarmSnapshot>) => runs(at(1), { ...set, irrigations })
    expect(of({ pumps: [pumpRow({ dailyM3: 600 })] })).toMatchObject([{ minutes: 60, limit: 'pump-budget' }])
    expect(of({ zones: [zoneRow({ dailyMaxLitres: 600_000 })] })).toMatchObject([
      { minutes: 60, limit: 'zone-budget' },
    ])
  })

  it('a zone that alone exceeds the capacity of the pump shows the reason', () => {
    const set = { pumps: [pumpRow({ capacityLpm: 1_000 })] }
    expect(adviceAt(evening, set).decision).toMatchObject({
      key: 'needs-capacity',
      params: { reason: 'pump-too-small' },
    })
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
    expect(adviceAt(evening, { zones }).decision).toMatchObject({
      key: 'needs-capacity',
      params: { reason: 'window' },
    })
  })

  it('shorter than the run cuts it', () => {
    const zones = [zoneRow({ windowToMin: 300 })]
    expect(runs(evening, { zones })[0]).toMatchObject({ minutes: 60, limit: 'window' })
  })
})
