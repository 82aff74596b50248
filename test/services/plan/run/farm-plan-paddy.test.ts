/** A paddy in the plan of its farm. */
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import type { FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import { toJson } from '../../../../services/tables.ts'
import { at, fieldRow, seasonRow, stateRow, zoneRow } from '../farm.ts'
import { adviceAt, runs } from '../plan-at.ts'

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
    // 26 mm less the loss until the valve opens, 10 mm an hour
    expect(run!.grossMm).toBeGreaterThanOrEqual(26)
    expect(run!.grossMm).toBeLessThan(27)
    expect(adviceAt(now, paddy(4, tillering)).decision.key).toBe('paddy-fill')
  })

  it('that is not below its band yet and is filled says where it would be without, and when', () => {
    const { decision } = adviceAt(now, paddy(25, heading))
    const { lowMm, lowAtMs, loMm, lossMm } = decision.params as Record<string, number>
    const thenMm = decision.terms.find(({ key }) => key === 'level-then')!.params!.levelMm
    expect(lowMm).toBeLessThan(loMm!)
    expect(lowMm).toBeLessThanOrEqual(Number(thenMm))
    // by the loss of a day, which the crop takes by daylight
    const days = (lowAtMs! - at(5)) / DAY_MS
    expect((25 - lowMm!) / (lossMm! * days)).toBeGreaterThan(0.8)
    expect((25 - lowMm!) / (lossMm! * days)).toBeLessThan(1.3)
    expect(decision.terms.find(({ key }) => key === 'fill')!.params).toMatchObject({
      fromMm: thenMm,
      toMm: 50,
    })
    expect(decision.params.toMm).toBe(50) // stated with the verdict too
    // below its band the level itself is the reason
    expect(adviceAt(now, paddy(4, tillering)).decision.params).toMatchObject({ lowMm: null, lowAtMs: null })
  })

  it('at flowering is filled before it would fall below the band', () => {
    expect(adviceAt(now, paddy(25, heading)).decision.key).toBe('paddy-fill')
    expect(adviceAt(now, paddy(48, heading))).toMatchObject({ status: 'ok', decision: { key: 'paddy-hold' } })
  })

  it('with a measured loss of 20 mm a day is filled sooner than its clay would need', () => {
    const leaky = paddy(35, heading)
    const shown = {
      key: 'percolation',
      value: 20,
      unit: 'mm',
      atMs: null,
      kind: 'measured' as const,
      fresh: 'ok' as const,
    }
    expect(adviceAt(now, leaky).decision.key).toBe('paddy-hold')
    const states = leaky.states.map((state) => ({ ...state, inputs: toJson([shown]) }))
    expect(adviceAt(now, { ...leaky, states }).decision.key).toBe('paddy-fill')
  })

  it('in mid-season drainage is not filled, however low', () => {
    const advice = adviceAt(now, paddy(-140, drainage))
    expect(advice).toMatchObject({
      status: 'ok',
      decision: { key: 'paddy-drainage', params: { day: 6, days: 7, dryDays: null } },
    })
    expect(runs(now, paddy(-140, drainage))).toEqual([])
  })

  it('above the band is too wet: 75 mm where 20-50 is the target', () => {
    expect(adviceAt(now, paddy(75, heading))).toMatchObject({ status: 'wet', decision: { key: 'paddy-wet' } })
  })

  it('without a fresh level cannot be judged', () => {
    expect(adviceAt(now, paddy(null, heading)).decision).toMatchObject({
      key: 'cannot-judge',
      params: { reason: 'no-level' },
    })
    const old = paddy(25, heading)
    old.states = [{ ...old.states[0]!, levelAtMs: at(-2) }]
    expect(adviceAt(now, old).decision).toMatchObject({
      key: 'cannot-judge',
      params: { reason: 'level-old' },
    })
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
