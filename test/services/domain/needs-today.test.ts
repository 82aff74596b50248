/** What needs a person today: one list, one count. */
import { describe, expect, it } from 'vitest'
import {
  fieldMark,
  needsToday,
  pestsDue,
  watchedToday,
  type PestNeed,
} from '../../../services/domain/needs-today.ts'

import { addDays, HOUR_MS, startOfDay } from '../../../broker/contract/time.ts'

const UTC = 'UTC'
const TODAY = '2026-08-05'
const spray: PestNeed = {
  target: 'corn-earworm',
  kind: 'insect',
  action: 'treat',
  fromDay: TODAY,
  toDay: '2026-08-08',
}
const proposal = (fields: Partial<Parameters<typeof pestsDue>[0][number]>) => ({ ...spray, ...fields })
const scouting: PestNeed = { ...spray, target: 'codling-moth', action: 'scout' }

describe('pests that are due', () => {
  it('a spray whose days have begun is due, one that begins tomorrow or ended yesterday is not', () => {
    expect(pestsDue([proposal({})], TODAY)).toEqual([spray])
    expect(pestsDue([proposal({ fromDay: '2026-08-06' })], TODAY)).toEqual([])
    expect(pestsDue([proposal({ fromDay: '2026-08-01', toDay: '2026-08-04' })], TODAY)).toEqual([])
  })

  it('waiting and missing data ask for nothing, and a spray stands before scouting', () => {
    const proposals = [
      proposal({ action: 'wait' }),
      proposal({ action: 'cannot-judge' }),
      proposal({ target: 'codling-moth', action: 'scout' }),
      proposal({}),
    ]
    expect(pestsDue(proposals, TODAY)).toEqual([spray, scouting])
  })
})

describe('the mark of a field', () => {
  it('a field with enough water and a spray due is not OK', () => {
    expect(fieldMark('ok', [spray])).toBe('act')
    expect(fieldMark('ok', [scouting])).toBe('soon')
    expect(fieldMark('ok', [])).toBe('ok')
  })

  it('a pest never hides a worse state of the water', () => {
    expect(fieldMark('act', [scouting])).toBe('act')
    expect(fieldMark('unknown', [scouting])).toBe('unknown')
  })
})

