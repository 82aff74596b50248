/**
 * `npm run demo` shows, before a person does anything, over the same HTTP as for any client: a paddy in mid-season drainage, a run that its rain condition
 * skipped, a spray window that a person turned into a task, and the irrigation given compared with that of Tilth and of the
 * previous fixed schedule.
 */
import { beforeAll, expect, it } from 'vitest'
import { addDays } from '../../broker/contract/time.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import type { FieldWorkList, PestControlView, SeasonReportView } from '../../services/api/schemas.ts'
import type { ForecastSkillView } from '../../services/api/models/forecast-schemas.ts'
import type { PlanView, DecisionView } from '../../services/api/irrigation/plan-schemas.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { lastSeason } from '../../firmware-sim/demo/diary-last-season.ts'
import type { RunningDemo } from './running-demo.ts'

const TODAY = '2026-08-05'

type FieldDays = { days: { lines: { what: string }[] }[] }

/** Call it in a describe block, before what changes the farm. */
export function demoState(running: () => RunningDemo): void {
  let today: Today
  const get = <T>(path: string) => running().call<T>('GET', path)
  const fieldOf = (id: string) => today.fields.find((field) => field.id === id)!

  beforeAll(async () => {
    today = await get<Today>('/api/today')
  })

  it('assesses every field, and logs no error; one with silent probes is OK only where all that it may hold is', () => {
    expect(today.fields).toHaveLength(12)
    const lost = today.fields.filter(({ water }) => water?.fresh === 'lost')
    // their probe ran out of battery
    expect(lost.map(({ id }) => id).sort()).toEqual(['river-bend', 'west-9'])
    for (const { status, verdict, water } of lost)
      if (status === 'unknown') expect(verdict.params.reason).toBe('probe-silent')
      else expect(status === 'act' || water!.loMm > 0, status).toBe(true)
    const unknown = today.fields.filter(({ status }) => status === 'unknown')
    expect(unknown.filter((field) => !lost.includes(field))).toEqual([])
    expect(running().output()).not.toMatch(/tilth demo:/)
  })

  it('shows a demand that waits for approval, though it was first there days ago', () => {
    const { status, verdict, next, water } = fieldOf('hill-2')
    expect({ status, key: verdict.key }).toEqual({ status: 'act', key: 'irrigate-approve' })
    expect(next).not.toBeNull()
    expect(water!.leftMm).toBeLessThan(0)
  })

  it('shows a paddy that its mid-season drainage has dried too far, and asks for water', async () => {
    const { status, verdict, decisionId } = fieldOf('paddy-11')
    expect({ status, key: verdict.key }).toEqual({ status: 'act', key: 'paddy-too-dry' })
    expect(verdict.params.levelMm).toBeLessThan(Number(verdict.params.loMm) - 50)
    const decision = await get<DecisionView>(`/api/decisions/${decisionId}`)
    expect(decision.terms[0]).toMatchObject({ key: 'paddy-stage', params: { stage: 'mid-season-drainage' } })
  })

  it('shows its other paddies flooded, where rice flowers', () => {
    for (const id of ['paddy-3', 'paddy-7', 'paddy-8']) {
      expect(fieldOf(id).stage, id).toBe('heading')
      expect(fieldOf(id).level!.v, id).toBeGreaterThan(0)
    }
  })

  it('shows a run that was skipped, with the rain that caused it and the limit announced before', async () => {
    const days = Array.from({ length: 35 }, (_, k) => addDays(TODAY, -k))
    const plans = await Promise.all(days.map((day) => get<PlanView>(`/api/plan?day=${day}`)))
    const skipped = plans.flatMap(({ runs }) => runs).filter(({ state }) => state === 'skipped')
    expect(skipped.length).toBeGreaterThan(0)
    for (const { rainSkip } of skipped) {
      expect(rainSkip?.key).toBe('rain-fell')
      expect(rainSkip!.measuredMm).toBeGreaterThanOrEqual(rainSkip!.mm)
    }
  })

  it('shows a spray in a forecast window, approved by a person, and recorded', async () => {
    const { treatments, weather } = await get<PestControlView>('/api/fields/orchard-up/pest-control')
    expect(weather.from).toBe('hours')
    const validTreatments = treatments.filter(({ state }) => state !== 'void')
    expect(validTreatments.length).toBeGreaterThan(0)
    for (const { plan, confirmedBy, record, state } of validTreatments) {
      expect(['confirmed', 'done', 'recorded']).toContain(state)
      expect(confirmedBy).not.toBeNull()
      expect(plan.product.isDemo).toBe(true)
      // nobody had to accept checks with unknown weather
      const unknown = plan.checks.filter(({ key, result }) => key === 'weather' && result === 'unknown')
      expect(unknown).toEqual([])
      if (state === 'recorded') expect(record!.reentryMs).toBeGreaterThan(0)
    }
  })

  it('shows last season from its tickets, and which moisture was not measured', async () => {
    const yields = new Map<string, number | null>()
    for (const crop of ['rice', 'soybean', 'maize', 'apple', 'tomato']) {
      const url = `/api/reports/season?year=2025&crop=${crop}`
      for (const { farmId } of (await get<SeasonReportView>(url)).members) {
        const { member } = await get<SeasonReportView>(`${url}&farmId=${farmId}`)
        for (const { fieldId, kgHa, missing } of member!.fields) {
          yields.set(fieldId, kgHa)
          expect([fieldId, missing.includes('basis')]).toEqual([fieldId, fieldId === 'hill-2'])
        }
      }
    }
    expect(yields.size).toBe(today.fields.length)
    for (const { fieldId, kg10a } of lastSeason) {
      const kgHa = yields.get(fieldId)
      if (fieldId === 'hill-2') expect(kgHa).toBeNull()
      else expect([fieldId, Math.abs(kgHa! / 10 - kg10a) < 1]).toEqual([fieldId, true])
    }
  })

  it('has on each field a history of work and harvest, and one draft record', async () => {
    for (const { id } of today.fields) {
      const kinds = async (year: number) =>
        (await get<FieldDays>(`/api/fields/${id}/history?year=${year}`)).days.flatMap(({ lines }) =>
          lines.map(({ what }) => what),
        )
      expect([id, await kinds(2026)]).toEqual([id, expect.arrayContaining(['work'])])
      expect([id, await kinds(2025)]).toEqual([id, expect.arrayContaining(['load'])])
    }
    const { work } = await get<FieldWorkList>('/api/fields/paddy-7/work')
    expect(work.map(({ state }) => state)).toEqual(['draft', ...work.slice(1).map(() => 'confirmed')])
    expect(
      work.find(({ kind, material }) => kind === 'fertiliser' && material?.nPct === 14)!.nutrients,
    ).toEqual({
      nKgHa: expect.closeTo(35),
      p2o5KgHa: expect.closeTo(35),
      k2oKgHa: expect.closeTo(35),
    })
  })

  it('has a spray of two paddies that waits to be confirmed, and nothing forbids it', async () => {
    const { treatments } = await get<PestControlView>('/api/fields/paddy-7/pest-control')
    expect(treatments).toMatchObject([{ state: 'planned', target: 'rice-leaf-blast' }])
    expect(treatments[0]!.plan.checks.filter(({ result }) => result === 'forbidden')).toEqual([])
    const otherField = await get<PestControlView>('/api/fields/paddy-3/pest-control')
    expect(otherField.treatments).toMatchObject([{ state: 'planned', batch: treatments[0]!.batch }])
  })

  it('compares the water applied with Tilth and the old timer, in advise mode and where Tilth irrigates', async () => {
    const shadow = await get<FieldDetail>('/api/fields/orchard-low')
    expect(shadow.zones[0]!.mode).toBe('advise')
    const keys = shadow.comparison!.messages.map(({ key }) => key)
    expect(keys.some((key) => key.startsWith('tilth-'))).toBe(true)
    expect(keys.some((key) => key.startsWith('fixed-schedule-'))).toBe(true)
    const decision = await get<DecisionView>(`/api/decisions/${fieldOf('north-3').decisionId}`)
    expect(decision.compare?.key).toMatch(/^fixed-schedule-/)
  })

  it('states that its forecast is simulated, and how accurate it has been', async () => {
    expect(today.forecast!.source).toBe('simulated')
    const skills = await get<ForecastSkillView[]>('/api/forecast-skill')
    expect(new Set(skills.map(({ source }) => source))).toEqual(new Set(['simulated']))
  })
}
