/** A field's card, from rows alone. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import type { FieldCard } from '../../../../services/api/screens/today-schemas.ts'
import { byUrgency, fieldCard } from '../../../../services/api/screens/field-card-view.ts'
import { toJson, type RunRow } from '../../../../services/tables.ts'
import { NOW, state, rows } from './rows.ts'

describe('a field whose state has grown old', () => {
  it('is late after two hours, and unknown after six, whatever was advised', () => {
    const at = (hours: number) => fieldCard(rows, NOW + hours * HOUR_MS)
    expect([at(2).status, at(2).water!.fresh]).toEqual(['ok', 'ok'])
    expect([at(3).status, at(3).water!.fresh]).toEqual(['ok', 'late'])
    expect([at(7).status, at(7).water!.fresh]).toEqual(['unknown', 'lost'])
    expect(at(7).verdict).toEqual({ key: 'cannot-judge', params: { reason: 'inputs-lost', atMs: NOW } })
  })

  it('without any state or advice is unknown, and has no number', () => {
    expect(fieldCard({ ...rows, state: null }, NOW)).toMatchObject({
      status: 'unknown',
      water: null,
    })
    expect(fieldCard({ ...rows, advice: null }, NOW)).toMatchObject({ status: 'unknown', water: null })
  })

  it('without a sensor shows that as the reason; with a sensor the reason differs', () => {
    const bare = { ...rows, state: null, advice: null }
    const reasonOf = (hasSensor: boolean) => fieldCard({ ...bare, hasSensor }, NOW).verdict.params['reason']
    expect([reasonOf(false), reasonOf(true)]).toEqual(['no-sensor', 'no-state'])
    // what is decided without one stands
    expect(fieldCard({ ...rows, hasSensor: false }, NOW).verdict.key).not.toBe('cannot-judge')
  })

  it('shows the water that its decision compared, not one of its own, and when it was last measured', () => {
    const water = { leftMm: 5, loMm: 1, hiMm: 9, ofMm: 45 }
    expect(fieldCard(rows, NOW).water).toEqual({ ...water, asOfMs: NOW - 600_000, fresh: 'ok' })
    // a newer state changes nothing before the plan has compared it
    expect(fieldCard({ ...rows, state: { ...state, depletionMm: 80 } }, NOW).water).toMatchObject(water)
    const neverMeasured = { ...rows, state: { ...state, inputs: toJson([]) } }
    expect(fieldCard(neverMeasured, NOW).water!.asOfMs).toBeNull()
    expect(fieldCard({ ...rows, advice: { ...rows.advice!, water: null } }, NOW).water).toBeNull()
  })
})

describe('a run that a person has approved, before the plan is written again', () => {
  const run = (set: Partial<RunRow>): RunRow =>
    ({
      id: 'r',
      startMs: NOW,
      grossMm: 18,
      minutes: 130,
      state: 'proposed',
      rainSkip: null,
      ...set,
    }) as RunRow
  const params = { mm: 18, minutes: 130, atMs: NOW, dueMs: NOW }
  const advice = {
    ...rows.advice!,
    status: 'act' as const,
    key: 'irrigate-approve',
    params: toJson(params),
    nextRunId: 'r',
  }
  const at = (set: Partial<RunRow>) => fieldCard({ ...rows, advice, decidedRun: run(set) }, NOW)

  it('asks for no approval: it starts now, or at its time', () => {
    expect(at({})).toMatchObject({ status: 'act', verdict: { key: 'irrigate-approve' } })
    expect(at({}).onceApproved).toBeNull() // it proposes no run
    expect(at({ state: 'approved', startMs: NOW + HOUR_MS })).toMatchObject({
      status: 'act',
      verdict: { key: 'irrigate', params },
    })
    for (const state of ['approved', 'sent', 'running'] as const)
      expect(at({ state })).toMatchObject({
        status: 'ok',
        verdict: { key: 'starting', params: { minutes: 130, atMs: NOW } },
      })
  })

  it('states beforehand what every screen shows after the approval', () => {
    for (const startMs of [NOW, NOW + HOUR_MS]) {
      const proposed = run({ startMs })
      const before = fieldCard({ ...rows, advice, decidedRun: proposed, nextRun: proposed }, NOW)
      const { status, verdict, onceApproved } = at({ startMs, state: 'approved' })
      expect(before.onceApproved).toEqual({ status, verdict })
      expect(onceApproved).toBeNull()
    }
  })

  it('changes no other verdict', () => {
    const watering = { ...advice, key: 'watering', status: 'ok' as const }
    expect(
      fieldCard({ ...rows, advice: watering, decidedRun: run({ state: 'sent' }) }, NOW).verdict.key,
    ).toBe('watering')
  })
})

describe('the list of Today', () => {
  it('shows fields that need a person first, unknown ones second, and keeps the order of equals', () => {
    const card = (mark: FieldCard['mark'], name: string): FieldCard => ({
      ...fieldCard(rows, NOW),
      mark,
      name,
      id: name,
    })
    const cards = [
      ...[card('ok', 'A'), card('wet', 'B'), card('soon', 'C'), card('unknown', 'D')],
      ...[card('act', 'Paddy 10'), card('act', 'Paddy 2')],
    ]
    const sorted = ['Paddy 2', 'Paddy 10', 'D', 'C', 'B', 'A']
    expect(cards.sort(byUrgency).map(({ name }) => name)).toEqual(sorted)
    expect(
      cards
        .reverse()
        .sort(byUrgency)
        .map(({ name }) => name),
    ).toEqual(sorted)
  })
})

describe('a paddy', () => {
  const paddy = (plantedDay: string, harvestedDay: string | null = null) =>
    fieldCard(
      {
        ...rows,
        field: { ...rows.field, kind: 'paddy' },
        season: {
          id: 's',
          org: 'midori',
          fieldId: 'f',
          year: 2026,
          crop: 'rice',
          variety: null,
          plantedDay,
          harvestPlannedDay: null,
          harvestedDay,
          yieldKg: null,
          yieldBasis: null,
        },
      },
      NOW,
    ).targetBandMm

  it('has the band of its stage, and none before planting or after harvest', () => {
    expect(paddy('2026-07-20')).toEqual([30, 50]) // rooting: 3-5 cm
    expect(paddy('2026-07-01')).toEqual([10, 30]) // tillering: 1-3 cm
    expect(paddy('2026-07-25')).toBeNull()
    expect(paddy('2026-03-01', '2026-07-20')).toBeNull()
  })
})
