/** The rules of a closed day, one by one. */
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { lastDayEnd, lastTick } from '../../../services/estimate/due.ts'
import { climateOf } from '../../../services/estimate/days/field-day.ts'
import { freshnessOf, uplandFreshness } from '../../../services/estimate/now/freshness.ts'
import { coverage, joinHours, spanMean, type Hours } from '../../../services/estimate/days/hours.ts'
import {
  irrigationDepth,
  litresBetween,
  type RunWater,
} from '../../../services/estimate/water/irrigation-depth.ts'
import { distanceKm } from '../../../services/estimate/field-context.ts'
import { rainOf } from '../../../services/estimate/days/station-day.ts'

const hours = (start: number, values: number[]): Hours => ({
  atMs: values.map((_, i) => start + i * HOUR_MS),
  mean: values,
  min: values,
  max: values,
  first: values,
  last: values,
})
const day = { fromMs: 0, toMs: DAY_MS }

describe('coverage of a day', () => {
  it('all hours but one are enough, but not complete', () => {
    const atMs = hours(0, Array(24).fill(1)).atMs.filter((_, i) => i !== 7)
    expect(coverage(atMs, day, 300)).toEqual({ isEnough: true, isWhole: false })
  })
  it('20 of 24 hours are not enough when four are missing together: the warmest hour may be among them', () => {
    const atMs = hours(0, Array(24).fill(1)).atMs.filter((_, i) => i < 12 || i >= 16)
    expect(coverage(atMs, day, 300).isEnough).toBe(false)
  })
  it('a station that reports every two hours is complete with twelve', () => {
    const atMs = hours(0, Array(24).fill(1)).atMs.filter((_, i) => i % 2 === 0)
    expect(coverage(atMs, day, 7200)).toEqual({ isEnough: true, isWhole: true })
  })
  it('nothing is not enough', () => expect(coverage([], day, 300).isEnough).toBe(false))
  it('a mean interpolates a missing hour', () => {
    expect(spanMean([0, 2 * HOUR_MS], [10, 30], { fromMs: 0, toMs: 3 * HOUR_MS })).toBeCloseTo(20, 9)
    expect(spanMean([], [], day)).toBeNull()
  })
  it('the series of a device that was moved are one in time order', () => {
    const joined = joinHours([hours(5 * HOUR_MS, [3, 4]), hours(0, [1, 2])])!
    expect(joined.mean).toEqual([1, 2, 3, 4])
  })
})

describe('rain by a counter', () => {
  it('starts with the last total of the day before', () => {
    expect(rainOf(hours(-2 * HOUR_MS, [100, 101, ...Array(24).fill(104)]), day)).toBe(3)
  })
  it('is unknown when the station reports only from noon on and the evening before is unknown', () => {
    expect(rainOf(hours(12 * HOUR_MS, Array(12).fill(104)), day)).toBeNull()
  })
  it('is unknown when the station falls silent at noon', () => {
    expect(rainOf(hours(-HOUR_MS, Array(13).fill(104)), day)).toBeNull()
  })
  it('is unknown, not negative, when a counter decreased', () => {
    expect(rainOf(hours(0, [...Array(20).fill(104), 3, 3, 3, 3]), day)).toBeNull()
  })
})

