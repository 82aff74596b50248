/** Flow of valves and application rates of zones, from synthetic runs on a real state store. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS, dayOf } from '../../../../broker/contract/time.ts'
import { fitRate, monitorRate, type RateRuns } from '../../../../services/learn/valve-flow/steady-rate.ts'
import { applicationRate, valveFlow } from '../../../../services/learn/valve-flow/learners.ts'
import type { SeriesStore } from '../../../../services/ports.ts'
import type { CommandRow } from '../../../../services/tables.ts'
import { farmRow, irrigationRow, zoneRow } from '../../estimate/farm.ts'
import { openTestState } from '../../../support/state.ts'

const FROM_MS = Date.UTC(2026, 4, 1)
const runsOf = (rates: readonly number[], entered: number | null = 100): RateRuns => ({
  runs: rates.map((rate, i) => {
    const atMs = FROM_MS + 3 * i * DAY_MS
    return { atMs, day: dayOf(atMs, 'UTC'), rate }
  }),
  entered,
  key: 'flow',
  unit: 'L/min',
  fromDay: '2026-05-01',
  throughDay: dayOf(FROM_MS + 3 * Math.max(0, rates.length - 1) * DAY_MS, 'UTC'),
})
const term = (fit: ReturnType<typeof fitRate>, key: string) => fit.terms.find((one) => one.key === key)

describe('a rate learned from runs', () => {
  it('needs three of them', () => {
    expect(fitRate(runsOf([82, 81]))).toMatchObject({
      state: 'insufficient-data',
      reason: { key: 'too-few-runs', params: { rows: 2, need: 3 } },
      rows: 0,
    })
    expect(fitRate(runsOf([82, 81, 83])).rows).toBe(3)
  })
  it('is the median, which one outlier does not change, with the spread of the others', () => {
    const fit = fitRate(runsOf([80, 82, 81, 240, 79, 80, 82, 80, 81]))
    expect(term(fit, 'flow')).toMatchObject({ coefficient: 81, unit: 'L/min' })
    expect(term(fit, 'flow')!.sd).toBeCloseTo(1.4826, 4)
  })
  it('is used where the entered rate is wrong and the runs vary', () => {
    const fit = fitRate(runsOf([80, 84, 79, 83, 81, 80, 84, 80, 83, 81], 100))
    expect(fit.state).toBe('used')
    expect(fit.skill[0]).toMatchObject({ key: 'next-run', n: 8 })
    expect(fit.skill[0]!.physics).toBeGreaterThan(16)
  })
  it('falls back to the entered rate where that is correct', () => {
    const fit = fitRate(runsOf([81.5, 80.5, 81.5, 80.5, 81.5, 80.5], 81))
    expect(fit.state).toBe('fallback')
    expect(fit.skill[0]!.physics).toBeCloseTo(0.5, 9)
  })
  it('drifts when a filter clogs: 1 L/min less every three days of 100 is 10 % in thirty', () => {
    const fit = fitRate(runsOf([105, 104, 103, 102, 101, 100, 99, 98, 97, 96, 95]))
    expect(term(fit, 'flow-drift')!.coefficient).toBeCloseTo(-10, 6)
  })
  it('monitors the runs after the fit only', () => {
    const fit = fitRate(runsOf([80, 82, 81, 79, 80]))
    const watched = monitorRate(fit, runsOf([80, 82, 81, 79, 80, 60, 58]))
    expect(watched.map(({ error }) => error)).toEqual([-20, -22])
    expect(watched[0]!.expected).toBe(fit.skill[0]!.rmse)
    expect(monitorRate(fit, runsOf([80, 82]))).toEqual([])
  })
  it('for any runs, no value is NaN and the rate lies among them', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { maxLength: 40 }), (rates) => {
        const fit = fitRate(runsOf(rates, null))
        const numbers = [
          ...fit.terms.map(({ coefficient }) => coefficient),
          ...fit.skill.map(({ rmse }) => rmse),
        ]
        for (const value of numbers) expect(Number.isFinite(value)).toBe(true)
        if (rates.length < 3) return
        const { coefficient } = term(fit, 'flow')!
        expect(coefficient).toBeGreaterThanOrEqual(Math.min(...rates))
        expect(coefficient).toBeLessThanOrEqual(Math.max(...rates))
      }),
    )
  })
})

describe('the training data', () => {
  it('are the metered runs of a valve and of a zone; not those that failed, were bounded, or had no meter', async () => {
    const { state, close } = await openTestState()
    const farm = farmRow()
    await state.insertInto('farm').values(farm).execute()
    // 2 mm/h over 10,000 m² was entered: 333 L/min
    await state
      .insertInto('zone')
      .values(zoneRow({ applicationRateMmH: 2 }))
      .execute()
    const run = async (n: number, litres: number | null, over: Parameters<typeof irrigationRow>[0] = {}) => {
      const openedAtMs = FROM_MS + n * DAY_MS
      await state.insertInto('command').values(commandRow(n, openedAtMs)).execute()
      await state
        .insertInto('irrigation')
        .values(
          irrigationRow({
            id: `irrigation${n}`,
            runId: `run${n}`,
            commandId: `command${n}`,
            commandedAtMs: openedAtMs,
            openedAtMs,
            closedAtMs: openedAtMs + 60 * MINUTE_MS,
            ranMs: 60 * MINUTE_MS,
            litres,
            volumeSource: 'metered',
            ...over,
          }),
        )
        .execute()
    }
    await run(1, 18_000)
    await run(2, 18_600)
    await run(3, 18_300)
    await run(4, 5_000, { failure: 'no-flow' })
    await run(5, 20_000, { volumeSource: 'rate' })
    await run(6, null, { volumeSource: 'unknown', closedAtMs: null })
    await run(7, 300, { ranMs: MINUTE_MS })
    await run(90, 99_000)
    const stores = { state, series: {} as SeriesStore, forecast: { daily: () => Promise.resolve(null) } }
    const [flow] = await valveFlow.load(stores, farm, '2026-06-30')
    expect(flow).toMatchObject({ subject: 'valves1:V1', fieldId: 'field1', deviceId: 'valves1' })
    expect(flow!.data.runs.map(({ rate }) => rate)).toEqual([300, 310, 305])
    expect(flow!.data.entered).toBeCloseTo(333.33, 2)
    expect(term(valveFlow.fit(flow!.data), 'flow')!.coefficient).toBe(305)
    const [zone] = await applicationRate.load(stores, farm, '2026-06-30')
    expect(zone).toMatchObject({ subject: 'zone1', fieldId: 'field1' })
    expect(term(applicationRate.fit(zone!.data), 'application-rate')!.coefficient).toBeCloseTo(1.83, 9)
    expect(zone!.data.entered).toBe(2)
    await close()
  })
})

const commandRow = (seq: number, createdAtMs: number): CommandRow => ({
  id: `command${seq}`,
  org: 'coop',
  deviceId: 'valves1',
  valve: 'V1',
  seq,
  op: 'open',
  ofSeq: null,
  runId: null,
  requestId: null,
  durMs: 3_600_000,
  litres: null,
  state: 'done',
  lifecycle: '{}',
  outcome: 'timer',
  actor: 'plan:1',
  reason: 'balance',
  expiresAtMs: createdAtMs,
  createdAtMs,
  sentAtMs: null,
  confirmedAtMs: null,
  endedAtMs: null,
  ranMs: null,
  ranLitres: null,
})
