import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCounter, newCounter, type CounterReading } from '../../../services/ingest/counter.ts'
import { addReceived, isContiguous, emptySequence } from '../../../services/ingest/received-sequence.ts'
import { runs } from '../../support/runs.ts'

/** Decodes readings in the order given, as ingest does; gives the total of each by message number. */
function decodeAll(readings: CounterReading[], modulus: number | null = null) {
  const seen = emptySequence()
  const memory = newCounter()
  const totals = new Map<number, number>()
  for (const reading of readings) {
    addReceived(seen, reading.n)
    totals.set(
      reading.n,
      decodeCounter(memory, reading, modulus, (a, b) => isContiguous(seen, a, b)),
    )
  }
  return { totals, memory, inOrder: [...totals].sort(([a], [b]) => a - b).map(([, total]) => total) }
}

const reading = (n: number, raw: number, boot = 1): CounterReading => ({ n, raw, boot })

describe('a counter', () => {
  it('counts on', () => {
    expect(decodeAll([reading(1, 412.6), reading(2, 412.8), reading(3, 415)]).inOrder).toEqual([
      412.6, 412.8, 415,
    ])
  })

  it('rolls over at its modulus: 998 L then 3 L of a 1,000 L counter is 5 L', () => {
    expect(decodeAll([reading(1, 998), reading(2, 3)], 1_000).inOrder).toEqual([998, 1_003])
  })

  it('restarts from zero after a boot: only the new count is added, never a roll-over', () => {
    expect(decodeAll([reading(1, 998), reading(2, 3, 2)], 1_000).inOrder).toEqual([998, 1_001])
    expect(decodeAll([reading(1, 412.6), reading(2, 0.2, 2)]).inOrder).toEqual([412.6, 412.8])
  })

  it('a meter that keeps its count over a boot continues: 183,220 L are not delivered again', () => {
    expect(decodeAll([reading(1, 183_220), reading(2, 183_230, 2)]).inOrder).toEqual([183_220, 183_230])
  })

  it('falls without a boot and without a known modulus: it was reset, and counts from zero', () => {
    expect(decodeAll([reading(1, 500), reading(2, 20)]).inOrder).toEqual([500, 520])
  })

  it('a value rounded down is no restart: 412.6 mm then 412.5 mm is no rain, and neither is the way back', () => {
    const { inOrder } = decodeAll([
      reading(1, 412.6),
      reading(2, 412.5),
      reading(3, 412.6),
      reading(4, 412.5),
    ])
    expect(inOrder).toEqual([412.6, 412.6, 412.6, 412.6])
  })

  it('a late reading lies between its neighbours and adds nothing', () => {
    const { totals } = decodeAll([
      reading(1, 100),
      reading(4, 130),
      reading(3, 120),
      reading(2, 110),
      reading(5, 131),
    ])
    expect(Object.fromEntries(totals)).toEqual({ 1: 100, 2: 110, 3: 120, 4: 130, 5: 131 })
  })

  it('water before a restart that only a late reading shows is added to the next total', () => {
    // 100 -> 120 | boot | 5 -> 30 -> 31: 20 + 5 + 25 + 1 = 51 L in all
    const { totals } = decodeAll([
      reading(10, 100),
      reading(13, 30, 2),
      reading(11, 120),
      reading(12, 5, 2),
      reading(14, 31, 2),
    ])
    expect(Object.fromEntries(totals)).toEqual({ 10: 100, 11: 120, 12: 125, 13: 130, 14: 151 })
  })

  it('remembers only the points that a late reading could still need', () => {
    const inOrder = Array.from({ length: 1_000 }, (_, n) => reading(n, n))
    expect(decodeAll(inOrder).memory.points.length).toBeLessThanOrEqual(2)
  })

  // Each step is what really flowed; a restart is always seen, because the device reports before it counts past its last value.
  const life = fc.array(fc.record({ flowed: fc.integer({ min: 0, max: 40 }), boots: fc.boolean() }), {
    minLength: 2,
    maxLength: 40,
  })
  const shuffled = life.chain((steps) =>
    fc.tuple(fc.constant(steps), fc.array(fc.nat(), { minLength: steps.length, maxLength: steps.length })),
  )

  it('in any order of arrival the totals only grow, and the sum is the water that flowed', () => {
    fc.assert(
      fc.property(shuffled, ([steps, keys]) => {
        let raw = 1_000
        let boot = 1
        let flowedInAll = 0
        const told: CounterReading[] = [reading(0, raw, boot)]
        for (const [i, { flowed, boots }] of steps.entries()) {
          if (boots && raw > 100) {
            boot++
            raw = 0
          }
          raw += flowed
          flowedInAll += flowed
          told.push(reading(i + 1, raw, boot))
        }
        // the first is known, the others come as they come; the last one settles what is owed
        const middle = told.slice(1).sort((a, b) => keys[a.n - 1]! - keys[b.n - 1]! || a.n - b.n)
        const last = reading(told.length, raw, boot)
        const { inOrder } = decodeAll([told[0]!, ...middle, last])
        for (let i = 1; i < inOrder.length; i++) expect(inOrder[i]!).toBeGreaterThanOrEqual(inOrder[i - 1]!)
        expect(inOrder.at(-1)! - inOrder[0]!).toBeCloseTo(flowedInAll, 6)
      }),
      { seed: 20_260_706, numRuns: runs(2_000) },
    )
  })

  it('the same for a counter that rolls over at 256', () => {
    fc.assert(
      fc.property(shuffled, ([steps, keys]) => {
        let count = 200
        const told = [reading(0, count)]
        for (const [i, { flowed }] of steps.entries()) told.push(reading(i + 1, (count += flowed) % 256))
        const middle = told.slice(1).sort((a, b) => keys[a.n - 1]! - keys[b.n - 1]! || a.n - b.n)
        // a gap with a flow above half of the modulus looks like a restart until it is filled
        const { inOrder } = decodeAll([told[0]!, ...middle, reading(told.length, count % 256)], 256)
        for (let i = 1; i < inOrder.length; i++) expect(inOrder[i]!).toBeGreaterThanOrEqual(inOrder[i - 1]!)
        expect(inOrder.at(-1)! - inOrder[0]!).toBeCloseTo(count - 200, 6)
      }),
      { seed: 20_260_706, numRuns: runs(2_000) },
    )
  })
})
