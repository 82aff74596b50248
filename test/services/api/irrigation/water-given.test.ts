/** The water of a night and of a day: runs across midnight count on both with their part. */
import { describe, expect, it } from 'vitest'
import { waterGiven } from '../../../../services/api/irrigation/water-given.ts'

const HOUR = 3_600_000
const MIDNIGHT = Date.UTC(2026, 7, 5)
const record = (fieldId: string, fromH: number, toH: number, litres: number | null) => ({
  fieldId,
  commandedAtMs: MIDNIGHT + fromH * HOUR,
  openedAtMs: MIDNIGHT + fromH * HOUR,
  closedAtMs: MIDNIGHT + toH * HOUR,
  ranMs: (toH - fromH) * HOUR,
  litres,
})
const names = new Map([
  ['hill-2', 'Hill 2'],
  ['west-9', 'West 9'],
])
const span = (fromH: number, toH: number) => ({
  fromMs: MIDNIGHT + fromH * HOUR,
  toMs: MIDNIGHT + toH * HOUR,
})

describe('water given', () => {
  it('a run from 22:00 to 02:00 is whole in the night, and half on either day', () => {
    const runs = [record('hill-2', -2, 2, 8_000)]
    expect(waterGiven(runs, names, span(-6, 8)).litres).toBe(8_000)
    expect(waterGiven(runs, names, span(-24, 0)).litres).toBe(4_000)
    expect(waterGiven(runs, names, span(0, 24)).litres).toBe(4_000)
  })

  it('is added by field, the most water first', () => {
    const runs = [record('west-9', 1, 2, 900), record('hill-2', 1, 2, 1_000), record('west-9', 3, 4, 600)]
    expect(waterGiven(runs, names, span(-6, 8)).fields).toEqual([
      { fieldId: 'west-9', fieldName: 'West 9', litres: 1_500 },
      { fieldId: 'hill-2', fieldName: 'Hill 2', litres: 1_000 },
    ])
  })

  it('an unknown amount is counted as a run, never as no water', () => {
    const given = waterGiven([record('hill-2', 1, 2, null)], names, span(-6, 8))
    expect(given).toMatchObject({ litres: 0, unknownRuns: 1, fields: [] })
  })

  it('a run by hand without an end counts where it began', () => {
    const byHand = { ...record('hill-2', 1, 1, 700), openedAtMs: null, closedAtMs: null, ranMs: 0 }
    expect(waterGiven([byHand], names, span(-6, 8)).litres).toBe(700)
    expect(waterGiven([byHand], names, span(-24, 0)).litres).toBe(0)
  })
})
