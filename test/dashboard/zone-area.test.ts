/** The valves of a field water it once between them. */
import { expect, it } from 'vitest'
import { areaOfNewZone, isWateredTwice, wateringZones } from '../../dashboard/src/water/zone-area.ts'

const zone = (id: string, areaM2: number, method: 'drip' | 'outlet' = 'drip') => ({
  id,
  fieldId: 'north',
  areaM2,
  method,
})

it('the first valve has the whole field, the next one what the others leave', () => {
  expect(areaOfNewZone(3_000, [])).toEqual({ areaM2: 3_000, others: [] })
  expect(areaOfNewZone(3_000, [zone('a', 1_200)])).toEqual({ areaM2: 1_800, others: [] })
})

it('where nothing is left all get an equal share, in the proportion that the others had', () => {
  expect(areaOfNewZone(3_000, [zone('a', 3_000)])).toEqual({
    areaM2: 1_500,
    others: [{ id: 'a', areaM2: 1_500 }],
  })
  const third = areaOfNewZone(3_000, [zone('a', 2_000), zone('b', 1_000)])
  expect(third.areaM2).toBe(1_000)
  expect(third.others.map(({ areaM2 }) => areaM2)).toEqual([1_333.3, 666.7])
  // two valves that were entered with the whole field each
  const twice = areaOfNewZone(3_000, [zone('a', 3_000), zone('b', 3_000)])
  expect(isWateredTwice(3_000, [twice, ...twice.others])).toBe(false)
})

it('an outlet waters nothing, and a rounding is not a second watering', () => {
  expect(wateringZones([zone('a', 1), zone('out', 1, 'outlet')], 'north').map(({ id }) => id)).toEqual(['a'])
  expect(isWateredTwice(3_000, [zone('a', 1_500.4), zone('b', 1_500)])).toBe(false)
  expect(isWateredTwice(3_000, [zone('a', 3_000), zone('b', 300)])).toBe(true)
})
