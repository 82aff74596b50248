import { expect, it } from 'vitest'
import { civilDay, highestC, lowestC } from '../../../../services/agronomy/disease/weather-hours.ts'
import { daysOfHours } from './hours.ts'

it('the extremes of a day are the hourly ones where known, otherwise the hourly means', () => {
  const hours = civilDay(
    daysOfHours((_day, hour) => ({
      tempC: 10 + hour,
      ...(hour === 4 ? { tempMinC: 2 } : hour === 20 ? { tempC: null, tempMinC: 29, tempMaxC: 40 } : {}),
    })),
  )
  expect([lowestC(hours), highestC(hours)]).toEqual([2, 40])
})

it('an hour without a temperature is an error, not 0 °C', () => {
  const hours = civilDay(daysOfHours((_day, hour) => (hour === 7 ? { tempC: null } : { tempC: 20 })))
  for (const extremeC of [lowestC, highestC]) {
    expect(() => extremeC(hours)).toThrow(/^tempC of 07:00 must be a number, got null$/)
    expect(() => extremeC([])).toThrow(RangeError)
  }
})
