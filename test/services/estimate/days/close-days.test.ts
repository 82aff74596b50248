/** Weather and ETo of AZMET Maricopa, Arizona (as shipped with pyfao56, CC0); the rest by hand. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, addDays, startOfDay } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { readFrostedFields } from '../../../../services/alerts/crop-frost.ts'
import { refreshStates } from '../../../../services/estimate/now/refresh-states.ts'
import { startSeason } from '../../../../services/plan/decide/season.ts'
import { readDayNotes, readKilledBy, readStoredWater } from '../../../../services/tables.ts'
import {
  ORG,
  dayRow,
  deviceRow,
  dueAfter,
  farmRow,
  fieldRow,
  irrigationRow,
  notesOf,
  openStores,
  plantFarm,
  probeReadings,
  reading,
  seasonRow,
  stationReadings,
  zoneRow,
  type Daily,
  type Stores,
} from '../farm.ts'

const ZONE = 'America/Phoenix'
// a June day in the desert, similar to the record's: ETo about 8
const hot: Daily = { tempMinC: 18, tempMaxC: 38, dewC: 2, radiationMJm2: 30, windMps: 2, rainMm: 0 }

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2012, 5, 1))
})
afterEach(() => stores.close())

/** A run of days of one weather, with a continuing rain counter. */
async function live(from: string, count: number, weather: Daily = hot, options = {}): Promise<void> {
  for (let i = 0; i < count; i++)
    await stores.series.append(
      stationReadings(weather, addDays(from, i), { totalMm: 100 + i * weather.rainMm, ...options }),
    )
}

describe('ET0 from a station that reports every 20 minutes', () => {
  // date, Rs MJ/m2, tmax, tmin, tdew °C (at most tmin: air holds no more), wind m/s at 3 m, ETo mm by AZMET
  const maricopa: [string, number, number, number, number, number, number][] = [
    ['2003-01-08', 5.1, 19.3, 11.1, 11.0, 2.6, 1.51],
    ['2004-04-02', 11.73, 17.7, 10.0, 10.0, 3.9, 2.42],
    ['2005-06-26', 31.05, 40.7, 21.0, 0.8, 2.1, 8.68],
    ['2006-09-19', 22.15, 36.3, 14.0, 6.9, 1.2, 4.96],
    ['2009-03-07', 22.29, 20.1, 5.2, -3.3, 2.0, 3.91],
    ['2010-05-31', 31.04, 37.5, 16.7, -2.3, 1.8, 7.72],
    ['2011-08-24', 25.54, 44.8, 27.2, 9.8, 2.2, 8.38],
    ['2012-11-16', 13.75, 27.5, 6.8, -1.3, 0.8, 2.12],
  ]
  it.each(maricopa)(
    'on %s at Maricopa is within 0.1 mm of AZMET',
    async (day, radiation, max, min, dew, wind, eto) => {
      await plantFarm(stores)
      await stores.state.updateTable('season').set({ plantedDay: day }).execute()
      const weather = {
        tempMinC: min,
        tempMaxC: max,
        dewC: dew,
        radiationMJm2: radiation,
        windMps: wind,
        rainMm: 0,
      }
      await live(day, 1, weather)
      await closeDays(stores, dueAfter(day))
      const row = await dayRow(stores, day)
      expect(row?.et0Method).toBe('fao56-pm')
      expect(Math.abs(row!.et0Mm! - eto)).toBeLessThan(0.1)
    },
  )

  it('a station that reports once an hour has nearly the same result', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 1, hot, { everyMinutes: 60 })
    await live('2012-06-02', 1)
    await closeDays(stores, dueAfter('2012-06-02'))
    const [hourly, often] = [await dayRow(stores, '2012-06-01'), await dayRow(stores, '2012-06-02')]
    expect(Math.abs(hourly!.et0Mm! - often!.et0Mm!)).toBeLessThan(0.1)
  })
})

