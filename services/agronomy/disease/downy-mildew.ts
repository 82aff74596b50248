/**
 * Primary infection of grape by downy mildew, the 3-10 rule: Baldacci (1947), Atti Ist. Bot. Pavia. A mean of 10 °C,
 * 10 mm of rain in 24-48 h, shoots of 10 cm. Tilth measures no shoots, so favourable weather is at most "moderate".
 */
import { mean, sum } from '../math.ts'
import type { Model } from './model.ts'
import { civilDay, hundredths, missingOf } from './weather-hours.ts'

/** `shootCm` null: unknown, and then the weather alone decides. */
export const isThreeTen = (tempC: number, rain48Mm: number, shootCm: number | null): boolean =>
  tempC >= 10 && rain48Mm >= 10 && (shootCm === null || shootCm >= 10)

export const downyMildew: Model<object> = {
  unit: 'mm',
  needsLeafWetness: false,
  daysBack: 0,
  figures(day) {
    const lastHours = day.hours.slice(day.yesterdayAt)
    const missing = missingOf(lastHours, ['rain']) ?? missingOf(civilDay(day), ['temperature'])
    if (missing) return missing
    return {
      tempC: hundredths(mean(civilDay(day).map((hour) => hour.tempC!))),
      rain48Mm: hundredths(sum(lastHours.map((hour) => hour.rainMm!))),
    }
  },
  assess({ tempC, rain48Mm }) {
    return isThreeTen(tempC!, rain48Mm!, null)
      ? { level: 'moderate', value: rain48Mm!, key: 'three-ten-if-shoots', params: {} }
      : { level: 'low', value: rain48Mm!, key: 'three-ten-not', params: {} }
  },
}