describe('water by meter and by run', () => {
  const zone = { id: 'z', areaM2: 1000, efficiency: 0.9, applicationRateMmH: 10 }
  const run = (over: Partial<RunWater>): RunWater => ({
    fieldId: 'f',
    zoneId: 'z',
    commandedAtMs: HOUR_MS,
    openedAtMs: HOUR_MS,
    closedAtMs: 2 * HOUR_MS,
    ranMs: HOUR_MS,
    litres: 10_000,
    volumeSource: 'metered',
    cause: 'balance',
    ...over,
  })
  it('a meter whose first reading is on this day counts from it', () => {
    expect(litresBetween({ atMs: [5, 10, 20], litres: [100, 150, 170] }, 0, 100)).toBe(70)
    expect(litresBetween({ atMs: [-5, 10, 20], litres: [100, 150, 170] }, 0, 100)).toBe(70)
    expect(litresBetween({ atMs: [-5, 10, 20], litres: [100, 150, 170] }, 0, 15)).toBe(50)
    expect(litresBetween(undefined, 0, 100)).toBe(0)
  })
  it('a run that ended after the last meter reading adds the uncounted volume', () => {
    // the meter counted 4,000 of 10,000 L before the connection was lost
    const meter = { atMs: [0, 1.5 * HOUR_MS], litres: [0, 4000] }
    const depth = irrigationDepth([zone], day, () => meter, [run({})])
    expect(depth.irrigationMm).toBeCloseTo((10_000 * 0.9) / 1000, 9)
    expect(depth.irrigationSource).toBe('metered')
  })
  it('a run that ended before the last meter reading adds nothing', () => {
    const meter = { atMs: [0, 3 * HOUR_MS], litres: [0, 10_000] }
    expect(irrigationDepth([zone], day, () => meter, [run({})]).irrigationMm).toBeCloseTo(9, 9)
  })
  it('a meter that counts more than the zone can take is ignored on that day', () => {
    // it counts mL: 10,000 L of the run become ten million; its record is by rate
    const meter = { atMs: [-HOUR_MS, HOUR_MS, 3 * HOUR_MS], litres: [0, 0, 1e7] }
    const byRate = run({ volumeSource: 'rate', litres: 10_000 })
    const depth = irrigationDepth([zone], day, () => meter, [byRate])
    expect([depth.irrigationMm, depth.irrigationSource]).toEqual([9, 'rate'])
    const other = { fromMs: -DAY_MS, toMs: 0 }
    expect(irrigationDepth([zone], other, () => meter, []).irrigationMm).toBe(0)
  })
  it('two zones share the field: water of one wets half of it', () => {
    const zones = [zone, { ...zone, id: 'dry' }]
    expect(irrigationDepth(zones, day, () => undefined, [run({})]).irrigationMm).toBeCloseTo(4.5, 9)
  })
  it('a run with only a bound counts with that bound, and its source is unknown', () => {
    const bounded = run({ litres: null, volumeSource: 'unknown', ranMs: HOUR_MS })
    const depth = irrigationDepth([zone], day, () => undefined, [bounded])
    expect(depth.irrigationSource).toBe('unknown')
    expect(depth.irrigationMm).toBeCloseTo(zone.applicationRateMmH * zone.efficiency, 9)
    expect(depth.irrigationSdMm).toBeGreaterThan(5)
  })
  it('manual irrigation counts in addition to the meter, except for the volume counted at the same time', () => {
    const reported = run({ cause: 'manual-entry', volumeSource: 'reported' })
    const idle = { atMs: [0, 3 * HOUR_MS], litres: [500, 500] }
    const depth = irrigationDepth([zone], day, () => idle, [reported])
    expect([depth.irrigationMm, depth.irrigationSource]).toEqual([9, 'reported'])
    expect(depth.notes.map(({ key }) => key)).toEqual(['irrigation-reported'])
    // 4,000 of the 10,000 L went through the valve, opened by a person
    const counts = { atMs: [0, HOUR_MS, 1.9 * HOUR_MS, 3 * HOUR_MS], litres: [0, 0, 4000, 6000] }
    expect(irrigationDepth([zone], day, () => counts, [reported]).irrigationMm).toBeCloseTo(0.9 * 12, 9)
    // its duration is unknown: none of the metered volume is known to be of it
    const brief = { ...reported, closedAtMs: null, ranMs: 0 }
    expect(irrigationDepth([zone], day, () => counts, [brief]).irrigationMm).toBeCloseTo(0.9 * 16, 9)
  })
  it('manual irrigation of unknown volume adds nothing, with a large uncertainty', () => {
    const unknown = run({
      cause: 'manual-entry',
      volumeSource: 'unknown',
      litres: null,
      ranMs: 0,
      closedAtMs: null,
    })
    const depth = irrigationDepth([zone], day, () => undefined, [unknown])
    expect([depth.irrigationMm, depth.irrigationSource]).toEqual([0, 'unknown'])
    expect(depth.irrigationSdMm).toBeGreaterThan(5)
  })
  it('a voided run does not count, nor does the volume that the meter counted of it', () => {
    const meter = {
      atMs: [0, HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 5 * HOUR_MS],
      litres: [0, 0, 10_000, 10_000, 13_000],
    }
    const both = irrigationDepth([zone], day, () => meter, [])
    expect(both.irrigationMm).toBeCloseTo(0.9 * 13, 9)
    const other = irrigationDepth([zone], day, () => meter, [], [run({})])
    expect([other.irrigationMm, other.irrigationSource]).toEqual([expect.closeTo(0.9 * 3, 9), 'metered'])
    // one that continued after midnight removes from this day the volume that was counted in it
    const late = run({ openedAtMs: 4 * HOUR_MS, commandedAtMs: 4 * HOUR_MS, closedAtMs: DAY_MS + HOUR_MS })
    expect(irrigationDepth([zone], day, () => meter, [], [late]).irrigationMm).toBeCloseTo(0.9 * 10, 9)
    expect(irrigationDepth([zone], day, () => undefined, [], [run({})]).irrigationMm).toBe(0)
  })
  it('irrigation reported for a field without a zone is counted once when it has zones', () => {
    const whole = run({ zoneId: 'f', cause: 'manual-entry', volumeSource: 'reported' })
    const zones = [zone, { ...zone, id: 'second' }]
    expect(irrigationDepth(zones, day, () => undefined, [whole]).irrigationMm).toBeCloseTo(4.5, 9)
  })
  it('a run of another day or another zone is not counted', () => {
    const runs = [run({ closedAtMs: DAY_MS + 1 }), run({ zoneId: 'other' })]
    expect(irrigationDepth([zone], day, () => undefined, runs).irrigationSource).toBe('none')
  })
})