describe('the balance', () => {
  it('a dry field loses ETc each day, with a growing uncertainty', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 5)
    await closeDays(stores, dueAfter('2012-06-05'))
    const days = await stores.state.selectFrom('fieldDay').selectAll().orderBy('day').execute()
    expect(days.map((row) => row.day)).toEqual([
      '2012-06-01',
      '2012-06-02',
      '2012-06-03',
      '2012-06-04',
      '2012-06-05',
    ])
    expect(notesOf(days[0])).toContain('depletion-assumed')
    for (let i = 1; i < days.length; i++) {
      const [before, row] = [days[i - 1]!, days[i]!]
      // roots that grow reach soil that may lack water
      const reachedMm = (row.tawMm! - before.tawMm!) * (before.depletionMm! / before.tawMm!)
      const changeMm = row.depletionMm! - before.depletionMm!
      expect(Math.abs(changeMm - (row.etaMm! - row.deepPercolationMm! + reachedMm))).toBeLessThan(1.5)
      expect(row.etcMm).toBeCloseTo(row.kc! * row.et0Mm!, 9)
      expect(row.kc).toBeCloseTo(row.kcb! + row.ke!, 9)
      expect(row.ke!).toBeLessThan(before.ke! + 0.01) // the surface is drying
      expect(row.surfaceDepletionMm!).toBeGreaterThan(before.surfaceDepletionMm! - 0.1)
      expect(row.etaMm! - row.evaporationMm!).toBeCloseTo(row.ks! * row.kcb! * row.et0Mm!, 9)
      expect(row.rainMm).toBe(0)
      expect(row.depletionSdMm).toBeGreaterThan(0)
      expect(row.heatSumCd!).toBeGreaterThan(before.heatSumCd!)
      expect(row.tawMm!).toBeGreaterThan(before.tawMm! - 0.01)
    }
  })

  it('rain of the counter fills the soil, the rest drains: 60 mm in, none missing in the account', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append(stationReadings({ ...hot, rainMm: 60 }, '2012-06-03', { totalMm: 100 }))
    await closeDays(stores, dueAfter('2012-06-03'))
    const before = (await dayRow(stores, '2012-06-02'))!
    const wet = (await dayRow(stores, '2012-06-03'))!
    expect(wet.rainMm).toBeCloseTo(60, 6)
    expect(wet.depletionMm).toBeLessThan(1)
    const outMm = wet.runoffMm! + wet.etaMm! + wet.deepPercolationMm!
    expect(wet.runoffMm).toBeGreaterThan(0)
    expect(notesOf(wet)).toContain('rain-runoff')
    expect(Math.abs(wet.rainMm! - (outMm + before.depletionMm! - wet.depletionMm!))).toBeLessThan(1.5)
  })

  it("rain during a connection loss is in the station's counter afterwards", async () => {
    await plantFarm(stores)
    await live('2012-06-01', 1)
    const rainy = stationReadings({ ...hot, rainMm: 12 }, '2012-06-02', { totalMm: 100 })
    const startMs = startOfDay('2012-06-02', ZONE)
    await stores.series.append(
      rainy.filter(({ atMs }) => atMs < startMs + 12 * HOUR_MS || atMs >= startMs + 14.5 * HOUR_MS),
    )
    await closeDays(stores, dueAfter('2012-06-02'))
    expect((await dayRow(stores, '2012-06-02'))?.rainMm).toBeCloseTo(12, 6)
  })

  it('a probe moves the balance towards its measurement', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 10)
    await closeDays(stores, dueAfter('2012-06-10'))
    const silent = (await dayRow(stores, '2012-06-10'))!
    await stores.series.append(probeReadings(12, '2012-06-10'))
    await closeDays(stores, dueAfter('2012-06-10'))
    const row = (await dayRow(stores, '2012-06-10'))!
    // 13 % vol below field capacity all the way down the roots
    expect(row.probeDepletionMm).toBeCloseTo(130 * row.rootDepthM!, 6)
    const distance = (mm: number) => Math.abs(mm - row.probeDepletionMm!)
    expect(distance(row.depletionMm!)).toBeLessThan(0.9 * distance(silent.depletionMm!))
    expect(row.depletionSdMm!).toBeLessThan(silent.depletionSdMm!)
  })

  it('the first day of a season starts with the soil water as entered', async () => {
    const startedAt = async (initialVwc: number | null) => {
      await stores.state.deleteFrom('fieldDay').execute()
      await stores.state.deleteFrom('fieldWater').execute()
      await stores.state.updateTable('season').set({ initialVwc }).execute()
      await closeDays(stores, dueAfter('2012-06-01'))
      return (await dayRow(stores, '2012-06-01'))!
    }
    await plantFarm(stores)
    await live('2012-06-01', 1)
    const [dry, full, unknown] = [await startedAt(0.13), await startedAt(0.25), await startedAt(null)]
    expect(dry.depletionMm! / dry.tawMm!).toBeGreaterThan(0.7)
    expect(full.depletionMm! / full.tawMm!).toBeLessThan(0.4)
    expect(notesOf(dry)).not.toContain('depletion-assumed')
    expect(notesOf(unknown)).toContain('depletion-assumed')
  })

  it('a depth to rock that is entered in a season is noted, and ends the roots from then on', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 3)
    // days with readings of everything stay as they are
    for (const day of ['2012-06-01', '2012-06-02', '2012-06-03'])
      await stores.series.append(probeReadings(20, day))
    await closeDays(stores, dueAfter('2012-06-02'))
    await stores.state.updateTable('field').set({ soilDepthM: 0.15 }).execute()
    await closeDays(stores, dueAfter('2012-06-03'))
    const [deep, shallow] = [await dayRow(stores, '2012-06-02'), await dayRow(stores, '2012-06-03')]
    expect(deep!.rootDepthM!).toBeGreaterThan(0.19)
    expect(shallow!.rootDepthM!).toBeCloseTo(0.15, 9)
    expect(shallow!.tawMm!).toBeLessThan(150 * (0.25 - 0.12))
    expect(shallow!.tawMm!).toBeGreaterThan(0.8 * 150 * (0.25 - 0.12))
    const found = readDayNotes(shallow!.notes).find(({ key }) => key === 'soil-depth-changed')
    expect(found!.params).toMatchObject({ toMm: 150 })
    expect(notesOf(deep)).not.toContain('soil-depth-changed')
  })

  it("the first day of a season starts with the probe's depletion", async () => {
    await plantFarm(stores)
    await live('2012-06-01', 1)
    await stores.series.append(probeReadings(20, '2012-06-01'))
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = (await dayRow(stores, '2012-06-01'))!
    expect(notesOf(row)).toContain('depletion-from-probe')
    expect(Math.abs(row.depletionMm! - row.probeDepletionMm!)).toBeLessThan(1)
  })

  it('in a warm season cotton is ahead of its calendar; a lost day counts as the days before it', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 26)
    await live('2012-06-28', 2)
    await closeDays(stores, dueAfter('2012-06-29'))
    const [early, warm, lost, after] = await Promise.all(
      ['2012-06-01', '2012-06-26', '2012-06-27', '2012-06-28'].map((day) => dayRow(stores, day)),
    )
    expect(early).toMatchObject({ stage: 'initial' })
    // 26 days of (38 + 18) / 2 - 15.6 = 12.4 °C·d are twice the heat of the tables: a quarter ahead is the most
    expect(warm!.heatSumCd).toBeCloseTo(322, 0)
    expect(warm!.ageD).toBeCloseTo(32.5, 1)
    expect(warm!.stage).toBe('development')
    expect(notesOf(warm)).not.toContain('heat-incomplete')
    expect(lost).toMatchObject({ tempMinC: null, stage: 'development' })
    expect(lost!.heatSumCd! - warm!.heatSumCd!).toBeCloseTo(12.4, 1)
    expect(readDayNotes(lost!.notes)).toContainEqual({ key: 'heat-estimated', params: { cd: 12.4 } })
    expect(after!.stage).toBe('development')
    expect(lost!.ageD! - warm!.ageD!).toBeCloseTo(1.2, 1) // as the days before it
    expect(notesOf(after)).not.toContain('heat-estimated')
  })

  it('a planned harvest sets the clock that `npm run decide` has with the same entry and the same other years', async () => {
    const [plantedDay, harvestDay] = ['2012-06-01', '2012-10-20']
    await plantFarm(stores)
    await stores.state.updateTable('season').set({ harvestPlannedDay: harvestDay }).execute()
    const days = Array.from({ length: 2 * 365 }, (_, i) => addDays('2010-06-01', i))
    const history = days.map((day, i) => ({
      day,
      tMinC: 16 + (i % 7),
      tMaxC: 30 + (i % 5),
      rainMm: 0,
      et0Mm: 7,
    }))
    const rows = history.map(({ day, tMinC, tMaxC, rainMm, et0Mm }) => ({
      fieldId: 'field1',
      org: ORG,
      day,
      et0Mm,
      et0Method: 'fao56-pm',
      tempMinC: tMinC,
      tempMaxC: tMaxC,
      rainMm,
      irrigationMm: 0,
      irrigationSource: 'none',
      notes: '[]',
    }))
    await stores.state
      .insertInto('fieldDay')
      .values(rows as never)
      .execute()
    await live(plantedDay, 2)
    await closeDays(stores, dueAfter('2012-06-02'))
    const clocks = await stores.state.selectFrom('fieldWater').select('body').orderBy('day').execute()
    const setup = {
      type: 'setup' as const,
      site: { latDeg: 33.069 },
      field: { crop: 'cotton', plantingDay: plantedDay, harvestDay, soil: { texture: 'loam' } },
      history,
    }
    const decide = startSeason(setup)
    if (!decide.ok) throw new Error(decide.error)
    const { clock } = decide.value.water
    expect(clock).toMatchObject({ harvestDay, isByHeat: true })
    expect(clock.factor).toBeGreaterThan(1.05)
    expect(clocks.map(({ body }) => readStoredWater(body).clock)).toEqual([clock, clock])
  })

  it('a season with unknown first days follows its calendar', async () => {
    await plantFarm(stores)
    await live('2012-06-03', 20)
    await closeDays(stores, dueAfter('2012-06-22'))
    const row = await dayRow(stores, '2012-06-22')
    expect(row).toMatchObject({ stage: 'initial' }) // day 21 of 30, though 248 °C·d are accumulated
    expect(notesOf(row)).toContain('heat-incomplete')
  })

  it('where a probe shows no depletion, the surface is wet too', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 1)
    await stores.series.append(probeReadings(25, '2012-06-01'))
    await closeDays(stores, dueAfter('2012-06-01'))
    // the soil is no wetter than field capacity, and the probe may err: a little is missing on average
    const { depletionMm, surfaceDepletionMm, tawMm } = (await dayRow(stores, '2012-06-01'))!
    expect(depletionMm! / tawMm!).toBeLessThan(0.17)
    expect(surfaceDepletionMm!).toBeLessThan(depletionMm!)
  })

  it('a crop that Table 17 does not have has the basal part of its single Kc, with a note', async () => {
    await plantFarm(stores)
    await stores.state.updateTable('season').set({ crop: 'alfalfa hay averaged cutting effects' }).execute()
    await live('2012-06-01', 1)
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = (await dayRow(stores, '2012-06-01'))!
    expect(row.kcb!).toBeLessThan(0.4)
    expect(row.kc!).toBeCloseTo(row.kcb! + row.ke!, 9)
    expect(notesOf(row)).toContain('single-kc')
  })

  it('suspect readings of a probe are not used', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 1)
    await stores.series.append(probeReadings(45, '2012-06-01').map((one) => ({ ...one, flag: 3 as const })))
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = (await dayRow(stores, '2012-06-01'))!
    expect(row.probeDepletionMm).toBeNull()
    expect(notesOf(row)).toContain('probe-silent')
  })
})

