/** Closed days: weather and ETo of AZMET Maricopa, Arizona (as shipped with pyfao56, CC0); the rest by hand. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, addDays, startOfDay } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { startSeason } from '../../../../services/plan/decide/season.ts'
import { readDayNotes, readStoredWater } from '../../../../services/tables.ts'
import {
  ORG,
  type Stores,
  appendDays,
  dayRow,
  dueAfter,
  hot,
  notesOf,
  openStores,
  plantFarm,
  probeReadings,
  stationReadings,
} from '../farm.ts'

const ZONE = 'America/Phoenix'

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2012, 5, 1))
})
afterEach(() => stores.close())

const live = appendDays(() => stores)

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
  })

  it('a probe that reads what was expected lowers the uncertainty', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 10)
    await closeDays(stores, dueAfter('2012-06-10'))
    const silent = (await dayRow(stores, '2012-06-10'))!
    const expectedPercent = 25 - silent.depletionMm! / (10 * silent.rootDepthM!)
    for (const day of ['2012-06-08', '2012-06-09', '2012-06-10'])
      await stores.series.append(probeReadings(expectedPercent, day))
    await closeDays(stores, dueAfter('2012-06-10'))
    const row = (await dayRow(stores, '2012-06-10'))!
    expect(row.depletionSdMm!).toBeLessThan(0.97 * silent.depletionSdMm!)
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
