/** Depths: Japanese practice and IRRI's safe alternate wetting and drying; percolation: Bouman & Tuong 2001. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { paddyDay, paddyTarget, percolationMm } from '../../../services/agronomy/paddy.ts'

describe('the level a paddy wants', () => {
  it.each([
    [3, 'rooting', [30, 50], true],
    [20, 'tillering', [10, 30], true],
    [40, 'mid-season-drainage', [-150, 0], false],
    [50, 'intermittent', [-150, 30], true],
    [75, 'heading', [20, 50], true],
    [100, 'ripening', [-150, 30], true],
    [115, 'final-drainage', null, false],
  ])('day %d is %s', (day, stage, aimMm, mayFill) => {
    expect(paddyTarget(day)).toMatchObject({ stage, aimMm, mayFill, mustPond: stage === 'heading' })
  })
  it('a variety that heads later keeps its drainage later', () => {
    const late = {
      tilleringD: 10,
      drainageD: 45,
      intermittentD: 55,
      headingD: 75,
      ripeningD: 100,
      finalDrainageD: 120,
    }
    expect(paddyTarget(40, late).stage).toBe('tillering')
  })
  it('clay loses little to the ground, sandy loam ten times as much', () => {
    expect(percolationMm('clay')).toBe(3)
    expect(percolationMm('Sandy loam')).toBe(25)
    expect(percolationMm('unheard of')).toBe(percolationMm('loam'))
  })
})

describe('the water of a paddy', () => {
  const still = { rainMm: 0, irrigationMm: 0, etcMm: 0, percolationMm: 0, bundMm: 150, drainablePores: 0.1 }
  it('40 mm with 6 mm used and 10 mm sunk is 24 mm', () => {
    expect(paddyDay({ ...still, levelMm: 40, etcMm: 6, percolationMm: 10 }).levelMm).toBeCloseTo(24, 9)
  })
  it('rain above the bund runs over', () => {
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
})
