import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addReceived,
  hasReceived,
  isContiguous,
  missingCount,
  emptySequence,
} from '../../../services/ingest/received-sequence.ts'
import { runs } from '../../support/runs.ts'

describe('the received message numbers', () => {
  it('have a gap as a visible loss, until the late message closes it', () => {
    const seen = emptySequence()
    for (const n of [7, 8, 11, 10]) addReceived(seen, n)
    expect(seen.intervals).toEqual([
      [7, 8],
      [10, 11],
    ])
    expect(missingCount(seen)).toBe(1)
    expect(isContiguous(seen, 7, 11)).toBe(false)
    addReceived(seen, 9)
    expect(seen.intervals).toEqual([[7, 11]])
    expect(missingCount(seen)).toBe(0)
    expect(isContiguous(seen, 7, 11)).toBe(true)
  })

  it('are exactly the numbers that were added, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), (numbers) => {
        const seen = emptySequence()
        for (const n of numbers) addReceived(seen, n)
        const set = new Set(numbers)
        for (let n = 0; n <= 61; n++) expect(hasReceived(seen, n)).toBe(set.has(n))
        const span = set.size === 0 ? 0 : Math.max(...set) - Math.min(...set) + 1
        expect(missingCount(seen)).toBe(span - set.size)
      }),
      { seed: 1, numRuns: runs(1_000) },
    )
  })

  it('stay few for a device that loses every other message, and dropped gaps stay counted as missing', () => {
    const seen = emptySequence()
    for (let n = 0; n < 10_000; n += 2) addReceived(seen, n)
    expect(seen.intervals).toHaveLength(1_000)
    expect(missingCount(seen)).toBe(4_999)
    expect(hasReceived(seen, 9_998)).toBe(true)
  })
})
