import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { packRuns, type PumpLimits, type Taken, type Wanted } from '../../../services/plan/pump-packing.ts'

const start = Date.UTC(2026, 6, 24)
const minute = (m: number) => start + m * MINUTE_MS
const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10)

const wanted: fc.Arbitrary<Wanted[]> = fc
  .array(
    fc.record({
      flowLpm: fc.integer({ min: 50, max: 900 }),
      minutes: fc.integer({ min: 20, max: 300 }),
      minMinutes: fc.integer({ min: 5, max: 20 }),
      from: fc.integer({ min: 0, max: 1800 }),
      length: fc.integer({ min: 5, max: 600 }),
      due: fc.integer({ min: 0, max: 3000 }),
      preferred: fc.option(fc.integer({ min: 0, max: 2400 }), { nil: null }),
    }),
    { maxLength: 10 },
  )
  .map((rows) =>
    rows.map((row, i) => ({
      zoneId: `zone-${i}`,
      flowLpm: row.flowLpm,
      minutes: row.minutes,
      minMinutes: row.minMinutes,
      fromMs: minute(row.from),
      toMs: minute(row.from + row.length),
      dueMs: minute(row.due),
      preferredMs: row.preferred === null ? null : minute(row.preferred),
    })),
  )
const taken: fc.Arbitrary<Taken[]> = fc
  .array(fc.record({ from: fc.integer({ min: 0, max: 1500 }), length: fc.integer({ min: 5, max: 300 }) }), {
    maxLength: 2,
  })
  .map((rows) =>
    rows.map(({ from, length }) => ({ fromMs: minute(from), toMs: minute(from + length), flowLpm: 300 })),
  )

describe('packing under one pump', () => {
  it('never exceeds capacity, open valves, the hours, the size asked for or the water of the day', () => {
    fc.assert(
      fc.property(
        wanted,
        taken,
        fc.integer({ min: 600, max: 2000 }),
        fc.integer({ min: 2, max: 5 }),
        fc.option(fc.integer({ min: 1_000, max: 400_000 }), { nil: null }),
        (runs, others, capacityLpm, maxOpenValves, litres) => {
          const pump: PumpLimits = { capacityLpm, maxOpenValves, dayOf: day, litresLeft: () => litres }
          const packed = packRuns(runs, pump, others)
          expect(packed).toHaveLength(runs.length)
          const flowing: Taken[] = [...others]
          const used = new Map<string, number>()
          for (const answer of packed) {
            const run = runs.find(({ zoneId }) => zoneId === answer.zoneId)!
            if (answer.startMs === null) continue
            const toMs = answer.startMs + answer.minutes * MINUTE_MS
            expect(answer.startMs).toBeGreaterThanOrEqual(run.fromMs)
            expect(toMs).toBeLessThanOrEqual(run.toMs)
            expect(answer.minutes).toBeLessThanOrEqual(run.minutes)
            expect(answer.minutes).toBeGreaterThanOrEqual(run.minMinutes)
            if (answer.minutes < run.minutes) expect(answer.limit).not.toBeNull()
            flowing.push({ fromMs: answer.startMs, toMs, flowLpm: run.flowLpm })
            const on = day(answer.startMs)
            used.set(on, (used.get(on) ?? 0) + answer.minutes * run.flowLpm)
          }
          for (const { fromMs } of flowing) {
            const together = flowing.filter((other) => other.fromMs <= fromMs && fromMs < other.toMs)
            // what stood already may exceed the pump by itself: that is not the packing's doing
            if (together.every((other) => others.includes(other))) continue
            expect(together.reduce((sum, other) => sum + other.flowLpm, 0)).toBeLessThanOrEqual(capacityLpm)
            expect(together.length).toBeLessThanOrEqual(maxOpenValves)
          }
          if (litres !== null) for (const sum of used.values()) expect(sum).toBeLessThanOrEqual(litres + 1e-6)
        },
      ),
      { numRuns: 500, seed: 11 },
    )
  })

  it('what stands in the plan stays where it is when it still fits', () => {
    const run: Wanted = {
      zoneId: 'a',
      flowLpm: 500,
      minutes: 60,
      minMinutes: 10,
      fromMs: minute(0),
      toMs: minute(300),
      dueMs: minute(300),
      preferredMs: minute(97),
    }
    const pump: PumpLimits = { capacityLpm: 800, maxOpenValves: 9, dayOf: day, litresLeft: () => null }
    expect(packRuns([run], pump, [])).toMatchObject([{ startMs: minute(97) }])
    const inTheWay = [{ fromMs: minute(90), toMs: minute(120), flowLpm: 500 }]
    // 28 minutes before it, two for the changeover; the whole hour fits after it
    expect(packRuns([run], pump, inTheWay)).toMatchObject([{ startMs: minute(0) }])
    expect(packRuns([{ ...run, minutes: 120 }], pump, inTheWay)).toMatchObject([{ startMs: minute(122) }])
  })

  it('when nothing holds the whole run it takes the longest gap and says what cut it', () => {
    const run: Wanted = {
      zoneId: 'a',
      flowLpm: 500,
      minutes: 240,
      minMinutes: 10,
      fromMs: minute(0),
      toMs: minute(300),
      dueMs: minute(300),
      preferredMs: null,
    }
    const pump: PumpLimits = { capacityLpm: 800, maxOpenValves: 9, dayOf: day, litresLeft: () => null }
    const inTheWay = [{ fromMs: minute(100), toMs: minute(130), flowLpm: 500 }]
    expect(packRuns([run], pump, inTheWay)).toEqual([
      { zoneId: 'a', startMs: minute(132), minutes: 168, limit: 'window' },
    ])
  })
})
