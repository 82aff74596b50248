/** The simulated weather service: how it misses the weather to come, and that Tilth reads it like any other. */
import { describe, expect, it } from 'vitest'
import { addDays, dayOf, HOUR_MS, startOfDay } from '../../../broker/contract/time.ts'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { forecastDay } from '../../../firmware-sim/weather/forecast-truth.ts'
import { openMeteoResponse, startWeatherService } from '../../../firmware-sim/weather/weather-service.ts'
import { weatherAt } from '../../../firmware-sim/weather/weather.ts'
import { weatherFromNormals } from '../../../firmware-sim/weather/weather-normals.ts'
import { parseResponse } from '../../../services/adapters/forecast/open-meteo-response.ts'
import { plain } from '../places.ts'

const weather = weatherAt(weatherFromNormals('rice-plain', '2026-01-01', 'kome'), plain, 'kome')
const today = '2026-07-06'
const days = Array.from({ length: 300 }, (_, k) => addDays('2026-02-01', k))
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const rainMm = (day: string, lead: number) =>
  sum(forecastDay(weather, 'kome', addDays(day, -lead), day).map((hour) => hour.rainMm))

describe('the forecast', () => {
  it('is the same for every request', () => {
    expect(forecastDay(weather, 'kome', today, addDays(today, 3))).toEqual(
      forecastDay(weather, 'kome', today, addDays(today, 3)),
    )
  })

  it('misses the rain by more with a longer lead time, and the temperature as well', () => {
    const missed = (lead: number) =>
      sum(days.map((day) => Math.abs(rainMm(day, lead) - weather.day(day).rainMm))) / days.length
    const heat = (lead: number) =>
      sum(
        days.map((day) => {
          const hours = forecastDay(weather, 'kome', addDays(day, -lead), day)
          return Math.abs(hours[15]!.tempC - weather.at(hours[15]!.atMs).tempC)
        }),
      ) / days.length
    const rain = [0, 2, 4, 8].map(missed)
    expect(rain).toEqual(rain.toSorted((a, b) => a - b))
    expect(rain[0]).toBeLessThan(rain[3]! / 3)
    expect([0, 3, 9].map(heat)).toEqual([0, 3, 9].map(heat).toSorted((a, b) => a - b))
  })

  it('is as wet as the year, and its probabilities are calibrated', () => {
    for (const lead of [1, 5]) {
      const said = days.map((day) => ({
        chance: Math.max(
          ...forecastDay(weather, 'kome', addDays(day, -lead), day).map((hour) => hour.rainChance),
        ),
        isWet: weather.day(day).rainMm > 0,
        mm: rainMm(day, lead),
      }))
      const share = (part: typeof said) => part.filter(({ isWet }) => isWet).length / part.length
      const wet = said.filter(({ mm }) => mm >= 0.1)
      const dry = said.filter(({ mm }) => mm < 0.1)
      expect(Math.abs(share(wet) - wet[0]!.chance)).toBeLessThan(0.1)
      expect(Math.abs(share(dry) - dry[0]!.chance)).toBeLessThan(0.1)
      const ratio = sum(said.map(({ mm }) => mm)) / sum(days.map((day) => weather.day(day).rainMm))
      expect(ratio).toBeGreaterThan(0.8)
      expect(ratio).toBeLessThan(1.25)
    }
  })
})

describe('the response', () => {
  const nowMs = startOfDay(today, plain.timeZone) + 9 * HOUR_MS

  it('is parsed completely: eleven days, every hour with its wind', () => {
    const read = parseResponse(JSON.stringify(openMeteoResponse(weather, 'kome', today, 11)), plain, nowMs)
    if (!read.ok) throw new Error(read.error.reason)
    expect(read.value.days.map(({ day }) => day)).toEqual(days.slice(155, 166))
    expect(read.value.hours).toHaveLength(11 * 24)
    expect(read.value.hours.every(({ windMps }) => windMps !== null && windMps > 0)).toBe(true)
  })

  it('equals the forecast: each hour its own wind at 2 m, rain and light', () => {
    const read = parseResponse(JSON.stringify(openMeteoResponse(weather, 'kome', today, 2)), plain, nowMs)
    if (!read.ok) throw new Error(read.error.reason)
    const said = forecastDay(weather, 'kome', today, today)
    for (const [i, hour] of said.entries()) {
      const got = read.value.hours[i]!
      expect(got.atMs).toBe(hour.atMs)
      expect(got.windMps).toBeCloseTo(hour.windMps, 1)
      expect(got.rainMm).toBeCloseTo(hour.rainMm, 1)
      expect(got.radiationWm2).toBeCloseTo(hour.radiationWm2, 1)
    }
  })

  it('is served over HTTP on this machine, for the current day of the farm', async () => {
    const service = await startWeatherService(weather, { clock: virtualClock(nowMs), seed: 'kome' })
    try {
      const answer = await fetch(`${service.url}/v1/forecast?forecast_days=3`)
      const body = (await answer.json()) as { daily: { time: string[] } }
      expect(body.daily.time).toEqual([today, '2026-07-07', '2026-07-08'])
      expect(dayOf(nowMs, plain.timeZone)).toBe(today)
      expect((await fetch(`${service.url}/v1/forecast?forecast_days=400`)).status).toBe(400)
      expect((await fetch(`${service.url}/elsewhere`)).status).toBe(400)
    } finally {
      await service.stop()
    }
  })
})
