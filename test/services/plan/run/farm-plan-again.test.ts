/** A repeated plan: the same run stays, zones have their modes. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import { at, runRow, stateRow, zoneRow } from '../farm.ts'
import { adviceAt, evening, changesAt } from '../plan-at.ts'

describe('two plans of the same run keep one run', () => {
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

  it('has the depth of its minutes, as its advice states it, when the meter corrects the rate of the zone', () => {
    const first = changesAt(evening).insert[0]!
    const zones = [zoneRow({ applicationRateMmH: zoneRow().applicationRateMmH * 1.08 })]
    const next = { runs: [first], zones }
    const { insert, update } = changesAt(evening + HOUR_MS, next)
    expect(insert).toEqual([])
    const { mm, minutes } = adviceAt(evening + HOUR_MS, next).decision.params
    expect(minutes).toBe(first.minutes)
    expect(update).toMatchObject([{ id: first.id, set: { grossMm: mm } }])
  })

  it('is replaced when the need has changed, and withdrawn when it is gone', () => {
    const first = changesAt(evening).insert[0]!
    const zones = [zoneRow({ adjustPercent: -50 })]
    const smaller = changesAt(evening + HOUR_MS, { runs: [first], zones })
    expect(smaller.update).toMatchObject([
      { id: first.id, set: { state: 'cancelled', endReason: 'replaced' } },
    ])
    expect(smaller.insert).toMatchObject([{ minutes: 150, state: 'approved' }])
    const wet = changesAt(evening + HOUR_MS, { runs: [first], states: [stateRow({ depletionMm: 5 })] })
    expect(wet.update).toMatchObject([{ set: { state: 'cancelled', endReason: 'not-needed' } }])
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
    expect(adviceAt(evening, { zones }).decision.key).toBe('irrigate-manual')
  })

  it('a paused zone gets nothing, and its planned run is withdrawn', () => {
    const zones = [zoneRow({ pausedUntilMs: at(48) })]
    const changes = changesAt(evening, { zones, runs: [runRow()] })
    expect(changes.insert).toEqual([])
    expect(changes.update).toMatchObject([{ set: { state: 'cancelled', endReason: 'zone-changed' } }])
    expect(adviceAt(evening, { zones })).toMatchObject({ status: 'act', decision: { key: 'needs-paused' } })
  })

  it('a proposal without an approval moves on with its id while the window is open, and ends with it', () => {
    const proposed = runRow({ state: 'proposed', minutes: 300 })
    const zones = [zoneRow({ mode: 'approve', maxMinutes: 300, windowToMin: 720 })]
    const states = [stateRow({ atMs: at(4), etcTodayMm: 0 })]
    const moved = changesAt(at(4, 10), { runs: [proposed], zones, states })
    expect(moved).toMatchObject({ insert: [], update: [{ id: 'run-1', set: { startMs: at(4, 11) } }] })
    const over = changesAt(at(12, 5), { runs: [proposed], zones, states: [stateRow({ atMs: at(12) })] })
    expect(over.update).toMatchObject([{ set: { state: 'cancelled', endReason: 'not-approved' } }])
    expect(over.insert).toMatchObject([{ startMs: at(28), state: 'proposed' }])
  })

  it('an approval that came too late for the valve is valid for the next try the same night', () => {
    const late = runRow({
      state: 'skipped',
      endReason: 'controller-offline',
      approvedBy: 'user-1',
      minutes: 300,
    })
    const zones = [zoneRow({ mode: 'approve', windowToMin: 720 })]
    const states = [stateRow({ atMs: at(4), etcTodayMm: 0 })]
    expect(changesAt(at(4, 20), { runs: [late], zones, states }).insert).toMatchObject([
      { state: 'approved', approvedBy: 'user-1' },
    ])
  })
})