describe('irrigation', () => {
  const meter = (hour: number, litres: number, day = '2012-06-02') =>
    reading('valves1', 'water.total/V1', startOfDay(day, ZONE) + hour * HOUR_MS, litres)

  it('counts the litres of the meter times the efficiency: 250 m3 on 1 ha at 80 % is 20 mm', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append([
      meter(-2, 1_000_000),
      meter(3, 1_000_000),
      meter(5, 1_250_000),
      meter(20, 1_250_000),
    ])
    await closeDays(stores, dueAfter('2012-06-02'))
    expect(await dayRow(stores, '2012-06-01')).toMatchObject({ irrigationMm: 0, irrigationSource: 'none' })
    expect(await dayRow(stores, '2012-06-02')).toMatchObject({
      irrigationMm: 20,
      irrigationSource: 'metered',
    })
  })

  it('a run that the meter has counted is not counted again from its record', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append([meter(-2, 0), meter(5, 250_000), meter(20, 250_000)])
    const startMs = startOfDay('2012-06-02', ZONE)
    await stores.state
      .insertInto('irrigation')
      .values(
        irrigationRow({
          commandedAtMs: startMs + 3 * HOUR_MS,
          openedAtMs: startMs + 3 * HOUR_MS,
          closedAtMs: startMs + 4 * HOUR_MS,
          ranMs: HOUR_MS,
          litres: 250_000,
          volumeSource: 'metered',
        }),
      )
      .execute()
    await closeDays(stores, dueAfter('2012-06-02'))
    expect((await dayRow(stores, '2012-06-02'))?.irrigationMm).toBeCloseTo(20, 9)
  })

  it('without a meter an hour at 10 mm/h and 80 % is 8 mm, marked as by rate', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    const startMs = startOfDay('2012-06-02', ZONE)
    await stores.state
      .insertInto('irrigation')
      .values(
        irrigationRow({
          commandedAtMs: startMs + HOUR_MS,
          openedAtMs: startMs + HOUR_MS,
          closedAtMs: startMs + 2 * HOUR_MS,
          ranMs: HOUR_MS,
          volumeSource: 'rate',
        }),
      )
      .execute()
    await closeDays(stores, dueAfter('2012-06-02'))
    const row = await dayRow(stores, '2012-06-02')
    expect(row).toMatchObject({ irrigationSource: 'rate' })
    expect(row?.irrigationMm).toBeCloseTo(8, 9)
  })

  it('without a meter counts nothing where a dry probe that it must have wetted does not rise', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 4)
    for (let i = 0; i < 4; i++) await stores.series.append(probeReadings(13, addDays('2012-06-01', i)))
    const run = (day: string, fromH: number) => {
      const startMs = startOfDay(day, ZONE) + fromH * HOUR_MS
      const times = { commandedAtMs: startMs, openedAtMs: startMs, closedAtMs: startMs + 12 * HOUR_MS }
      return irrigationRow({ id: day, ...times, ranMs: 12 * HOUR_MS, volumeSource: 'rate' })
    }
    // the second one ends at 23:00: the probes of the evening cannot show its water yet
    await stores.state
      .insertInto('irrigation')
      .values([run('2012-06-03', 1), run('2012-06-04', 11)])
      .execute()
    await closeDays(stores, dueAfter('2012-06-04'))
    const [missing, late] = [await dayRow(stores, '2012-06-03'), await dayRow(stores, '2012-06-04')]
    expect(missing).toMatchObject({ irrigationMm: 0, irrigationSource: 'rate' })
    expect(readDayNotes(missing!.notes)).toContainEqual({ key: 'water-missing', params: { mm: 96 } })
    expect(late!.irrigationMm).toBeCloseTo(96, 6)
    expect(notesOf(late)).not.toContain('water-missing')
  })

  it('a run ended by a power cut counts with its upper bound, with a large uncertainty', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await closeDays(stores, dueAfter('2012-06-01'))
    const startMs = startOfDay('2012-06-02', ZONE)
    await stores.state
      .insertInto('irrigation')
      .values(
        irrigationRow({
          commandedAtMs: startMs,
          closedAtMs: startMs + HOUR_MS,
          ranMs: HOUR_MS,
          volumeSource: 'unknown',
        }),
      )
      .execute()
    await closeDays(stores, dueAfter('2012-06-02'))
    const row = (await dayRow(stores, '2012-06-02'))!
    expect(row.irrigationSource).toBe('unknown')
    // 10 mm/h for an hour at 80 %: otherwise the plan would apply it a second time
    expect(row.irrigationMm).toBeCloseTo(8, 9)
    expect(notesOf(row)).toContain('irrigation-unknown')
  })
})

