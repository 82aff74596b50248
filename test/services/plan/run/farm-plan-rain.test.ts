/** Rain that may come, and irrigation that has taken place. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { at, irrigationRow, rainForecast, requestRow, runRow, stateRow, valveRow, zoneRow } from '../farm.ts'
import { adviceAt, runs, evening, changesAt } from '../plan-at.ts'

describe('rain', () => {
  it('of 20 mm forecast at 90 % delays the run', () => {
    const forecast = rainForecast([0, [20, 25, 40]])
    expect(runs(evening, { forecast })).toEqual([])
    expect(adviceAt(evening, { forecast })).toMatchObject({
      status: 'soon',
      decision: { key: 'rain-coming' },
    })
  })

  it('that is uncertain changes nothing, and the amount that would change the decision is stated', () => {
    const forecast = rainForecast([0, [0, 10, 30]])
    expect(runs(evening, { forecast })[0]).toMatchObject({ minutes: 300 })
    const advice = adviceAt(evening, { forecast })
    expect(advice.decision.counterfactuals).toMatchObject({ key: 'rain-over' })
    expect(advice.decision.counterfactuals!.params.byMs).toBe(at(4))
    expect(advice.decision.terms.find((term) => term.key === 'rain-expected')).toMatchObject({ mm: 0, lo: 0 })
  })

  it('that is certain but too little to wait for reduces the depth', () => {
    // the line is passed by 5 mm already; 4 mm are certain
    const forecast = rainForecast([0, 4, 0])
    const [run] = runs(evening, {
      states: [stateRow({ depletionMm: 50 })],
      forecast,
      zones: [zoneRow({ maxMinutes: 600, windowToMin: 900 })],
    })
    expect(run!.netMm).toBeCloseTo(46, 0)
  })

  it('is not waited for by a stressed crop', () => {
    const forecast = rainForecast([0, [40, 50, 60]])
    expect(runs(evening, { states: [stateRow({ depletionMm: 60 })], forecast })).toHaveLength(1)
  })

  it('of an old forecast or of none is unknown, not zero', () => {
    const term = adviceAt(evening).decision.terms.find(({ key }) => key === 'rain-expected')
    expect(term).toMatchObject({ mm: null })
  })

  it('that fell since the run was planned skips it', () => {
    const rainSkip = JSON.stringify({ key: 'rain-by', mm: 3, byMs: at(4), sinceDay: '2026-07-23', baseMm: 2 })
    const approvedRun = runRow({ minutes: 300, netMm: 40, grossMm: 50, rainSkip })
    const states = [stateRow({ atMs: at(3), etcTodayMm: 0, rainTodayMm: 1 })]
    const wet = changesAt(at(3, 30), {
      runs: [approvedRun],
      states,
      rainMm: new Map([['field-1', new Map([['2026-07-23', 4]])]]),
    })
    expect(wet.update).toMatchObject([{ id: 'run-1', set: { state: 'skipped', endReason: 'rain-reached' } }])
    const dry = changesAt(at(3, 30), {
      runs: [approvedRun],
      states,
      rainMm: new Map([['field-1', new Map([['2026-07-23', 2]])]]),
    })
    expect(dry.update).toEqual([])
    const unmeasured = changesAt(at(3, 30), { runs: [approvedRun], states })
    expect(unmeasured.update).toEqual([])
  })
})

describe('water is never given twice', () => {
  it('an active run is left alone and counted', () => {
    const running = runRow({ state: 'running' })
    const set = { runs: [running], states: [stateRow({ atMs: at(5), etcTodayMm: 0 })] }
    expect(changesAt(at(5, 5), set)).toMatchObject({ insert: [], update: [] })
    expect(adviceAt(at(5, 5), set)).toMatchObject({ status: 'ok', decision: { key: 'watering' } })
  })

  it('irrigation after the state was estimated is counted before the balance contains it', () => {
    const states = [stateRow({ atMs: at(4), etcTodayMm: 0 })]
    expect(runs(at(8, 5), { states })).toHaveLength(1)
    const irrigations = [irrigationRow()]
    expect(runs(at(8, 5), { states, irrigations })).toEqual([])
    expect(adviceAt(at(8, 5), { states, irrigations }).decision.terms.map(({ key }) => key)).toContain(
      'water-coming',
    )
  })

  it('of a run that ended half before and half after the state, half is counted', () => {
    const states = [stateRow({ atMs: at(6), etcTodayMm: 0, depletionMm: 40 })]
    const advice = adviceAt(at(8, 5), { states, irrigations: [irrigationRow()] })
    expect(advice.decision.terms.find(({ key }) => key === 'water-coming')?.mm).toBe(16)
  })

  it('water on its way names its amount at the valve, and the share that reaches the roots', () => {
    const states = [stateRow({ atMs: at(6), etcTodayMm: 0, depletionMm: 40 })]
    const { terms } = adviceAt(at(8, 5), { states, irrigations: [irrigationRow()] }).decision
    const { grossMm, efficiencyPercent } = terms.find(({ key }) => key === 'water-coming')!.params!
    expect((Number(grossMm) * Number(efficiencyPercent)) / 100).toBeCloseTo(16, 1)
  })

  it('a run that opened six minutes late ends six minutes late', () => {
    const running = runRow({ state: 'running' })
    const endsMs = (valves: ReturnType<typeof valveRow>[]) =>
      adviceAt(at(5, 5), { runs: [running], states: [stateRow({ atMs: at(5), etcTodayMm: 0 })], valves })
        .decision.params.endsMs
    const planned = running.startMs + running.minutes * MINUTE_MS
    expect(endsMs([])).toBe(planned)
    const openedMs = running.startMs + 6 * MINUTE_MS
    const late = valveRow({ pos: 'open', reportedAtMs: openedMs + 30_000, ranMs: 30_000 })
    expect(endsMs([late])).toBe(planned + 6 * MINUTE_MS)
  })

  it('a run without a meter counts by its rate', () => {
    const irrigations = [irrigationRow({ litres: null, grossMm: null, netMm: null, volumeSource: 'unknown' })]
    const advice = adviceAt(at(8, 5), { states: [stateRow({ atMs: at(4), etcTodayMm: 0 })], irrigations })
    expect(advice.decision.terms.find(({ key }) => key === 'water-coming')?.mm).toBe(32)
  })

  it('a window in which a run reached the valve, or a person stopped, is used up', () => {
    const states = [stateRow({ atMs: at(5), etcTodayMm: 0, depletionMm: 44 })]
    expect(runs(at(5, 5), { states })[0]!.startMs).toBe(at(5, 6))
    const failed = [runRow({ state: 'failed', endReason: 'flow' })]
    expect(runs(at(5, 5), { states, runs: failed })[0]!.startMs).toBe(at(28))
    expect(runs(at(5, 5), { states, stops: [requestRow()] })[0]!.startMs).toBe(at(28))
    const missed = [runRow({ state: 'skipped', endReason: 'window-missed' })]
    expect(runs(at(5, 5), { states, runs: missed })[0]!.startMs).toBe(at(5, 6))
  })

  it('a run that a person skipped does not come back the same morning', () => {
    const cancelled = [runRow({ state: 'cancelled', endReason: 'by-person' })]
    const stops = [requestRow({ kind: 'skip-run', runId: 'run-1', zoneId: null, atMs: at(-3) })]
    expect(runs(at(-2), { runs: cancelled, stops })[0]!.startMs).toBe(at(28))
  })
})
