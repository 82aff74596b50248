/** The next run and its condition, from rows alone. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { fieldCard, rainSkipView } from '../../../../services/api/screens/field-card-view.ts'
import { toJson, type RunRow } from '../../../../services/tables.ts'
import { NOW, rows } from './rows.ts'

describe('the next run', () => {
  it('shows its condition without the internal values of plan', () => {
    const nextRun = {
      id: 'r',
      startMs: NOW,
      grossMm: 18,
      minutes: 130,
      state: 'approved',
      rainSkip: toJson({ key: 'rain-by', mm: 5, byMs: NOW, sinceDay: '2026-07-24', baseMm: 2 }),
    } as RunRow
    expect(fieldCard({ ...rows, nextRun }, NOW).next!.rainSkip).toEqual({
      key: 'rain-by',
      mm: 5,
      byMs: NOW - 3 * MINUTE_MS, // its last check: rain that falls later skips nothing
      measuredMm: null,
    })
  })
})

describe('the condition of a run', () => {
  const condition = { key: 'rain-by', mm: 5, byMs: NOW, sinceDay: '2026-07-24', baseMm: 2 }
  const run = (set: Partial<RunRow>): RunRow => ({ ...set }) as RunRow
  const judged = toJson({ ...condition, measuredMm: 7.2, judgedMs: NOW - 60_000 })
  it('that was fulfilled shows the amount of rain, and when that was detected', () => {
    expect(rainSkipView(run({ state: 'skipped', endReason: 'rain-reached', rainSkip: judged }))).toEqual({
      key: 'rain-fell',
      mm: 5,
      byMs: NOW - 60_000,
      measuredMm: 7.2,
    })
  })
  it('that was not fulfilled shows the small amount of rain, once the run started; a missed run shows no amount', () => {
    const short = toJson({ ...condition, measuredMm: 1.4, judgedMs: NOW - 60_000 })
    expect(rainSkipView(run({ state: 'done', endReason: 'timer', rainSkip: short }))!.key).toBe('rain-short')
    expect(rainSkipView(run({ state: 'approved', rainSkip: short }))).toMatchObject({
      key: 'rain-by',
      measuredMm: 1.4,
    })
    expect(rainSkipView(run({ state: 'skipped', endReason: 'window-missed', rainSkip: short }))!.key).toBe(
      'rain-by',
    )
  })
})
