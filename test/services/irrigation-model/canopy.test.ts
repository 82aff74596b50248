import { describe, expect, it } from 'vitest'
import { crops } from '../../../services/agronomy/crops/catalogue.ts'
import { canopyOf, kcbOfCover } from '../../../services/irrigation-model/canopy.ts'

describe('the transpiration of a cover', () => {
  it('falls by 0.3 % of a full one for each day that maize has covered the ground beyond five (FAO 66)', () => {
    const canopy = canopyOf(crops.maize)
    const atFull = kcbOfCover(canopy, canopy.coverMax, canopy.fullD)
    expect(kcbOfCover(canopy, canopy.coverMax, canopy.fullD + 5)).toBe(atFull)
    expect(kcbOfCover(canopy, canopy.coverMax, canopy.fullD + 45) / atFull).toBeCloseTo(1 - 40 * 0.003, 9)
  })

  it('falls by a third at most: cane that covers the ground for a year has young leaves too', () => {
    const canopy = canopyOf(crops.maize)
    const atFull = kcbOfCover(canopy, 0.9, canopy.fullD)
    expect(kcbOfCover(canopy, 0.9, canopy.fullD + 400) / atFull).toBeCloseTo(2 / 3, 9)
  })

  it('does not fall for perennial crops, which renew their leaves', () => {
    const orchard = canopyOf(crops.apple)
    expect(orchard.isPerennial).toBe(true)
    expect(kcbOfCover(orchard, 0.9, orchard.fullD + 100)).toBe(kcbOfCover(orchard, 0.9, orchard.fullD))
  })
})