describe('what needs a person today', () => {
  const field = (id: string, status: 'act' | 'ok' | 'soon' | 'unknown', pests: PestNeed[] = []) => ({
    id,
    status,
    pests,
    water: null as { leftMm: number; ofMm: number } | null,
    fill: null as { fromMm: number } | null,
    verdict: { params: {} as Record<string, number | string | null> },
  })
  const alert = (id: string, cause: string, severity: 'act' | 'soon' | 'note', fieldIds: string[] = []) => ({
    id,
    cause,
    severity,
    fields: fieldIds.map((fieldId) => ({ id: fieldId })),
  })

  it('faults, dry fields, sprays, silent devices and scouting are one list', () => {
    const fields = [
      { ...field('hill-2', 'act'), water: { leftMm: -2, ofMm: 45 } },
      field('shrine-east', 'ok', [spray]),
      field('upper-orchard', 'soon', [scouting]),
      field('west-9', 'ok'),
      field('river-bend', 'unknown'),
    ]
    const alerts = [
      alert('gateway', 'device-silent', 'act'),
      alert('flow', 'flow-alarm', 'act'),
      alert('battery', 'battery-low', 'soon'),
    ]
    expect(needsToday(fields, alerts, UTC).map(({ id, status }) => `${id} ${status}`)).toEqual([
      'flow act',
      'hill-2 act',
      'shrine-east act',
      'gateway act',
      'upper-orchard soon',
    ])
  })

  it('the most urgent is first: the field that is shortest of water, then what can wait the least (U5)', () => {
    const endOf = (day: string): number => startOfDay(addDays(day, 1), UTC)
    const upland = (id: string, leftMm: number, ofMm: number, dueMs: number | null = null) => ({
      ...field(id, 'act'),
      water: { leftMm, ofMm },
      verdict: { params: { dueMs } },
    })
    const paddy = (id: string, fromMm: number, params: Record<string, number | null> = {}) => ({
      ...field(id, 'act'),
      fill: { fromMm },
      verdict: { params },
    })
    const sprayed = (id: string, toDay: string) => field(id, 'ok', [{ ...spray, toDay }])
    const fields = [
      { ...field('outlet', 'act'), verdict: { params: { atMs: null } } },
      upland('by-tomorrow-noon', 3, 45, endOf(TODAY) + 12 * HOUR_MS),
      sprayed('spray-in-four-days', addDays(TODAY, 4)),
      sprayed('spray-by-today', TODAY),
      paddy('shallow-paddy', 4, { atMs: endOf(TODAY) - HOUR_MS }),
      upland('a-fifth-short', -9, 45, 0),
      upland('half-short', -9, 18),
      paddy('cracked-paddy', -180),
    ]
    const needs = needsToday(fields, [alert('gateway', 'device-silent', 'act')], UTC)
    expect(needs.map(({ id }) => id)).toEqual([
      ...['cracked-paddy', 'half-short', 'a-fifth-short'],
      ...['shallow-paddy', 'spray-by-today', 'by-tomorrow-noon', 'spray-in-four-days', 'outlet'],
      'gateway',
    ])
    // stated with the rows that rest on it
    expect(needs.filter(({ dueMs }) => dueMs !== null).map(({ id, dueMs }) => [id, dueMs])).toEqual([
      ['shallow-paddy', endOf(TODAY) - HOUR_MS],
      ['by-tomorrow-noon', endOf(TODAY) + 12 * HOUR_MS],
    ])
  })

  it('a dry field with a spray due is one row', () => {
    expect(needsToday([field('hill-2', 'act', [spray])], [], UTC)).toHaveLength(1)
  })

  it('a silent probe needs a person too, a weak battery does not yet', () => {
    const alerts = [alert('probe', 'device-silent', 'soon'), alert('battery', 'battery-low', 'soon')]
    expect(needsToday([], alerts, UTC)).toEqual([{ kind: 'alert', id: 'probe', status: 'soon', dueMs: null }])
  })

  it('a silent probe that leaves its field unknown is the row of that field, once', () => {
    const fields = [field('river-bend', 'unknown', [scouting]), field('hill-2', 'ok')]
    const alerts = [
      alert('probe', 'device-silent', 'soon', ['river-bend']),
      alert('gauge', 'device-silent', 'soon', ['river-bend']),
      alert('spare', 'device-silent', 'soon', ['hill-2']),
    ]
    expect(needsToday(fields, alerts, UTC).map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'field river-bend',
      'alert spare',
    ])
  })

  it('every field that is not OK and every alert is one row, of what needs a person or of what is watched', () => {
    const fields = [
      { ...field('hill-2', 'act'), mark: 'act' as const },
      { ...field('upper-orchard', 'ok', [scouting]), mark: 'soon' as const },
      { ...field('river-bend', 'unknown'), mark: 'unknown' as const },
      { ...field('paddy-7', 'soon'), mark: 'soon' as const },
      { ...field('west-9', 'ok'), mark: 'ok' as const },
    ]
    const alerts = [
      alert('flow', 'flow-alarm', 'act'),
      alert('battery', 'battery-low', 'soon'),
      alert('probe', 'device-silent', 'soon', ['river-bend']), // the row of its field shows it
    ]
    const needs = needsToday(fields, alerts, UTC)
    expect(needs.map(({ id }) => id)).toEqual(['flow', 'hill-2', 'river-bend', 'upper-orchard'])
    expect(watchedToday(needs, fields, alerts)).toEqual([
      { kind: 'field', id: 'paddy-7' },
      { kind: 'alert', id: 'battery' },
    ])
  })

  it('nothing needs a person where the fields are OK', () => {
    expect(needsToday([field('west-9', 'ok')], [], UTC)).toEqual([])
  })
})