describe('missing values are reported, never taken as zero', () => {
  it('without a rain gauge the rain is unknown and the uncertainty grows faster than with one', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 15)
    const rain = stationReadings(hot, '2012-06-16', { totalMm: 100 })
    await stores.series.append(rain.filter(({ quantity }) => quantity !== 'rain.cumulative'))
    await closeDays(stores, dueAfter('2012-06-16'))
    const unknown = await dayRow(stores, '2012-06-16')
    expect(unknown?.rainMm).toBeNull()
    expect(notesOf(unknown)).toContain('rain-unknown')
    await stores.series.append(rain.filter(({ quantity }) => quantity === 'rain.cumulative'))
    await closeDays(stores, dueAfter('2012-06-16'))
    const known = await dayRow(stores, '2012-06-16')
    expect(known?.rainMm).toBe(0)
    expect(unknown!.depletionSdMm!).toBeGreaterThan(known!.depletionSdMm!)
  })

  it("takes the rain of a neighbour's station ten kilometres away, with a note", async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('farm')
      .values(farmRow({ id: 'farm2', latDeg: 33.159 }))
      .execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'station2', farmId: 'farm2' }))
      .execute()
    const rainy = { ...hot, rainMm: 9 }
    await stores.series.append(stationReadings(rainy, '2012-06-01', { device: 'station2', farm: 'farm2' }))
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = await dayRow(stores, '2012-06-01')
    expect(row?.rainMm).toBeCloseTo(9, 6)
    expect(notesOf(row)).toEqual(expect.arrayContaining(['rain-neighbour', 'weather-neighbour']))
  })

  it('a lost anemometer, then a station with a thermometer only, then none at all', async () => {
    await plantFarm(stores)
    const only = (...quantities: string[]) =>
      ['air.temperature', 'rain.cumulative', ...quantities] as readonly string[]
    const days: [string, readonly string[]][] = [
      ['2012-06-06', only('air.relativeHumidity', 'solar.radiation')],
      ['2012-06-07', only()],
      ['2012-06-08', []],
    ]
    await live('2012-06-01', 5)
    for (const [day, kept] of days)
      await stores.series.append(
        stationReadings(hot, day, { totalMm: 100 }).filter((one) => kept.includes(one.quantity)),
      )
    await closeDays(stores, dueAfter('2012-06-08'))
    const rows = await Promise.all(
      ['2012-06-05', ...days.map(([day]) => day)].map((day) => dayRow(stores, day)),
    )
    expect(rows.map((row) => row?.et0Method)).toEqual([
      'fao56-pm',
      'fao56-pm-reduced',
      'hargreaves',
      'climatology',
    ])
    // and each has its error: the fewer inputs, the larger, as a share
    const shares = rows.map((row) => row!.et0SdMm! / row!.et0Mm!)
    expect(shares[0]).toBeLessThan(shares[1]!)
    expect(shares[1]).toBeLessThan(shares[2]!)
    // the days before replace the lost one
    const before = await stores.state
      .selectFrom('fieldDay')
      .select((row) => row.fn.avg<number>('et0Mm').as('mm'))
      .where('day', '<', '2012-06-08')
      .executeTakeFirstOrThrow()
    expect(rows[3]!.et0Mm!).toBeCloseTo(before.mm, 6)
    expect(rows[3]!.tempMaxC).toBeNull()
    expect(notesOf(rows[3])).toEqual(expect.arrayContaining(['et0-climatology', 'temperature-missing']))
  })

  it('half a day of readings is not a day: its maximum may lie in the gap', async () => {
    await plantFarm(stores)
    await stores.series.append(stationReadings(hot, '2012-06-01', { hours: [0, 12] }))
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = await dayRow(stores, '2012-06-01')
    expect(row).toMatchObject({
      et0Mm: null,
      et0Method: 'none',
      tempMaxC: null,
      etcMm: null,
      depletionMm: null,
    })
    expect(notesOf(row)).toContain('et0-unknown')
  })

  it('late readings complete the day, and the days after it', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append(
      stationReadings({ ...hot, rainMm: 30 }, '2012-06-03', { hours: [0, 9], totalMm: 100 }),
    )
    await stores.series.append(stationReadings(hot, '2012-06-04', { totalMm: 130, hours: [15, 24] }))
    await closeDays(stores, dueAfter('2012-06-04'))
    const blind = await dayRow(stores, '2012-06-03')
    expect(blind?.rainMm).toBeNull()
    await stores.series.append(stationReadings({ ...hot, rainMm: 30 }, '2012-06-03', { totalMm: 100 }))
    await stores.series.append(stationReadings(hot, '2012-06-04', { totalMm: 130 }))
    await live('2012-06-05', 1, hot, { totalMm: 130 })
    const changed = await closeDays(stores, dueAfter('2012-06-05'))
    expect(changed).toEqual(['field1'])
    const whole = await dayRow(stores, '2012-06-03')
    expect(whole?.rainMm).toBeCloseTo(30, 6)
    expect(whole?.et0Method).toBe('fao56-pm')
    expect((await dayRow(stores, '2012-06-04'))!.depletionMm!).toBeLessThan(whole!.tawMm!)
  })

  it('an unchanged day is not written again', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append([...probeReadings(22, '2012-06-01'), ...probeReadings(22, '2012-06-02')])
    expect(await closeDays(stores, dueAfter('2012-06-02'))).toEqual(['field1'])
    expect(await closeDays(stores, dueAfter('2012-06-02'))).toEqual([])
  })

  it('an unknown crop is estimated as a generic one with a note; another organisation is not affected', async () => {
    await plantFarm(stores)
    await stores.state.updateTable('season').set({ crop: 'moon-melon' }).execute()
    await stores.state
      .insertInto('farm')
      .values(farmRow({ id: 'other', org: 'others' }))
      .execute()
    await stores.state
      .insertInto('field')
      .values(fieldRow({ id: 'alien', org: 'others', farmId: 'other' }))
      .execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 's2', org: 'others', fieldId: 'alien' }))
      .execute()
    await live('2012-06-01', 1)
    await closeDays(stores, dueAfter('2012-06-01'))
    expect(notesOf(await dayRow(stores, '2012-06-01'))).toContain('crop-unknown')
    const alien = await dayRow(stores, '2012-06-01', 'alien')
    expect(alien).toMatchObject({ org: 'others', et0Mm: null, rainMm: null })
  })

  it('an anemometer in the grass gives no wind, and stops nothing', async () => {
    await plantFarm(stores)
    await stores.state.updateTable('device').set({ windHeightM: 0.1 }).where('kind', '=', 'station').execute()
    await live('2012-06-01', 1)
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = await dayRow(stores, '2012-06-01')
    expect(row).toMatchObject({ et0Method: 'fao56-pm-reduced' })
    expect(readDayNotes(row!.notes)).toContainEqual({ key: 'et0-reduced', params: { replaced: 'wind' } })
  })

  it('a failing field is logged, and delays neither its farm nor another organisation', async () => {
    await plantFarm(stores)
    const { state } = stores
    // higher than the sky: no equation of the air is valid there
    await state
      .insertInto('farm')
      .values([farmRow({ id: 'farm0', elevationM: 20_000 }), farmRow({ id: 'farm2', org: 'other' })])
      .execute()
    await state
      .insertInto('field')
      .values([
        fieldRow({ id: 'field0', farmId: 'farm0' }),
        fieldRow({ id: 'field2', org: 'other', farmId: 'farm2' }),
      ])
      .execute()
    await state
      .insertInto('season')
      .values([
        seasonRow({ id: 'season0', fieldId: 'field0' }),
        seasonRow({ id: 'season2', fieldId: 'field2', org: 'other' }),
      ])
      .execute()
    await live('2012-06-01', 2)
    const logged: object[] = []
    const log = { ...stores.log, error: (fields: object) => void logged.push(fields) }
    const changed = await closeDays({ ...stores, log }, dueAfter('2012-06-02'))
    expect(changed.sort()).toEqual(['field1', 'field2'])
    expect(logged).toEqual([{ error: expect.any(RangeError), field: 'field0', day: '2012-06-01' }])
    expect((await dayRow(stores, '2012-06-02'))?.depletionMm).not.toBeNull()
    // once its farm is corrected, the next night computes the missing days
    await state.updateTable('farm').set({ elevationM: 361 }).where('id', '=', 'farm0').execute()
    expect(await closeDays(stores, dueAfter('2012-06-02'))).toEqual(['field0'])
  })

  it('an empty farm is no error', async () => {
    expect(await closeDays(stores, dueAfter('2012-06-01'))).toEqual([])
  })
})

