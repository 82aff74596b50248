/** The hours that the disease models read: contiguous, each with its place on the farm's own clock. */
import { assertNumbers, finite } from '../finite.ts'
import { leafWetness, type Wetness, type WetnessHour } from './leaf-wetness.ts'

export interface WeatherHour extends WetnessHour {
  clock: string // of its beginning, by the farm's clock: '2026-07-06 03:00'
  hour: number // 0-23 of that
  isDaylight: boolean
  tempMinC: number | null
  tempMaxC: number | null
  sunH: number | null // of bright sunshine, 0-1
}

/** A civil day with the days before it that its wet periods may reach back into. */
export interface DayHours {
  hours: readonly (WeatherHour & Wetness)[]
  yesterdayAt: number // position of the first hour of the day before
  todayAt: number
}

/** Hours with the wetness of their leaves; `yesterdayAt` and `todayAt` are the places in the list at which those days begin. */
export function dayHours(hours: readonly WeatherHour[], yesterdayAt: number, todayAt: number): DayHours {
  assertNumbers({ hours, yesterdayAt, todayAt })
  return {
    // of the day itself the clock is enough, '03:00'; of those before it, '07-05 21:00'
    hours: hours.map((hour, i) => ({
      ...hour,
      ...leafWetness(hour),
      clock: hour.clock.slice(i < todayAt ? 5 : -5),
    })),
    yesterdayAt,
    todayAt,
  }
}

export type Hour = DayHours['hours'][number]

export const civilDay = (day: DayHours): Hour[] => day.hours.slice(day.todayAt)

/** The 24 hours that end at `hour` o'clock of the day: no night is cut in two. */
export function hoursEndingAt(day: DayHours, hour: number): Hour[] {
  const reached = (from: number) => {
    const at = day.hours.findIndex((candidate, i) => i >= from && candidate.hour >= hour)
    return at < 0 ? day.hours.length : at
  }
  return day.hours.slice(reached(day.yesterdayAt), reached(day.todayAt))
}

const inputs = {
  temperature: (hour: Hour) => hour.tempC,
  humidity: (hour: Hour) => hour.humidityPct,
  rain: (hour: Hour) => hour.rainMm,
  wind: (hour: Hour) => hour.windMps,
  sunshine: (hour: Hour) => hour.sunH,
  wetness: (hour: Hour) => hour.isWet,
}
export type Input = keyof typeof inputs

/** What a model cannot do without and did not get. */
export interface Missing {
  lacks: Input
  since: string // the first hour without it
  hours: number
  isNever: boolean // not one hour had it
}

export const isMissing = (value: object): value is Missing => 'lacks' in value

/** The first of these inputs that some hour lacks; null when all are there. */
export function missingOf(hours: readonly Hour[], needs: readonly Input[]): Missing | null {
  for (const lacks of needs) {
    const without = hours.filter((hour) => inputs[lacks](hour) === null)
    if (without.length > 0 || hours.length === 0)
      return {
        lacks,
        since: without[0]?.clock ?? '00:00',
        hours: without.length,
        isNever: without.length === hours.length,
      }
  }
  return null
}

/** RangeError of none. */
export const mean = (values: readonly number[]): number =>
  finite(sum(values) / values.length, { count: values.length })
export const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + finite(value, { value }), 0)

/** To the hundredth: what is kept of a day's figures. */
export const hundredths = (value: number): number => finite(Math.round(value * 100) / 100 + 0, { value })

/** The day's lowest and highest temperature, °C. The hours have one. */
export const lowestC = (hours: readonly Hour[]): number =>
  finite(Math.min(...hours.map(({ tempMinC, tempC }) => tempMinC ?? tempC!)), { hours: hours.length })
export const highestC = (hours: readonly Hour[]): number =>
  finite(Math.max(...hours.map(({ tempMaxC, tempC }) => tempMaxC ?? tempC!)), { hours: hours.length })

/** Mean temperature of the hours that a test picks, °C; null for none. */
export function meanTempC(hours: readonly Hour[], isPicked: (hour: Hour) => boolean): number | null {
  const temps = hours.filter((hour) => isPicked(hour) && hour.tempC !== null).map((hour) => hour.tempC!)
  return temps.length === 0 ? null : hundredths(mean(temps))
}
