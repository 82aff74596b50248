/** Sensors checked with hindsight, on real stores: the flags, and the effect on roll-ups and balance. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, addDays, startOfDay } from '../../../../broker/contract/time.ts'
import { flagSuspectReadings, waterHours } from '../../../../services/estimate/quality/flag-suspect.ts'
import type { Reading } from '../../../../services/ports.ts'
import {
  ORG,
  irrigationRow,
  openStores,
  plantFarm,
  reading,
  stationReadings,
  type Daily,
  type Stores,
} from '../farm.ts'

const ZONE = 'America/Phoenix'
const FIRST = '2012-06-20'
const DAYS = 9
const fromMs = startOfDay(FIRST, ZONE)
const nowMs = fromMs + DAYS * DAY_MS
const hot: Daily = { tempMinC: 18, tempMaxC: 38, dewC: 2, radiationMJm2: 30, windMps: 2, rainMm: 0 }

/** A probe at 20 cm that dries down, with a wiggle of 0.1 % vol and a daily wave. */
function probe(change: (percent: number, hour: number) => number | null = (percent) => percent): Reading[] {
  const readings: Reading[] = []
  for (let i = 0; i < DAYS * 72; i++) {
    const hour = i / 3
    const percent = 28 - hour / 60 + 0.3 * Math.sin((2 * Math.PI * hour) / 24) + 0.1 * ((i * 7919) % 3)
    readings.push({
      ...reading('probe1', 'soil.moisture', fromMs + i * 20 * MINUTE_MS, 0, { field: 'field1', depthCm: 20 }),
      value: change(Math.round(10 * percent) / 10, hour),
    })
  }
  return readings
}

let stores: Stores
beforeEach(async () => {
  stores = await openStores(nowMs)
  await plantFarm(stores)
  for (let i = 0; i < DAYS; i++)
    await stores.series.append(stationReadings(hot, addDays(FIRST, i), { totalMm: 100 }))
})
afterEach(() => stores.close())

const flag = () => flagSuspectReadings(stores, nowMs)
const hoursMarked = async (quantity: string, device: string): Promise<number[]> => {
  const [series] = await stores.series.range({ org: ORG, device, quantity, fromMs, toMs: nowMs })
  const marked = series!.atMs.filter((_, i) => series!.flag[i] === 3).map((atMs) => (atMs - fromMs) / HOUR_MS)
  return [...new Set(marked.map(Math.floor))]
}
const moistureOfHour = async (hour: number) => {
  const span = { fromMs: fromMs + hour * HOUR_MS, toMs: fromMs + (hour + 1) * HOUR_MS }
  const [rolled] = await stores.series.rolled({ org: ORG, quantity: 'soil.moisture', step: 'hour', ...span })
  return rolled?.mean[0]
}
const run = (openHour: number, minutes: number, grossMm: number | null) =>
  irrigationRow({
    commandedAtMs: fromMs + openHour * HOUR_MS,
    openedAtMs: fromMs + openHour * HOUR_MS,
    closedAtMs: fromMs + openHour * HOUR_MS + minutes * MINUTE_MS,
    ranMs: minutes * MINUTE_MS,
    grossMm,
  })

