/** The estimator on real stores and a real broker, on a virtual clock. */
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, SECOND_MS, addDays, startOfDay } from '../../../broker/contract/time.ts'
import { everyInternal, internalTopic } from '../../../broker/contract/topics.ts'
import { openMqttBus, type MqttBus } from '../../../services/adapters/bus/mqtt-bus.ts'
import { startEstimate, type Estimate } from '../../../services/estimate/start-estimate.ts'
import type { ChangeEvent } from '../../../services/ports.ts'
import { readPaddyNow, type StateInput } from '../../../services/tables.ts'
import {
  ORG,
  deviceRow,
  fieldRow,
  irrigationRow,
  openStores,
  plantFarm,
  probeReadings,
  quiet,
  reading,
  seasonRow,
  stationReadings,
  type Daily,
  type Stores,
} from './farm.ts'

const ZONE = 'America/Phoenix'
const hot: Daily = { tempMinC: 18, tempMaxC: 38, dewC: 2, radiationMJm2: 30, windMps: 2, rainMm: 0 }
const at = (day: string, hour: number) => startOfDay(day, ZONE) + hour * HOUR_MS

let stores: Stores
let broker: Aedes
let server: Server
let bus: MqttBus
let estimate: Estimate
let events: ChangeEvent[]

beforeEach(async () => {
  stores = await openStores(at('2012-06-01', 0))
  broker = await Aedes.createBroker()
  server = createServer(broker.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  bus = await openMqttBus({ url, clientId: 'services' }, { log: quiet })
  events = []
  await bus.subscribe(everyInternal('event'), ({ payload }) => {
    const text = new TextDecoder().decode(payload)
    if (text.startsWith('{')) events.push(JSON.parse(text) as ChangeEvent)
  })
  estimate = await startEstimate({ ...stores, bus })
})
afterEach(async () => {
  await estimate.stop()
  await bus.close()
  await new Promise<void>((resolve) => broker.close(() => resolve()))
  server.close()
  await stores.close()
})

const job = (name: string) => estimate.jobs.find((one) => one.name === name)!
const fieldState = () => stores.state.selectFrom('fieldState').selectAll().executeTakeFirst()
const inputsOf = (row: { inputs: string } | undefined) => JSON.parse(row!.inputs) as StateInput[]

/** Days of weather and probe readings, closed day by day as by the job runner. */
async function live(days: number, percent = 22): Promise<void> {
  for (let i = 0; i < days; i++) {
    const day = addDays('2012-06-01', i)
    await stores.series.append([
      ...stationReadings(hot, day, { totalMm: 100 }),
      ...probeReadings(percent, day),
    ])
    await stores.clock.advanceTo(at(addDays(day, 1), 5 / 60))
    const dueAtMs = (await job('estimate-day').lastDue(stores.clock.now()))!
    expect(dueAtMs).toBe(stores.clock.now())
    await job('estimate-day').run(dueAtMs)
  }
}

describe('a season, day by day', () => {
  it('each morning the state is that of the closed midnight, and phones are notified', async () => {
    await plantFarm(stores)
    await live(6)
    const day = await stores.state
      .selectFrom('fieldDay')
      .selectAll()
      .where('day', '=', '2012-06-06')
      .executeTakeFirstOrThrow()
    const state = (await fieldState())!
    expect(state.atMs).toBe(at('2012-06-07', 5 / 60))
    expect(state.etcTodayMm).toBe(0)
    // the same probe corrects once more, a little
    expect(Math.abs(state.depletionMm! - day.depletionMm!)).toBeLessThan(3)
    expect(state).toMatchObject({ crop: 'cotton', stage: 'initial', freshness: 'ok', rainTodayMm: 0 })
    // a seedling's Kcb and the evaporation of a drying surface: today less than yesterday, later less than today
    const kcToday = state.etcWholeDayMm! / day.et0Mm!
    expect(day.kcb).toBeLessThan(0.15)
    expect(kcToday).toBeLessThan(day.kc! + 0.01) // the ET0 of a week is not quite that of a day
    expect(state.kc).toBeLessThan(kcToday + 0.01)
    expect(state.kc).toBeGreaterThan(day.kcb!)
    await expect
      .poll(() => events.filter(({ event }) => event === 'field').at(-1))
      .toMatchObject({ fields: ['field1'] })
  })

  it('through the day the crop uses water with the light: half by solar noon, all by sunset', async () => {
    await plantFarm(stores)
    await live(3)
    const etcAt = async (hour: number) => {
      await stores.clock.advanceTo(at('2012-06-04', hour))
      await job('estimate-now').run(stores.clock.now())
      return (await fieldState())!
    }
    const dawn = await etcAt(4)
    const noon = await etcAt(12.46) // Maricopa lies 7° west of its zone's meridian
    const night = await etcAt(22)
    expect(dawn.etcTodayMm).toBe(0)
    expect(noon.etcTodayMm! / noon.etcWholeDayMm!).toBeCloseTo(0.5, 1)
    expect(night.etcTodayMm).toBeCloseTo(night.etcWholeDayMm!, 9)
    expect(noon.depletionSdMm!).toBeGreaterThan(0)
  })

  it('days missed while the process was down are closed in one run', async () => {
    await plantFarm(stores)
    for (let i = 0; i < 5; i++)
      await stores.series.append(stationReadings(hot, addDays('2012-06-01', i), { totalMm: 100 }))
    await stores.clock.advanceTo(at('2012-06-06', 9))
    await job('estimate-day').run((await job('estimate-day').lastDue(stores.clock.now()))!)
    const rows = await stores.state.selectFrom('fieldDay').select('day').execute()
    expect(rows).toHaveLength(5)
  })

  it('a paddy develops from day to day, also where an upland field precedes it in the list', async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('field')
      .values(fieldRow({ id: 'paddy1', name: 'Paddy', kind: 'paddy' }))
      .execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 'season2', fieldId: 'paddy1', crop: 'rice', plantedDay: '2012-06-01' }))
      .execute()
    const grown = async () => {
      const row = await stores.state
        .selectFrom('fieldState')
        .select('paddy')
        .where('fieldId', '=', 'paddy1')
        .executeTakeFirstOrThrow()
      return readPaddyNow(row.paddy!).development
    }
    const developments: number[] = []
    for (let i = 1; i <= 3; i++) {
      await stores.clock.advanceTo(at(addDays('2012-06-01', i), 5 / 60))
      await job('estimate-day').run((await job('estimate-day').lastDue(stores.clock.now()))!)
      await job('estimate-now').run(stores.clock.now())
      developments.push(await grown())
    }
    expect(developments[0]).toBeGreaterThan(0)
    expect(developments[1]).toBeGreaterThan(developments[0]!)
    expect(developments[2]).toBeGreaterThan(developments[1]!)
  })

  it('a harvested field has no state', async () => {
    await plantFarm(stores)
    await live(2)
    expect(await fieldState()).toBeDefined()
    await stores.state.updateTable('season').set({ harvestedDay: '2012-06-02' }).execute()
    await job('estimate-now').run(stores.clock.now())
    expect(await fieldState()).toBeUndefined()
  })
})

