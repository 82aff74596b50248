/** Leaf wetness: RH >= 90 % (Sutton et al. 1984), CART/SLD/Wind (Kim et al. 2002), BLASTAM's rain, wind and sun. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blastamWet, type RainWindSun } from '../../../../services/agronomy/disease/blastam-wetness.ts'
import {
  isWetByCart,
  leafWetness,
  type WetnessHour,
} from '../../../../services/agronomy/disease/leaf-wetness.ts'

const air: WetnessHour = { tempC: 15, humidityPct: 95, rainMm: 0, windMps: 1, wetShare: null }

describe('leaves', () => {
  it('are as wet as their sensor measures, whatever the air is like', () => {
    expect(leafWetness({ ...air, wetShare: 0 })).toEqual({ isWet: false, method: 'sensor' })
    expect(leafWetness({ ...air, humidityPct: 30, wetShare: 1 })).toEqual({ isWet: true, method: 'sensor' })
  })
  it('are wet in rain', () => {
    expect(leafWetness({ ...air, humidityPct: null, rainMm: 0.2 })).toEqual({ isWet: true, method: 'rain' })
  })
  it('are estimated by humidity alone where the wind is unknown, with that method', () => {
    expect(leafWetness({ ...air, windMps: null, humidityPct: 90 })).toEqual({
      isWet: true,
      method: 'humidity',
    })
    expect(leafWetness({ ...air, windMps: null, humidityPct: 89 }).isWet).toBe(false)
  })
  it('are unknown, not dry, without humidity', () => {
    expect(leafWetness({ ...air, humidityPct: null })).toEqual({ isWet: null, method: null })
    expect(leafWetness({ ...air, humidityPct: null, rainMm: null }).isWet).toBe(null)
  })
})

describe('CART/SLD/Wind', () => {
  // by hand: DPD >= 3.7 dry; calm and humid wet; RH below 87.8 % in wind dry
  it.each([
    [20, 75, 1, false], // dew point depression 4.6 °C
    [20, 95, 0.5, true], // 1.6064·4.472 + 1.44 + 14.5445 - 0.05 - 6.65 = 16.47
    [10, 83, 1, true], // 5.08 + 0.36 + 12.707 - 0.69 - 2.91 = 14.55
    [10, 80, 1, false], // 5.08 + 0.36 + 12.248 - 0.83 - 2.80 = 14.06
    [20, 87, 5, false],
  ])('%d °C, %d %%, %d m/s at 2 m', (tempC, humidityPct, windMps, isWet) => {
    expect(isWetByCart(tempC, humidityPct, windMps)).toBe(isWet)
  })
  it('damper air never dries the leaf', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 40, noNaN: true }),
        fc.double({ min: 20, max: 99, noNaN: true }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        (tempC, humidityPct, windMps) =>
          !isWetByCart(tempC, humidityPct, windMps) || isWetByCart(tempC, humidityPct + 1, windMps),
      ),
    )
  })
})

describe('BLASTAM wetness', () => {
  const night = (change: (i: number) => Partial<RainWindSun> = () => ({})): RainWindSun[] =>
    Array.from({ length: 24 }, (_, i) => ({
      hour: (16 + i) % 24,
      rainMm: 0,
      windMps: 0.5,
      sunH: 0,
      ...change(i),
    }))
  const wetHours = (hours: RainWindSun[]) =>
    blastamWet(hours).flatMap((isWet, i) => (isWet ? [hours[i]!.hour] : []))

  it('a shower at 20:00 in a calm night: wet from 19:00 to 7:00', () => {
    expect(wetHours(night((i) => ({ rainMm: i === 4 ? 1 : 0 })))).toEqual([
      19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6,
    ])
  })
  it('an hour of 4 m/s dries them', () => {
    expect(wetHours(night((i) => ({ rainMm: i === 4 ? 1 : 0, windMps: i === 7 ? 4 : 0.5 })))).toEqual([
      19, 20, 21, 22,
    ])
  })
  it('3 m/s dry them in the third consecutive hour', () => {
    expect(wetHours(night((i) => ({ rainMm: i === 4 ? 1 : 0, windMps: i >= 6 ? 3 : 0.5 })))).toEqual([
      19, 20, 21, 22, 23,
    ])
  })
  it('by day they dry three hours after the rain, and in the sun', () => {
    const byDay = (sunH: number) => night((i) => ({ rainMm: i === 17 ? 1 : 0, sunH: i > 17 ? sunH : 0 }))
    expect(wetHours(byDay(0))).toEqual([8, 9, 10, 11, 12])
    expect(wetHours(byDay(1))).toEqual([8, 9])
  })
  it('4 mm in an hour, or 3 mm in each of two, wash the spores away', () => {
    expect(wetHours(night((i) => ({ rainMm: i === 4 ? 1 : i === 8 ? 4 : 0 })))).not.toContain(0)
    expect(wetHours(night((i) => ({ rainMm: i === 4 ? 1 : i === 8 || i === 9 ? 3 : 0 })))).not.toContain(1)
  })
})