describe('quality control with hindsight', () => {
  it('flags nothing on a sound farm', async () => {
    await stores.series.append(probe())
    expect(await flag()).toBe(0)
  })

  it('flags a jump that reversed, once; the roll-ups exclude it, and no value is changed', async () => {
    await stores.series.append(probe((percent, hour) => (hour >= 100 && hour < 124 ? percent + 12 : percent)))
    await stores.series.maintain(nowMs)
    expect(await moistureOfHour(110)).toBeGreaterThan(35)
    expect(await flag()).toBe(72)
    expect(await hoursMarked('soil.moisture', 'probe1')).toEqual(
      Array.from({ length: 24 }, (_, i) => 100 + i),
    )
    expect(await moistureOfHour(110)).toBeUndefined()
    await stores.series.maintain(nowMs)
    expect(await moistureOfHour(110)).toBeUndefined()
    expect(await moistureOfHour(130)).toBeCloseTo(26, 0)
    const [series] = await stores.series.range({
      org: ORG,
      device: 'probe1',
      quantity: 'soil.moisture',
      fromMs: fromMs + 110 * HOUR_MS,
      toMs: fromMs + 111 * HOUR_MS,
    })
    expect(series!.value[0]).toBeGreaterThan(35)
    expect(await flag()).toBe(0)
  })

  it('a stuck probe remains suspect when nothing else is left of its record', async () => {
    await stores.series.append(probe((percent, hour) => (hour >= 100 ? 25.5 : percent)))
    expect(await flag()).toBeGreaterThan(72)
    const laterMs = nowMs + 9 * DAY_MS
    const later = Array.from({ length: 9 * 72 }, (_, i) =>
      reading('probe1', 'soil.moisture', nowMs + i * 20 * MINUTE_MS, 25.5, { field: 'field1', depthCm: 20 }),
    )
    await stores.series.append(later)
    await flagSuspectReadings(stores, laterMs)
    const [series] = await stores.series.range({
      org: ORG,
      device: 'probe1',
      quantity: 'soil.moisture',
      fromMs: laterMs - DAY_MS,
      toMs: laterMs,
    })
    expect(new Set(series!.flag)).toEqual(new Set([3]))
  })

  it('a rise after a run of the valve is water, also when it falls quickly', async () => {
    const wetted = probe((percent, hour) => {
      const since = hour - 100
      return since < 0 ? percent : percent + (since < 2 ? 4 : 1.5 * Math.exp(-since / 50))
    })
    await stores.series.append(wetted)
    await stores.state
      .insertInto('irrigation')
      .values(run(99, 60, 20))
      .execute()
    expect(await flag()).toBe(0)
  })

  it('light in the night is flagged on the station that reports it', async () => {
    await stores.series.append(probe())
    const midnight = fromMs + 3 * DAY_MS
    const readings = [0, 20, 40].map((minute) =>
      reading('station1', 'solar.radiation', midnight + minute * MINUTE_MS, 60),
    )
    await stores.series.append(readings)
    expect(await flag()).toBe(3)
    expect(await hoursMarked('solar.radiation', 'station1')).toEqual([72])
  })

  it('a reading with an estimated time remains an estimate', async () => {
    const readings = probe((percent, hour) => (hour === 100 ? 2 * percent : percent))
    const spike = readings.find(({ value }) => value! > 40)!
    await stores.series.append(
      readings.map((one) =>
        one === spike ? { ...one, flag: 2 as const, origin: 'estimated' as const } : one,
      ),
    )
    expect(await flag()).toBe(1)
    for await (const one of stores.series.stream({ org: ORG }))
      if (one.atMs === spike.atMs && one.device === 'probe1')
        expect(one).toMatchObject({ flag: 3, origin: 'estimated', value: spike.value })
  })
})

describe('water of a field by the hour', () => {
  const span = { fromMs: 0, toMs: 6 * HOUR_MS }
  const gauge = (last: number[], hours: number[]) => ({
    atMs: hours.map((hour) => hour * HOUR_MS),
    mean: last,
    min: last,
    max: last,
    first: last,
    last,
  })
  it('rain is the increase of the counter; over a gap only its absence is known', () => {
    expect(waterHours(span, gauge([10, 10, 12, 12], [-1, 0, 1, 2]), [])).toEqual([0, 2, 0, null, null, null])
    expect(waterHours(span, gauge([10, 10, 10], [-1, 0, 3]), [])).toEqual([0, 0, 0, 0, null, null])
    expect(waterHours(span, gauge([10, 10, 15], [-1, 0, 3]), [])).toEqual([0, null, null, null, null, null])
  })
  it('without a gauge it is unknown', () =>
    expect(waterHours(span, undefined, [])).toEqual([null, null, null, null, null, null]))
  it('a run wets every hour of its duration; one of unknown depth as well', () => {
    const dry = gauge([1, 1, 1, 1, 1, 1, 1], [-1, 0, 1, 2, 3, 4, 5])
    const ran = (grossMm: number | null) => ({
      commandedAtMs: 0,
      openedAtMs: 1.5 * HOUR_MS,
      closedAtMs: 2.5 * HOUR_MS,
      ranMs: HOUR_MS,
      grossMm,
    })
    expect(waterHours(span, dry, [ran(8)])).toEqual([0, 8, 8, 0, 0, 0])
    expect(waterHours(span, dry, [ran(null)])).toEqual([0, 1, 1, 0, 0, 0])
  })
})
