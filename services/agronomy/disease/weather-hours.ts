/** Hourly inputs of the disease models: contiguous, each with its local time. */
import { assertNumbers, finite } from '../finite.ts'
import { mean } from '../math.ts'
import { leafWetness, type Wetness, type WetnessHour } from './leaf-wetness.ts'

export interface WeatherHour extends WetnessHour {
  clock: string // local time of its start: '2026-07-06 03:00'
  hour: number // its hour, 0-23
  isDaylight: boolean
  tempMinC: number | null
  tempMaxC: number | null
  sunH: number | null // of bright sunshine, 0-1
}

/** A civil day with the days before it that its wet periods may extend into. */
export interface DayHours {
  hours: readonly (WeatherHour & Wetness)[]
  yesterdayAt: number // index of the first hour of the day before
  todayAt: number
}

/** Hours with their leaf wetness; `yesterdayAt` and `todayAt` are the indexes at which those days start. */
export function dayHours(hours: readonly WeatherHour[], yesterdayAt: number, todayAt: number): DayHours {
  assertNumbers({ hours, yesterdayAt, todayAt })
  return {
    // hours of the day itself have only the time, '03:00'; those before it have the date, '07-05 21:00'
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

/** From local midnight on: 23 or 25 hours on a day with a clock change. */
export const civilDay = (day: DayHours): Hour[] => day.hours.slice(day.todayAt)

/** The 24 hours that end at `hour` o'clock of the day: no night is split. */
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

/** A required input that is missing. */
export interface Missing {
  missing: Input
  since: string // the first hour without it
  hours: number
  isNever: boolean // no hour has it
}

/** Figures have no key `missing`. */
export const isMissing = (value: object): value is Missing => 'missing' in value

/** The first of these inputs that is missing in some hour; null when all are complete. */
export function missingOf(hours: readonly Hour[], needs: readonly Input[]): Missing | null {
  for (const input of needs) {
    const without = hours.filter((hour) => inputs[input](hour) === null)
    if (without.length > 0 || hours.length === 0)
      return {
        missing: input,
        since: without[0]?.clock ?? '00:00',
        hours: without.length,
        isNever: without.length === hours.length,
      }
  }
  return null
}

/** Rounded to hundredths, the precision of stored figures. */
export const hundredths = (value: number): number => finite(Math.round(value * 100) / 100 + 0, { value })

/** °C: the hourly minimum where known, otherwise the hourly mean. RangeError for an hour without both, and for no hours. */
export const lowestC = (hours: readonly Hour[]): number =>
  finite(Math.min(...hours.map((hour) => hour.tempMinC ?? knownTempC(hour))), { hours: hours.length })

/** °C: the hourly maximum where known, otherwise the hourly mean. RangeError for an hour without both, and for no hours. */
export const highestC = (hours: readonly Hour[]): number =>
  finite(Math.max(...hours.map((hour) => hour.tempMaxC ?? knownTempC(hour))), { hours: hours.length })

function knownTempC({ tempC, clock }: Hour): number {
  if (tempC === null) throw new RangeError(`tempC of ${clock} must be a number, got null`)
  return tempC
}

/** Mean temperature of the selected hours, °C; null for none. */
export function meanTempC(hours: readonly Hour[], isPicked: (hour: Hour) => boolean): number | null {
  const temps = hours.filter((hour) => isPicked(hour) && hour.tempC !== null).map((hour) => hour.tempC!)
  return temps.length === 0 ? null : hundredths(mean(temps))
}
