import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fillLevel,
  capacityLevel,
  capacityLevels,
  type CapacityLevel,
} from '../../../broker/journal/capacity-levels.ts'

const GiB = 1024 ** 3
const room = { usedBytes: 0, availableBytes: 100 * GiB, diskAvailableBytes: 100 * GiB, diskBytes: 1000 * GiB }

describe('the watermarks', () => {
  it('are relative to the available space: 8 of 10 GiB are 80 %', () => {
    expect(fillLevel({ ...room, usedBytes: 8 * GiB, availableBytes: 2 * GiB })).toBeCloseTo(0.8)
  })

  it('a large disk that is 90 % full still has room', () => {
    expect(fillLevel(room)).toBe(0)
  })

  it('the last GiB of a large disk is a warning, the last half is degraded, whichever program filled it', () => {
    const at = (gib: number) =>
      fillLevel({ ...room, diskAvailableBytes: gib * GiB, availableBytes: gib * GiB })
    expect(capacityLevel(at(1.2), 'ok')).toBe('ok')
    expect(capacityLevel(at(0.99), 'ok')).toBe('warning')
    expect(capacityLevel(at(0.49), 'ok')).toBe('degraded')
    expect(capacityLevel(at(0), 'ok')).toBe('full')
  })

  it('a level ends only when it is clearly over', () => {
    expect(capacityLevel(0.79, 'warning')).toBe('warning')
    expect(capacityLevel(0.76, 'warning')).toBe('ok')
    expect(capacityLevel(0.88, 'degraded')).toBe('degraded')
    expect(capacityLevel(0.86, 'degraded')).toBe('warning')
    expect(capacityLevel(0.99, 'full')).toBe('degraded')
  })

  it('a fuller disk never has a lower level', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(share, share, fc.constantFrom<CapacityLevel>(...capacityLevels), (a, b, was) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        expect(capacityLevels.indexOf(capacityLevel(low, was))).toBeLessThanOrEqual(
          capacityLevels.indexOf(capacityLevel(high, was)),
        )
      }),
    )
  })
})
