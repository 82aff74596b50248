/** What came of a run, and what is left of it to be asked for. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { runCut, runRecord } from '../../../../services/api/irrigation/run-record-view.ts'
import type { IrrigationRow, RunRow } from '../../../../services/tables.ts'

const START_MS = Date.UTC(2026, 6, 6)
const run = (change: Partial<RunRow> = {}): RunRow =>
  ({ id: 'r', zoneId: 'z', startMs: START_MS, minutes: 10, state: 'failed', ...change }) as RunRow
const record = (minutes: number, change: Partial<IrrigationRow> = {}): IrrigationRow =>
  ({
    runId: 'r',
    ranMs: minutes * MINUTE_MS,
    litres: 60 * minutes,
    volumeSource: 'metered',
    closedAtMs: START_MS + minutes * MINUTE_MS,
    ...change,
  }) as IrrigationRow

describe('a run that was cut short', () => {
  it('offers the rest in whole minutes, with the volume so far', () => {
    expect(runRecord(run(), [record(3.5)], [])).toEqual({
      ranMinutes: 3.5,
      isRanBound: false,
      litres: 210,
      meteredLitres: 210,
      volumeSource: 'metered',
      restMinutes: 6,
    })
    // its end was received two seconds late
    expect(runRecord(run(), [record(3.03)], []).restMinutes).toBe(7)
  })

  it('counts all its openings; its volume is as certain as the least certain of them', () => {
    const lost = record(2, { litres: null, volumeSource: 'unknown', closedAtMs: null })
    expect(runRecord(run(), [record(3), lost], [])).toMatchObject({
      ranMinutes: 5,
      isRanBound: true,
      litres: null,
      meteredLitres: null,
      volumeSource: 'unknown',
      restMinutes: 5,
    })
    const byRate = record(2, { volumeSource: 'rate' })
    expect(runRecord(run(), [record(3), byRate], [])).toMatchObject({
      litres: 300,
      volumeSource: 'rate',
      meteredLitres: null,
    })
  })

  it('offers nothing once its zone was opened again, for less than a minute, or after a person stopped it', () => {
    const again = run({ id: 'again', startMs: START_MS + 1, state: 'running' })
    expect(runRecord(run(), [record(3)], [run(), again]).restMinutes).toBeNull()
    // one that was refused opened nothing
    const refused = run({ id: 'again', startMs: START_MS + 1, state: 'cancelled' })
    expect(runRecord(run(), [record(3)], [run(), refused]).restMinutes).toBe(7)
    expect(runRecord(run(), [record(9.5)], []).restMinutes).toBeNull()
    expect(runRecord(run({ state: 'done' }), [record(3)], []).restMinutes).toBeNull()
    expect(runRecord(run({ state: 'running' }), [record(3)], []).restMinutes).toBeNull()
  })

  it('offers nothing where the controller has run more than is recorded: that may be the rest', () => {
    expect(runRecord(run({ endReason: 'sequence-mismatch' }), [record(3)], []).restMinutes).toBeNull()
    expect(runRecord(run({ endReason: 'lease' }), [record(3)], []).restMinutes).toBe(7)
  })

  it('without a record yet is unknown, not zero', () => {
    expect(runRecord(run({ state: 'running' }), [], [])).toMatchObject({ ranMinutes: null, litres: null })
  })
})

describe('a run that a person stopped', () => {
  const stopped = run({ state: 'done', endReason: 'command', minutes: 225, grossMm: 31 })
  const sevenMinutes = record(7, { grossMm: 1 })
  const stop = { zoneId: 'z', atMs: START_MS + 7 * MINUTE_MS, by: 'Sato' }

  it('says when, by whom, and how much it gave', () => {
    expect(runCut(stopped, [sevenMinutes], [stop])).toEqual({
      cutAtMs: START_MS + 7 * MINUTE_MS,
      cutMm: 1,
      cutBy: 'Sato',
    })
    expect(runCut(stopped, [sevenMinutes], [{ ...stop, zoneId: null }]).cutBy).toBe('Sato')
  })

  it('names nobody for a STOP of another valve or of another hour', () => {
    const others = [
      { ...stop, zoneId: 'other' },
      { ...stop, atMs: START_MS - MINUTE_MS },
      { ...stop, atMs: START_MS + 30 * MINUTE_MS },
    ]
    expect(runCut(stopped, [sevenMinutes], others)).toMatchObject({ cutMm: 1, cutBy: null })
  })

  it('a run that took its time was not cut, and one without a report of its depth gave an unknown depth', () => {
    const none = { cutAtMs: null, cutMm: null, cutBy: null }
    expect(runCut(run({ state: 'done', endReason: 'timer' }), [record(10)], [stop])).toEqual(none)
    expect(runCut(run({ state: 'failed', endReason: 'lease' }), [record(3)], [stop])).toEqual(none)
    expect(runCut(stopped, [record(7, { grossMm: null })], [stop])).toMatchObject({ cutMm: null })
  })
})