describe('paddy', () => {
  it('uses the level of its gauge, and models it while the gauge is silent', async () => {
    await plantFarm(stores, { kind: 'paddy', soilTexture: 'clay' })
    await stores.state.updateTable('season').set({ crop: 'rice' }).execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'gauge1', kind: 'gauge', fieldId: 'field1' }))
      .execute()
    await live('2012-06-01', 3)
    const at = (hour: number, mm: number) =>
      reading('gauge1', 'water.level', startOfDay('2012-06-01', ZONE) + hour * HOUR_MS, mm, {
        field: 'field1',
      })
    await stores.series.append([at(20, 55), at(22, 52), at(23.5, 50), at(47.5, 35)])
    await closeDays(stores, dueAfter('2012-06-03'))
    const [one, two, three] = await Promise.all(
      ['2012-06-01', '2012-06-02', '2012-06-03'].map((day) => dayRow(stores, day)),
    )
    expect(one).toMatchObject({ levelMm: 50, stage: 'rooting', depletionMm: null, ks: 1 })
    expect(two?.levelMm).toBe(35)
    // the daily loss of standing water, less the crop use of the rice
    expect(two!.deepPercolationMm!).toBeCloseTo(50 - 35 - two!.etcMm!, 6)
    expect(notesOf(three)).toContain('level-modelled')
    expect(three!.levelMm!).toBeCloseTo(35 - three!.etcMm! - 3, 6)
  })
})

