/** Weather and fields that several tests stand in. */
import { addDays, startOfDay, type Day } from '../../broker/contract/time.ts'
import type { FieldOptions } from '../../firmware-sim/field/field.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import type { DayWeather, Site, WeatherSource } from '../../firmware-sim/weather/weather-types.ts'
import { createWorld, type World } from '../../firmware-sim/world.ts'

export const plain: Site = { latDeg: 37.9, lonDeg: 139, elevationM: 5, timeZone: 'Asia/Tokyo' }

/** The same day again and again, from New Year 2026. */
export const steady = (own: Partial<DayWeather> = {}): WeatherSource => ({
  name: 'steady',
  windHeightM: 2,
  firstDay: '2026-01-01',
  lastDay: '2026-12-31',
  day: (day) =>
    day < '2026-01-01' || day > '2026-12-31'
      ? undefined
      : {
          tempMinC: 17.2,
          tempMaxC: 29.4,
          dewPointC: 14.1,
          windMps: 2.3,
          radiationMJm2: 21.5,
          rainMm: 0,
          et0Mm: null,
          ...own,
          day,
        },
})

export const soybeanOnLoam: FieldOptions = {
  id: 'north-3',
  kind: 'upland',
  areaM2: 1000,
  crop: 'soybean',
  plantedDay: '2026-05-20',
  soil: 'loam',
}

export const riceField: FieldOptions = {
  ...soybeanOnLoam,
  id: 'paddy-7',
  kind: 'paddy',
  crop: 'rice',
  startLevelMm: 40,
}

export function worldFrom(day: Day, fields: FieldOptions[], source = steady()): World {
  const startMs = startOfDay(day, plain.timeZone)
  return createWorld({ weather: weatherAt(source, plain, 'test'), fields, startMs, seed: 'test' })
}

/** Midnight in the plain, so many days later. */
export const midnight = (day: Day, daysLater = 0): number =>
  startOfDay(addDays(day, daysLater), plain.timeZone)