describe('what happened today', () => {
  it('rain since midnight and metered water are in the state at the next update', async () => {
    await plantFarm(stores)
    await live(8)
    await job('estimate-now').run(stores.clock.now())
    const dry = (await fieldState())!
    const today = '2012-06-09'
    await stores.series.append([
      ...stationReadings({ ...hot, rainMm: 3 }, today, { totalMm: 100, hours: [0, 18] }),
      reading('valves1', 'water.total/V1', at(today, -1), 500_000),
      reading('valves1', 'water.total/V1', at(today, 4), 525_000), // 25 m3 on 1 ha at 80 %: 2 mm
    ])
    await stores.clock.advanceTo(at(today, 18))
    await job('estimate-now').run(stores.clock.now())
    const wet = (await fieldState())!
    expect(wet.rainTodayMm).toBeCloseTo(3, 6)
    expect(wet.irrigationTodayMm).toBeCloseTo(2, 9)
    const used = wet.etcTodayMm!
    // the probe is hours old by now and silent: the account is exact
    const midnight = await stores.state
      .selectFrom('fieldDay')
      .selectAll()
      .where('day', '=', '2012-06-08')
      .executeTakeFirstOrThrow()
    expect(Math.abs(wet.depletionMm! - Math.max(0, midnight.depletionMm! + used - 5))).toBeLessThan(1)
    expect(dry.irrigationTodayMm).toBe(0)
  })

  it('soon after a valve has run, only its field is updated', async () => {
    await plantFarm(stores)
    await live(4)
    await bus.settled()
    events.length = 0
    const nowMs = stores.clock.now()
    await stores.state
      .insertInto('irrigation')
      .values(
        irrigationRow({
          commandedAtMs: nowMs - MINUTE_MS,
          openedAtMs: nowMs - MINUTE_MS,
          closedAtMs: nowMs,
          ranMs: MINUTE_MS,
          litres: 12_500, // 1 mm net
          volumeSource: 'metered',
        }),
      )
      .execute()
    const event: ChangeEvent = { event: 'command', atMs: nowMs, fields: ['field1'], id: 'command1' }
    await bus.publish(internalTopic(ORG, 'event'), JSON.stringify(event), { qos: 1, retain: false })
    await until(() => events.some(({ event: kind }) => kind === 'command'))
    const eventCount = events.length
    await stores.clock.advanceTo(nowMs + 10 * SECOND_MS)
    await estimate.settled()
    expect((await fieldState())!.irrigationTodayMm).toBeCloseTo(1, 9)
    await until(() => events.length > eventCount)
    expect(events.at(-1)).toMatchObject({ event: 'field', fields: ['field1'], atMs: nowMs + 2 * SECOND_MS })
  })

  it('a corrected planting day is recomputed within seconds, from the stored readings', async () => {
    await plantFarm(stores)
    await live(6)
    const heatOf = async (day: string) =>
      (
        await stores.state
          .selectFrom('fieldDay')
          .select('heatSumCd')
          .where('day', '=', day)
          .executeTakeFirst()
      )?.heatSumCd ?? null
    const [second, sixth] = [(await heatOf('2012-06-02'))!, (await heatOf('2012-06-06'))!]
    await stores.state.updateTable('season').set({ plantedDay: '2012-06-03' }).execute()
    await stores.state.deleteFrom('fieldDay').execute()
    await bus.settled()
    events.length = 0
    const nowMs = stores.clock.now()
    const event: ChangeEvent = { event: 'field', atMs: nowMs, fields: ['field1'], id: 'set-up' }
    await bus.publish(internalTopic(ORG, 'event'), JSON.stringify(event), { qos: 1, retain: false })
    await until(() => events.some(({ id }) => id === 'set-up'))
    await stores.clock.advanceTo(nowMs + 10 * SECOND_MS)
    await estimate.settled()
    expect(await heatOf('2012-06-02')).toBeNull()
    expect(await heatOf('2012-06-06')).toBeCloseTo(sixth - second, 9)
    expect((await fieldState())!).toMatchObject({ heatSumCd: await heatOf('2012-06-06') })
    await until(() => events.some(({ id, atMs }) => id === undefined && atMs > nowMs))
  })

  it('starting rain updates the fields within seconds, then every ten minutes while it lasts', async () => {
    await plantFarm(stores)
    await live(4)
    await bus.settled()
    events.length = 0
    const nowMs = stores.clock.now()
    const publish = async (event: ChangeEvent): Promise<void> => {
      const seen = events.length
      await bus.publish(internalTopic(ORG, 'event'), JSON.stringify(event), { qos: 1, retain: false })
      await until(() => events.length > seen)
    }
    const refreshed = () =>
      events.filter(({ event, atMs }) => event === 'field' && atMs > nowMs).map(({ atMs }) => atMs - nowMs)
    const rain = { event: 'reading' as const, fields: ['-'], id: 'rain' }
    await publish({ event: 'reading', atMs: nowMs, fields: ['field1'] })
    await publish({ ...rain, atMs: nowMs })
    await publish({ ...rain, atMs: nowMs + 1 })
    await stores.clock.advanceTo(nowMs + 10 * SECOND_MS)
    await estimate.settled()
    await until(() => refreshed().length > 0)
    expect(refreshed()).toEqual([2 * SECOND_MS])
    await publish({ ...rain, atMs: nowMs + 10 * SECOND_MS })
    await stores.clock.advanceTo(nowMs + 9 * MINUTE_MS)
    expect(refreshed()).toHaveLength(1)
    await stores.clock.advanceTo(nowMs + 11 * MINUTE_MS)
    await estimate.settled()
    await until(() => refreshed().length > 1)
    expect(refreshed()).toEqual([2 * SECOND_MS, 2 * SECOND_MS + 10 * MINUTE_MS])
  })

  it('an invalid message on the bus is ignored', async () => {
    await plantFarm(stores)
    for (const text of ['{"event":7}', 'null', 'no JSON'])
      await bus.publish(internalTopic(ORG, 'event'), text, { qos: 1, retain: false })
    await until(() => bus.counts().received >= 3)
    await estimate.settled()
    await job('estimate-now').run(stores.clock.now())
    expect(await fieldState()).toBeDefined()
  })

  /** Messages pass a real socket: a bounded wait for their arrival. */
  async function until(isThere: () => boolean): Promise<void> {
    for (let i = 0; i < 1000 && !isThere(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(isThere()).toBe(true)
    await bus.settled()
  }
})

describe('the inputs of the state', () => {
  it('are listed with their age and kind', async () => {
    await plantFarm(stores)
    await live(6)
    const inputs = inputsOf(await fieldState())
    expect(inputs.map(({ key }) => key)).toEqual([
      'soil.moisture',
      'soil.moisture',
      'soil.moisture',
      'weather',
      'rain',
      'irrigation',
      'soil',
    ])
    expect(inputs[0]).toMatchObject({ value: 22, unit: '% vol', depthCm: 10, device: 'probe1', fresh: 'ok' })
    expect(inputs[3]).toMatchObject({ kind: 'predicted', method: 'forecast', device: 'station1' })
    expect(inputs[6]).toMatchObject({ value: 130, unit: 'mm/m', kind: 'entered', method: 'loam' })
  })

  it('a silent probe makes the field late, a silent station too makes it lost, and its rain is unknown until it reports', async () => {
    await plantFarm(stores)
    await live(20)
    const fresh = (await fieldState())!
    const today = '2012-06-21'
    await stores.series.append(stationReadings(hot, today, { totalMm: 100, hours: [0, 9] }))
    await stores.clock.advanceTo(at(today, 9))
    await job('estimate-now').run(stores.clock.now())
    const late = (await fieldState())!
    await stores.clock.advanceTo(at(today, 20))
    await job('estimate-now').run(stores.clock.now())
    const lost = (await fieldState())!
    expect([fresh.freshness, late.freshness, lost.freshness]).toEqual(['ok', 'late', 'lost'])
    expect(lost.rainTodayMm).toBeNull()
    const rest = { totalMm: 100, hours: [9, 20] as [number, number] }
    await stores.series.append(stationReadings(hot, today, rest))
    await job('estimate-now').run(stores.clock.now())
    const known = (await fieldState())!
    expect(known.rainTodayMm).toBe(0)
  })

  it("a new field with a probe and no weather yet has the probe's depletion", async () => {
    await plantFarm(stores)
    await stores.series.append(
      probeReadings(20, '2012-06-01').filter(({ atMs }) => atMs < at('2012-06-01', 8)),
    )
    await stores.clock.advanceTo(at('2012-06-01', 8))
    await job('estimate-now').run(stores.clock.now())
    const state = (await fieldState())!
    // 5 % vol below field capacity in 30 cm of roots
    expect(Math.abs(state.depletionMm! - 15)).toBeLessThan(1)
    expect(state.etcWholeDayMm).toBeNull()
  })

  it('a field without a device has no freshness and no invented depletion', async () => {
    await plantFarm(stores)
    await stores.state.deleteFrom('device').execute()
    await job('estimate-now').run(stores.clock.now())
    expect(await fieldState()).toMatchObject({ freshness: 'none', depletionMm: null, rainTodayMm: null })
  })

  it('a paddy is its level, with the age of its gauge', async () => {
    await plantFarm(stores, { kind: 'paddy' })
    await stores.state.updateTable('season').set({ crop: 'rice' }).execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'gauge1', kind: 'gauge', fieldId: 'field1' }))
      .execute()
    await stores.series.append([
      reading('gauge1', 'water.level', at('2012-06-01', 7), 42, { field: 'field1' }),
      reading('gauge1', 'water.level', at('2012-06-01', 7.4), 300, { field: 'field1', flag: 3 }),
    ])
    await stores.clock.advanceTo(at('2012-06-01', 7.5))
    await job('estimate-now').run(stores.clock.now())
    const state = await fieldState()
    // 300 mm within minutes is suspect: the reading before it counts
    expect(state).toMatchObject({ stage: 'rooting', depletionMm: null, levelMm: 42, freshness: 'ok' })
    expect(state?.levelAtMs).toBe(at('2012-06-01', 7))
  })
})

it('rejects an interval of less than a minute', async () => {
  await expect(startEstimate({ ...stores, bus, everyMinutes: 0 })).rejects.toThrow(RangeError)
})