describe('the day water loss of a paddy', () => {
  it('three ponded days determine percolation; the model then uses it instead of the texture', async () => {
    await plantFarm(stores, { kind: 'paddy', soilTexture: 'clay' })
    await stores.state.updateTable('season').set({ crop: 'rice' }).execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'gauge1', kind: 'gauge', fieldId: 'field1' }))
      .execute()
    await live('2012-06-01', 5)
    const at = (day: number, mm: number) =>
      reading('gauge1', 'water.level', startOfDay('2012-06-01', ZONE) + (day * 24 - 0.5) * HOUR_MS, mm, {
        field: 'field1',
      })
    await stores.series.append([at(1, 140), at(2, 120), at(3, 101), at(4, 80)])
    await closeDays(stores, dueAfter('2012-06-05'))
    const days = await stores.state.selectFrom('fieldDay').selectAll().orderBy('day').execute()
    const [sank2, sank3, sank4] = days.slice(1, 4).map((row) => row.deepPercolationMm!) as [
      number,
      number,
      number,
    ]
    expect(sank2).toBeCloseTo(20 - days[1]!.etcMm!, 6)
    const fifth = days[4]!
    expect(notesOf(fifth)).toContain('level-modelled')
    const median = [sank2, sank3, sank4].toSorted((a, b) => a - b)[1]!
    expect(median).toBeGreaterThan(3) // of clay by the table
    expect(fifth.levelMm!).toBeCloseTo(80 - fifth.etcMm! - median, 6)
  })
})

