/** Hours for the disease models, from the readings of stations. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS, startOfDay } from '../../../../broker/contract/time.ts'
import { weatherHours, type NearHours } from '../../../../services/estimate/disease/hourly-weather.ts'
import { hoursOf, type Hours } from '../../../../services/estimate/days/hours.ts'

const SKY = { timeZone: 'Asia/Tokyo', latDeg: 36, lonDeg: 138 }
const startMs = startOfDay('2026-06-21', SKY.timeZone)
const span = { fromMs: startMs, toMs: startMs + 24 * HOUR_MS }

/** A column at some hours of the day. */
const column = (hours: number[], valueOf: (hour: number) => number): Hours => {
  const values = hours.map(valueOf)
  return {
    atMs: hours.map((hour) => startMs + hour * HOUR_MS),
    mean: values,
    min: values,
    max: values,
    first: values,
    last: values,
  }
}
const all = Array.from({ length: 24 }, (_, hour) => hour)
const without = (...hours: number[]) => all.filter((hour) => !hours.includes(hour))
const station = (hours: NearHours['hours'], km = 0, everyS = 1200): NearHours => ({
  device: { windHeightM: 2, everyS },
  km,
  hours,
})
const hoursBy = (...near: NearHours[]) => weatherHours(near, span, SKY)

describe('an hour', () => {
  it('is named by the clock of the farm, also on the day the clocks go forward', () => {
    expect(hoursBy()[3]).toMatchObject({ clock: '2026-06-21 03:00', hour: 3 })
    const brussels = { timeZone: 'Europe/Brussels', latDeg: 51, lonDeg: 4 }
    const day = hoursOf({
      fromMs: startOfDay('2026-03-29', 'Europe/Brussels'),
      toMs: startOfDay('2026-03-30', 'Europe/Brussels'),
    })
    const hours = weatherHours([], day, brussels).map(({ hour }) => hour)
    expect(hours).toHaveLength(23)
    expect(hours.slice(0, 4)).toEqual([0, 1, 3, 4])
  })
  it('distinguishes day and night: midsummer at 36 °N, 138 °E: 4:30 to 19:06', () => {
    const light = hoursBy().filter(({ isDaylight }) => isDaylight)
    expect([light[0]!.hour, light.at(-1)!.hour]).toEqual([4, 19])
  })
  it('has sunshine by its radiation: none in the night, a whole hour under a clear noon, unknown without a sensor', () => {
    const hours = hoursBy(
      station({ solar: column(all, (hour) => (hour === 11 ? 1000 : hour === 12 ? 100 : 0)) }),
    )
    expect([hours[2]!.sunH, hours[11]!.sunH, hours[12]!.sunH]).toEqual([0, 1, 0])
    expect(hoursBy()[2]!.sunH).toBe(0)
    expect(hoursBy()[11]!.sunH).toBe(null)
  })
})

describe('a gap', () => {
  const temps = (hours: number[]) =>
    hoursBy(station({ temperature: column(hours, (hour) => hour) })).map(({ tempC }) => tempC)
  it('of three hours is interpolated, of four it is not', () => {
    expect(temps(without(5, 6, 7))[6]).toBeCloseTo(6, 9)
    expect(temps(without(5, 6, 7, 8))[6]).toBe(null)
  })
  it('at the end remains a gap: the values are unknown', () => {
    expect(temps(all.slice(0, 20)).slice(19)).toEqual([19, null, null, null, null])
  })
  it('between the messages of a device that reports every six hours is none', () => {
    const slow = station({ temperature: column([0, 6, 12, 18], (hour) => hour) }, 0, 21_600)
    expect(hoursBy(slow).map(({ tempC }) => tempC)[3]).toBeCloseTo(3, 9)
    expect(hoursBy(slow).map(({ tempC }) => tempC)[23]).toBe(18)
  })
})

describe('rain', () => {
  const rains = (...near: NearHours[]) => hoursBy(...near).map(({ rainMm }) => rainMm)
  it('is the increase of the counter, each hour', () => {
    const rain = column(all, (hour) => (hour < 5 ? 10 : 12))
    expect(rains(station({ rain })).slice(3, 7)).toEqual([0, 0, 2, 0])
  })
  it('of a short gap is distributed over it, of a long one unknown', () => {
    const short = column(without(5, 6), (hour) => (hour < 5 ? 10 : 13))
    expect(rains(station({ rain: short })).slice(4, 9)).toEqual([0, 1, 1, 1, 0])
    const long = column(without(5, 6, 7, 8, 9), (hour) => (hour < 5 ? 10 : 13))
    expect(rains(station({ rain: long })).slice(4, 11)).toEqual([0, null, null, null, null, null, 0])
  })
  it('of a gauge beyond 20 km is not used', () => {
    expect(rains(station({ rain: column(all, () => 10) }, 25))[5]).toBe(null)
  })
})

describe('stations', () => {
  it('replace one another, but leaf wetness is only taken from the station of the air', () => {
    const [own, other] = [
      station({ temperature: column(all, () => 20) }),
      station(
        {
          temperature: column(all, () => 10),
          humidity: column(all, () => 80),
          wetness: column(all, () => 1),
        },
        5,
      ),
    ]
    expect(hoursBy(own, other)[8]).toMatchObject({ tempC: 20, humidityPct: 80, wetShare: null })
    expect(hoursBy(other, own)[8]).toMatchObject({ tempC: 10, wetShare: 1 })
  })
})