describe('freshness', () => {
  it('is late after two intervals and lost after six', () => {
    expect(freshnessOf(0, 40 * MINUTE_MS, 1200)).toBe('ok')
    expect(freshnessOf(0, 41 * MINUTE_MS, 1200)).toBe('late')
    expect(freshnessOf(0, 121 * MINUTE_MS, 1200)).toBe('lost')
    expect(freshnessOf(null, 0, 1200)).toBe('lost')
  })
  it('weather or a probe alone keeps a field known, but late', () => {
    expect(uplandFreshness('ok', 'ok')).toBe('ok')
    expect(uplandFreshness('ok', 'lost')).toBe('late')
    expect(uplandFreshness('lost', 'ok')).toBe('late')
    expect(uplandFreshness('lost', 'lost')).toBe('lost')
    expect(uplandFreshness('late', null)).toBe('late')
    expect(uplandFreshness(null, null)).toBe('none')
  })
})

describe('due times', () => {
  const midnight = Date.UTC(2026, 6, 6)
  it('every hour at minute two', () => {
    expect(lastTick(midnight + HOUR_MS + MINUTE_MS, 60)).toBe(midnight + 2 * MINUTE_MS)
    expect(lastTick(midnight + HOUR_MS + 2 * MINUTE_MS, 60)).toBe(midnight + HOUR_MS + 2 * MINUTE_MS)
    expect(lastTick(midnight + MINUTE_MS, 360)).toBe(midnight - 6 * HOUR_MS + 2 * MINUTE_MS)
  })
  it('five past midnight of each zone, the newest of them', () => {
    const tokyo = Date.UTC(2026, 6, 6, 15, 5) // 00:05 on 7 July
    const paris = Date.UTC(2026, 6, 5, 22, 5)
    expect(lastDayEnd(tokyo - 1, ['Asia/Tokyo', 'Europe/Paris'])).toBe(paris)
    expect(lastDayEnd(tokyo, ['Asia/Tokyo', 'Europe/Paris'])).toBe(tokyo)
    expect(lastDayEnd(tokyo, [])).toBeNull()
  })
})

it('Tokyo and Osaka are 400 km apart', () => {
  const km = distanceKm({ latDeg: 35.68, lonDeg: 139.77 }, { latDeg: 34.69, lonDeg: 135.5 })
  expect(Math.abs(km - 400)).toBeLessThan(10)
})

describe('the climate that adjusts Kc', () => {
  const none = { windMps: null, humidityMinPct: null, tempMinC: null, tempMaxC: null }
  it('is the measured one', () => {
    expect(climateOf({ windMps: 3, humidityMinPct: 30, tempMinC: 10, tempMaxC: 30 })).toEqual({
      windMps: 3,
      humidityMinPct: 30,
    })
  })
  it("without a hygrometer has the dew point at the night's minimum: e°(14.8)/e°(25.6) (FAO-56 Eq. 64)", () => {
    // FAO-56 Table 2.3: 1.68 and 3.28 kPa
    const climate = climateOf({ ...none, windMps: 3, tempMinC: 14.8, tempMaxC: 25.6 })
    expect(climate!.windMps).toBe(3)
    expect(climate!.humidityMinPct).toBeCloseTo((100 * 1.683) / 3.282, 0)
  })
  it('without an anemometer has the wind used for ET0, 2 m/s', () => {
    expect(climateOf({ ...none, humidityMinPct: 60 })).toEqual({ windMps: 2, humidityMinPct: 60 })
    expect(climateOf({ ...none, windMps: 5 })).toEqual({ windMps: 5, humidityMinPct: 45 })
  })
  it('is undefined without data: the values of the tables apply', () =>
    expect(climateOf(none)).toBeUndefined())
})
