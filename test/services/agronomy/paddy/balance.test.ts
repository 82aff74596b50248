/** Depths: IRRI's safe alternate wetting and drying; percolation: Bouman & Tuong 2001. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { depthsOf, paddyDepths } from '../../../../services/agronomy/paddy/depths.ts'
import { stageByCalendar } from '../../../../services/agronomy/paddy/stages.ts'
import {
  AWD_LIMIT_MM,
  paddyDay,
  percolationMm,
  measuredPercolationMm,
  medianPercolationMm,
} from '../../../../services/agronomy/paddy/balance.ts'

describe('percolation', () => {
  it('clay percolates little, sandy loam almost ten times as much', () => {
    expect(percolationMm('clay')).toBe(3)
    expect(percolationMm('Sandy loam')).toBe(25)
    expect(percolationMm('unheard of')).toBe(percolationMm('loam'))
  })
})

describe('the stage by the calendar', () => {
  it.each([
    [-3, 'rooting'],
    [3, 'rooting'],
    [20, 'tillering'],
    [40, 'mid-season-drainage'],
    [50, 'intermittent'],
    [75, 'heading'],
    [100, 'ripening'],
    [400, 'final-drainage'],
  ])('day %d is %s', (day, stage) => expect(stageByCalendar(day)).toBe(stage))
  it('no stage dries below the safe depth for roots, and no stage with mandatory ponding dries at all', () => {
    for (const { targetBandMm, mustPond } of Object.values(paddyDepths)) {
      if (targetBandMm) expect(targetBandMm[0]).toBeGreaterThanOrEqual(mustPond ? 0 : AWD_LIMIT_MM)
    }
    expect(AWD_LIMIT_MM).toBe(-150) // IRRI: 15 cm below the surface
  })
})

describe('the day water loss', () => {
  const still = { beforeMm: 50, afterMm: 35, rainMm: 0, irrigationMm: 0, etcMm: 6 }
  it('15 mm lost with 6 mm of crop use is 9 mm of percolation', () =>
    expect(measuredPercolationMm(still)).toBe(9))
  it('rain and irrigation of the day are included', () => {
    expect(measuredPercolationMm({ ...still, rainMm: 4, irrigationMm: 10, afterMm: 50 })).toBe(8)
  })
  it('is null for a field that fell dry, or that rose by unrecorded water', () => {
    expect(measuredPercolationMm({ ...still, afterMm: -10 })).toBeNull()
    expect(measuredPercolationMm({ ...still, afterMm: 60 })).toBeNull()
  })
  it('three days are needed; one leak or one unrecorded inflow does not change it', () => {
    expect(medianPercolationMm([8, 9])).toBeNull()
    expect(medianPercolationMm([8, 60, 9])).toBe(9)
    expect(medianPercolationMm([8, 9, 10, 11])).toBe(9.5)
  })
})

describe('the water of a paddy', () => {
  const still = { rainMm: 0, irrigationMm: 0, etcMm: 0, percolationMm: 0, bundMm: 150, drainablePores: 0.1 }
  it('40 mm with 6 mm of crop use and 10 mm of percolation is 24 mm', () => {
    expect(paddyDay({ ...still, levelMm: 40, etcMm: 6, percolationMm: 10 }).levelMm).toBeCloseTo(24, 9)
  })
  it('rain above the bund overflows', () => {
    const day = paddyDay({ ...still, levelMm: 100, rainMm: 80 })
    expect(day).toMatchObject({ levelMm: 150, overflowMm: 30 })
  })
  it('below the surface a millimetre of water moves the level by its pores', () => {
    expect(paddyDay({ ...still, levelMm: 0, etcMm: 5 }).levelMm).toBeCloseTo(-50, 9)
    expect(paddyDay({ ...still, levelMm: -50, rainMm: 15 }).levelMm).toBeCloseTo(10, 9)
  })
  it('water in = water out + storage, whatever the day', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -150, max: 150, noNaN: true }),
        fc.double({ min: 0, max: 200, noNaN: true }),
        fc.double({ min: 0, max: 12, noNaN: true }),
        (levelMm, rainMm, etcMm) => {
          const stored = (level: number) => (level >= 0 ? level : level * 0.1)
          const day = paddyDay({ ...still, levelMm, rainMm, etcMm, percolationMm: 12 })
          const change = stored(day.levelMm) - stored(levelMm)
          const outMm = etcMm + day.percolatedMm + day.overflowMm
          expect(Math.abs(rainMm - outMm - change)).toBeLessThan(1e-9)
          expect(day.levelMm).toBeLessThanOrEqual(150 + 1e-9)
        },
      ),
    )
  })
  it('water in = water out + storage over a whole season, with filling by the targets', () => {
    const day = fc.record({
      rainMm: fc.double({ min: 0, max: 120, noNaN: true }),
      etcMm: fc.double({ min: 0, max: 10, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(day, { minLength: 10, maxLength: 140 }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (days, percolation, drainablePores) => {
          const pores = Math.max(0.02, drainablePores)
          const stored = (level: number) => (level >= 0 ? level : level * pores)
          let levelMm = 30
          let [inMm, outMm] = [0, 0]
          days.forEach(({ rainMm, etcMm }, age) => {
            const { targetBandMm, mayFill } = depthsOf(stageByCalendar(age))
            const irrigationMm =
              mayFill && levelMm < targetBandMm![0] ? stored(targetBandMm![1]) - stored(levelMm) : 0
            const after = paddyDay({
              ...still,
              levelMm,
              rainMm,
              irrigationMm,
              etcMm,
              percolationMm: percolation,
              drainablePores,
            })
            inMm += rainMm + irrigationMm
            outMm += etcMm + after.percolatedMm + after.overflowMm
            expect(after.percolatedMm).toBeGreaterThanOrEqual(0)
            expect(after.percolatedMm).toBeLessThanOrEqual(percolation)
            expect(after.overflowMm).toBeGreaterThanOrEqual(0)
            levelMm = after.levelMm
          })
          expect(Math.abs(inMm - outMm - (stored(levelMm) - 30))).toBeLessThan(1e-6)
        },
      ),
    )
  })
})
