/** Days of hours for the tests of diseases: dry, mild and calm by default. */
import {
  dayHours,
  type DayHours,
  type WeatherHour,
} from '../../../../services/agronomy/disease/weather-hours.ts'

export type HourChange = Partial<WeatherHour>

/**
 * The hours of `days` days that end with the assessed one. `change` receives the day (0: the assessed, -1: before)
 * and the hour.
 */
export function daysOfHours(
  change: (day: number, hour: number) => HourChange = () => ({}),
  days = 5,
): DayHours {
  const hours = Array.from({ length: 24 * days }, (_, i): WeatherHour => {
    const hour = i % 24
    return {
      clock: `2026-06-${String(Math.floor(i / 24) + 10).padStart(2, '0')} ${String(hour).padStart(2, '0')}:00`,
      hour,
      isDaylight: hour >= 5 && hour < 19,
      tempC: 18,
      tempMinC: null,
      tempMaxC: null,
      humidityPct: 60,
      rainMm: 0,
      windMps: 1,
      sunH: hour >= 6 && hour < 18 ? 1 : 0,
      wetShare: null,
      ...change(Math.floor(i / 24) - days + 1, hour),
    }
  })
  return dayHours(hours, 24 * (days - 2), 24 * (days - 1))
}

/** The hours of a day and hour since midnight of the assessed day. */
export const since = (day: number, hour: number): number => 24 * day + hour
