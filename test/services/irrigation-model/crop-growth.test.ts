import { describe, expect, it } from 'vitest'
import { crops } from '../../../services/agronomy/crops/catalogue.ts'
import { stressOf } from '../../../services/irrigation-model/crop-stress.ts'
import { yieldTimes } from '../../../services/irrigation-model/days-ahead.ts'
import { growDay, harvestedGrowth, initialGrowth } from '../../../services/irrigation-model/crop-growth.ts'

const lengthOf = (crop: (typeof crops)['cotton']) => crop.lengthsD.reduce((sum, days) => sum + days, 0)

/** The harvest of a crop whose leaf growth is scaled by `ks` on the days after flowering began. */
function harvest(name: 'cotton' | 'maize' | 'potato', ks: number, toD = Infinity): number {
  const crop = crops[name]
  const [stress, times, grown] = [stressOf(crop), yieldTimes(crop), initialGrowth()]
  for (let age = 1; age <= lengthOf(crop); age++) {
    const ksLeaves = age > times.flowersFromD && age <= toD ? ks : 1
    growDay(times, stress, grown, {
      age,
      passed: 1,
      transpired: 1,
      used: 0.3,
      ksStomata: 1,
      ksLeaves,
      cover: 0.9,
    })
  }
  return harvestedGrowth(stress, grown)
}

describe('the harvest of a growth (FAO 66, Ch. 3.2.7)', () => {
  it('is larger when leaf growth stops during flowering: cotton by at most a seventh', () => {
    const times = yieldTimes(crops.cotton)
    const share = (times.leavesToD - times.flowersFromD) / (times.filledD - times.flowersFromD)
    // by hand: the index x (1 + (1 - Ks) / 7 x the share of the time in which leaves may grow)
    expect(harvest('cotton', 0) / harvest('cotton', 1)).toBeCloseTo(1 + share / 7, 2)
    expect(harvest('cotton', 0.5) / harvest('cotton', 1)).toBeCloseTo(1 + share / 14, 2)
    expect(harvest('cotton', 0) / harvest('cotton', 1)).toBeLessThanOrEqual(1.15)
  })

  it('hardly changes for maize, whose leaves stop in the middle of flowering, and not for a crop without that gain', () => {
    const gain = harvest('maize', 0) / harvest('maize', 1)
    expect(gain).toBeGreaterThan(1)
    expect(gain).toBeLessThan(1.03)
    expect(harvest('maize', 0, yieldTimes(crops.maize).leavesToD)).toBeCloseTo(harvest('maize', 0), 9)
    expect(harvest('potato', 0)).toBe(harvest('potato', 1))
  })
})
