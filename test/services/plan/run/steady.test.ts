/** A repeated plan does not flap: noise moves nothing, and relevant changes move it at once. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import '../../../support/seed.ts'
import { HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { planChanges } from '../../../../services/plan/run/changeset.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import type { FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import type { RunRow } from '../../../../services/tables.ts'
import { alertRow, at, rainForecast, snapshot, stateRow, zoneRow } from '../farm.ts'
import { runs } from '../../../support/runs.ts'

/**
 * One pass of the plan on the rows that the passes before it have left; returns the rows and the number of
 * changed runs.
 */
function pass(
  farm: FarmSnapshot,
  runs: RunRow[],
  nowMs: number,
  n: number,
): { runs: RunRow[]; changes: number } {
  const now = { ...farm, runs }
  const plan = planFarm(now, { nowMs, stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity })
  const making = { nowMs, planVersion: `1-${n}`, newId: () => `run-${n}` }
  const { changes } = planChanges(now, plan, making)
  const sets = new Map(changes.update.map(({ id, set }) => [id, set]))
  return {
    runs: [...runs.map((run) => ({ ...run, ...sets.get(run.id) })), ...changes.insert],
    changes: changes.insert.length + changes.update.length,
  }
}

interface Noise {
  depletionMm: number
  useMm: number
  rainMm: number
}
/** The noise between two passes without an event. */
const noise = fc.record({
  depletionMm: fc.double({ min: -0.8, max: 0.8, noNaN: true }),
  useMm: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
  rainMm: fc.double({ min: -0.8, max: 0.8, noNaN: true }),
})

/** A field anywhere between full and dry, and rain anywhere between none and plenty ... */
const anywhere = fc.record({
  depletionMm: fc.double({ min: 5, max: 80, noNaN: true }),
  rainMm: fc.double({ min: 0, max: 30, noNaN: true }),
})
/**
 * ... and most of all at the threshold of the rule: 45 mm are readily available, 6 are used before the next
 * window but one.
 */
const atRainEdge = fc
  .tuple(fc.double({ min: 41, max: 62, noNaN: true }), fc.double({ min: -0.5, max: 0.5, noNaN: true }))
  .map(([depletionMm, offMm]) => ({ depletionMm, rainMm: depletionMm - 39 + offMm }))
const atDryEdge = fc
  .double({ min: 37.5, max: 40.5, noNaN: true })
  .map((depletionMm) => ({ depletionMm, rainMm: 0 }))
const start = fc.oneof(anywhere, atRainEdge, atDryEdge)

function changesUnder(begin: { depletionMm: number; rainMm: number }, noises: readonly Noise[]): number {
  let runs: RunRow[] = []
  let changes = 0
  noises.forEach((wobble, i) => {
    // five passes an hour through the evening before the window
    const nowMs = at(-4, 5) + i * 12 * MINUTE_MS
    const loMm = Math.max(0, begin.rainMm + wobble.rainMm)
    const farm = snapshot({
      zones: [zoneRow({ maxMinutes: 600 })],
      states: [
        stateRow({
          atMs: nowMs,
          depletionMm: begin.depletionMm + wobble.depletionMm,
          etcTodayMm: 6,
          etcWholeDayMm: 6 + wobble.useMm,
        }),
      ],
      forecast: rainForecast([0, [loMm, loMm + 4, loMm + 9], [0, 0, 2]], { issuedMs: nowMs }),
    })
    const done = pass(farm, runs, nowMs, i)
    runs = done.runs
    changes += done.changes
  })
  return changes
}

/** The run itself, and one reversal. */
const MOST_CHANGES = 3

describe('repeated plans', () => {
  it(`change the runs at most ${MOST_CHANGES} times in an evening of noise, for any state of the field`, () => {
    fc.assert(
      fc.property(start, fc.array(noise, { minLength: 20, maxLength: 20 }), (begin, noises) => {
        expect(changesUnder(begin, noises)).toBeLessThanOrEqual(MOST_CHANGES)
      }),
      { numRuns: runs(300) },
    )
  })

  it('react at once to what is no noise: a fault, measured rain, a lowered limit', () => {
    const nowMs = at(-4, 5)
    const first = pass(snapshot(), [], nowMs, 0)
    expect(first.runs).toMatchObject([{ state: 'approved', minutes: 300 }])
    const later = (set: Partial<FarmSnapshot>): RunRow[] =>
      pass(snapshot(set), first.runs, nowMs + 3_000, 1).runs
    expect(later({ alerts: [alertRow()] })).toMatchObject([
      { state: 'cancelled', endReason: 'valve-blocked' },
    ])
    expect(later({ states: [stateRow({ rainTodayMm: 12, depletionMm: 28 })] })).toMatchObject([
      { state: 'skipped', endReason: 'rain-reached' },
    ])
    expect(later({ zones: [zoneRow({ maxMinutes: 270 })] })).toMatchObject([
      { state: 'cancelled', endReason: 'replaced' },
      { state: 'approved', minutes: 270 },
    ])
    expect(later({})).toEqual(first.runs)
  })
})