describe('insects', () => {
  it('counts from the biofix with the method of the pest and gives the dates of the next event', async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('degreeDayTracker')
      .values({
        fieldId: 'field1',
        subject: 'codling-moth',
        org: ORG,
        biofixDay: '2012-06-02',
        sumCd: 0,
        throughDay: null,
        missingDays: 0,
        nextEvent: null,
      })
      .execute()
    await live('2012-06-01', 4)
    await closeDays(stores, dueAfter('2012-06-04'))
    const watch = await stores.state.selectFrom('degreeDayTracker').selectAll().executeTakeFirstOrThrow()
    // 18-38 °C by single sine between 10 and 31.1 °C: 2 to 4 June
    expect(watch).toMatchObject({ throughDay: '2012-06-04', missingDays: 0 })
    expect(watch.sumCd / 3).toBeGreaterThan(14)
    expect(watch.sumCd / 3).toBeLessThan(18)
    const next = JSON.parse(watch.nextEvent!) as {
      key: string
      needCd: number
      fromDay: string
      toDay: string
    }
    expect(next.key).toBe('egg-hatch')
    expect(next.needCd).toBeCloseTo(138.9, 1)
    expect(next.fromDay > '2012-06-04' && next.toDay >= next.fromDay).toBe(true)
  })
  it('counts a day without temperatures as missing', async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('degreeDayTracker')
      .values({
        fieldId: 'field1',
        subject: 'corn-earworm',
        org: ORG,
        biofixDay: '2012-05-30',
        sumCd: 0,
        throughDay: null,
        missingDays: 0,
        nextEvent: null,
      })
      .execute()
    await live('2012-06-01', 1)
    await closeDays(stores, dueAfter('2012-06-01'))
    const watch = await stores.state.selectFrom('degreeDayTracker').selectAll().executeTakeFirstOrThrow()
    expect(watch).toMatchObject({ throughDay: '2012-06-01', missingDays: 2 })
  })
})

describe('the clocks', () => {
  it('the day the clocks go forward has 23 hours and is a complete day', async () => {
    await stores.state
      .insertInto('farm')
      .values(farmRow({ timeZone: 'America/Chicago' }))
      .execute()
    await stores.state.insertInto('field').values(fieldRow()).execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ plantedDay: '2012-03-11' }))
      .execute()
    await stores.state.insertInto('zone').values(zoneRow()).execute()
    await stores.state.insertInto('device').values(deviceRow()).execute()
    await stores.series.append(
      stationReadings({ ...hot, rainMm: 5 }, '2012-03-11', { timeZone: 'America/Chicago' }),
    )
    await closeDays(stores, dueAfter('2012-03-11', 'America/Chicago'))
    const row = await dayRow(stores, '2012-03-11')
    expect(row).toMatchObject({ et0Method: 'fao56-pm', rainMm: 5 })
    expect(notesOf(row)).not.toContain('partly-covered')
  })
  it('a zone half an hour off the full hour loses no rain and counts none twice', async () => {
    const timeZone = 'Asia/Kolkata'
    await stores.state
      .insertInto('farm')
      .values(farmRow({ timeZone, lonDeg: 77 }))
      .execute()
    await stores.state.insertInto('field').values(fieldRow()).execute()
    await stores.state.insertInto('season').values(seasonRow()).execute()
    await stores.state.insertInto('device').values(deviceRow()).execute()
    for (let i = 0; i < 3; i++)
      await stores.series.append(
        stationReadings({ ...hot, rainMm: 7 }, addDays('2012-06-01', i), { timeZone, totalMm: 7 * i }),
      )
    await closeDays(stores, dueAfter('2012-06-03', timeZone))
    const rows = await stores.state.selectFrom('fieldDay').selectAll().orderBy('day').execute()
    expect(rows.map((row) => row.rainMm)).toEqual([7, 7, 7].map((mm) => expect.closeTo(mm, 6) as number))
  })
})

describe('a frosty night', () => {
  const frosty = { ...hot, tempMinC: -3, tempMaxC: 12, dewC: -6 }
  const forecast = { daily: () => Promise.resolve(null) }

  it('ends a grown crop: its state, an alert and the day name it, until a person reports that it lives', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 60)
    await live('2012-07-31', 1, frosty)
    await closeDays(stores, dueAfter('2012-07-31'))
    const refreshed = async () => {
      await refreshStates({ ...stores, forecast } as never, startOfDay('2012-08-01', ZONE) + 8 * HOUR_MS)
      return (await stores.state.selectFrom('fieldState').select('killedBy').executeTakeFirstOrThrow())
        .killedBy
    }
    expect(readKilledBy((await refreshed())!)).toMatchObject({ day: '2012-07-31' })
    expect(notesOf(await dayRow(stores, '2012-07-31'))).toContain('killed-by-frost')
    expect(await readFrostedFields(stores.state)).toMatchObject([
      { cause: 'crop-frost', fieldId: 'field1', params: { field: 'North', day: '2012-07-31' } },
    ])
    await stores.state.updateTable('season').set({ survivedFrostDay: '2012-07-31' }).execute()
    expect(await refreshed()).toBeNull()
    expect(await readFrostedFields(stores.state)).toEqual([])
  })
})

describe('the water of a season that has ended', () => {
  it('is kept for the next one, which starts with its estimates', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 70)
    await closeDays(stores, dueAfter('2012-08-09'))
    await stores.state.updateTable('season').set({ harvestedDay: '2012-08-09' }).execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 'season2', year: 2013, plantedDay: '2012-10-01' }))
      .execute()
    await live('2012-10-01', 20)
    await closeDays(stores, dueAfter('2012-10-20'))
    const waters = await stores.state
      .selectFrom('fieldWater')
      .select(['day', 'body'])
      .orderBy('day')
      .execute()
    // of the last season there is one, until the next has water of its own for long enough
    expect(waters.filter(({ day }) => day <= '2012-08-09')).toHaveLength(0)
    expect(readStoredWater(waters.at(-1)!.body)).toMatchObject({ plantedDay: '2012-10-01', daysRecorded: 20 })
  })

  it('stays while nothing newer is known', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 3)
    await closeDays(stores, dueAfter('2012-06-03'))
    await stores.state.updateTable('season').set({ harvestedDay: '2012-06-03' }).execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 'season2', fieldId: 'field2', year: 2013, plantedDay: '2012-07-01' }))
      .execute()
    await stores.state
      .insertInto('field')
      .values(fieldRow({ id: 'field2' }))
      .execute()
    await live('2012-07-01', 1)
    await closeDays(stores, dueAfter('2012-07-01'))
    const kept = await stores.state
      .selectFrom('fieldWater')
      .select(['fieldId', 'day'])
      .orderBy('day')
      .execute()
    expect(kept).toEqual([
      { fieldId: 'field1', day: '2012-06-03' },
      { fieldId: 'field2', day: '2012-07-01' },
    ])
  })
})
