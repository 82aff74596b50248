/** The alerts that people receive: real devices, broker, journal, ingest and stores, on a clock that the test moves. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import { internalTopic, topicOf } from '../../../broker/contract/topics.ts'
import { startAlerts, type Alerts } from '../../../services/alerts/start-alerts.ts'
import type { StorageCapacity } from '../../../services/alerts/storage.ts'
import type { ForecastResponse } from '../../../services/ports/forecast.ts'
import type { AdviceRow, AlertRow } from '../../../services/tables.ts'
import { silent } from '../../broker/rig.ts'
import { NOON, startIngestRig, type IngestRig } from '../ingest/rig.ts'

const EVERY_S = 1_200

describe('alerts', () => {
  let rig: IngestRig
  let alerts: Alerts
  let isHearing: boolean
  let room: StorageCapacity
  let droppedCount: number
  let events: number
  let jumpMs: number
  let nightC: number | null
  let acceptedLosses: { store: string; atMs: AtMs }[]
  let takenMs: number | null // of the newest backup
  beforeEach(async () => {
    rig = await startIngestRig()
    rig.clock.onSettle(settle)
    const { state } = rig
    await state
      .insertInto('farm')
      .values({
        id: 'farm1',
        org: 'coop',
        name: 'Oka',
        memberCode: null,
        timeZone: 'Asia/Tokyo',
        latDeg: 35,
        lonDeg: 139,
        elevationM: 10,
        createdAtMs: NOON,
      })
      .execute()
    isHearing = true
    room = { level: 'ok', fill: 0 }
    droppedCount = 0
    events = 0
    jumpMs = 0
    nightC = null
    acceptedLosses = []
    takenMs = null
    await rig.bus.subscribe(internalTopic('coop', 'event'), ({ payload }) => {
      if (new TextDecoder().decode(payload).includes('"alert"')) events++
    })
    await start()
  })
  afterEach(async () => {
    await alerts.stop()
    await rig.stop()
  })

  async function start(heartbeatMs = 10 * SECOND_MS): Promise<void> {
    const { state, series, bus, brokerRig } = rig
    const clock = {
      now: () => rig.clock.now() + jumpMs,
      at: (atMs: AtMs, run: () => void | Promise<void>) => rig.clock.at(atMs - jumpMs, run),
    }
    alerts = await startAlerts({
      state,
      series,
      bus,
      clock,
      log: silent,
      journal: brokerRig.journal,
      forecast: { daily: async () => nightOf(rig.clock.now(), nightC) },
      heartbeatMs,
      capacity: () => room,
      acceptedLosses,
      backupAgeS: takenMs === null ? undefined : () => (clock.now() - takenMs!) / 1000,
      isBrokerReachable: () => isHearing,
      droppedCount: () => droppedCount,
    })
  }

  async function settle(): Promise<void> {
    await rig.ingest().settled()
    await alerts.settled()
    await rig.bus.settled()
  }

  const pass = (ms: number) => rig.clock.advanceTo(rig.clock.now() + ms)
  const stands = async (): Promise<Pick<AlertRow, 'cause' | 'deviceId' | 'sinceMs' | 'params'>[]> =>
    (
      await rig.state
        .selectFrom('alert')
        .select(['cause', 'deviceId', 'sinceMs', 'params'])
        .where('clearedMs', 'is', null)
        .orderBy('cause')
        .orderBy('deviceId')
        .execute()
    ).map((row) => ({ ...row, params: JSON.parse(row.params) as never }))
  const causes = async () => (await stands()).map(({ cause, deviceId }) => `${cause} ${deviceId ?? '-'}`)
  const rowCount = async () => (await rig.state.selectFrom('alert').select('id').execute()).length

  async function addProbe(id: string, everyS = EVERY_S) {
    await rig.addDevice({ id, everyS, createdAtMs: NOON })
    const client = await rig.brokerRig.connect(id)
    let n = 0
    const say = async (battery = 3.6, fields: Record<string, unknown> = {}) => {
      const message = {
        v: 1,
        n: ++n,
        boot: 1,
        monoMs: rig.clock.now() - NOON + n,
        measurements: [{ air: { temperature: 20 } }],
        battery,
        ...fields,
      }
      await client.publishAsync(topicOf('coop', id, 'telemetry'), JSON.stringify(message), { qos: 1 })
      await settle()
    }
    return say
  }

  it('a probe that stops raises one alert, which clears when it sends again', async () => {
    const say = await addProbe('probe1')
    await say()
    await pass(2 * HOUR_MS)
    expect(await causes()).toEqual([])
    await pass(2 * MINUTE_MS)
    expect(await stands()).toEqual([
      { cause: 'device-silent', deviceId: 'probe1', sinceMs: NOON, params: {} },
    ])
    await pass(3 * HOUR_MS)
    expect(await rowCount()).toBe(1)
    await vi.waitFor(() => expect(events).toBe(1))
    await say()
    await pass(MINUTE_MS)
    expect(await causes()).toEqual([])
    await vi.waitFor(() => expect(events).toBe(2))
  })

  it('a probe that never sent raises a note, which clears when it sends', async () => {
    const say = await addProbe('probe1')
    await pass(DAY_MS + 2 * MINUTE_MS)
    expect(await causes()).toEqual(['never-seen probe1'])
    await say()
    await pass(MINUTE_MS)
    expect(await causes()).toEqual([])
  })

  it('a farm whose uplink is lost is one alert, over a restart of Tilth too, which clears when all are back', async () => {
    const probes = []
    for (const id of ['probe1', 'probe2', 'probe3', 'probe4']) probes.push(await addProbe(id))
    for (const say of probes) await say()
    await pass(3 * HOUR_MS)
    expect(await stands()).toMatchObject([{ cause: 'farm-silent', params: { n: 4, of: 4, farm: 'Oka' } }])
    await alerts.stop()
    await start()
    await pass(MINUTE_MS)
    expect(await causes()).toEqual(['farm-silent -'])
    expect(await rowCount()).toBe(1)
    for (const say of probes) await say()
    await pass(MINUTE_MS)
    expect(await causes()).toEqual([])
  })

  it('a controller is judged by its heartbeats, a sleeping device by its declared interval', async () => {
    for (const [deviceId, isTimed] of [
      ['awake', 0],
      ['asleep', 1],
    ] as const) {
      await rig.addDevice({ id: deviceId, kind: 'controller', everyS: 3_600, createdAtMs: NOON })
      await rig.state
        .insertInto('valveState')
        .values({
          deviceId,
          valve: 'V1',
          org: 'coop',
          pos: 'closed',
          feedback: null,
          seq: 0,
          ranMs: 0,
          litres: null,
          why: 'done',
          sess: 's',
          reportedAtMs: NOON - HOUR_MS,
          heartbeatAtMs: NOON,
          boundMs: null,
          capMs: 1_800_000,
          isTimed,
        })
        .execute()
    }
    await pass(12 * MINUTE_MS)
    expect(await stands()).toMatchObject([{ cause: 'device-silent', deviceId: 'awake', sinceMs: NOON }])
    await pass(6 * HOUR_MS)
    expect(await causes()).toEqual(['device-silent asleep', 'device-silent awake'])
  })

  it('a frosty night raises one alert while it is forecast, over a restart too, and only with an active season', async () => {
    nightC = -1
    await pass(2 * HOUR_MS)
    expect(await causes()).toEqual([])
    const { state } = rig
    const soil = { soilTexture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.46 }
    const place = { org: 'coop', farmId: 'farm1', name: 'North', kind: 'upland', areaM2: 500 } as const
    await state
      .insertInto('field')
      .values({ id: 'north', ...place, ...soil, stationId: null, geojson: null })
      .execute()
    await state
      .insertInto('season')
      .values({
        id: 's1',
        org: 'coop',
        fieldId: 'north',
        year: 2026,
        crop: 'apple',
        variety: null,
        plantedDay: '2026-04-01',
        harvestedDay: null,
        yieldKg: null,
        yieldBasis: null,
      })
      .execute()
    await pass(2 * HOUR_MS)
    expect(await stands()).toMatchObject([{ cause: 'frost-ahead', params: { farm: 'Oka', tempC: -1 } }])
    await alerts.stop()
    await start()
    await pass(2 * HOUR_MS)
    expect([await causes(), await rowCount()]).toEqual([['frost-ahead -'], 1])
    nightC = 8
    await pass(2 * HOUR_MS)
    expect(await causes()).toEqual([])
  })

  it('fields that need water or an approval are one alert per farm with their number, which clears when they have it', async () => {
    const { state } = rig
    const soil = { soilTexture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.46 }
    const place = { org: 'coop', farmId: 'farm1', kind: 'upland', areaM2: 500 } as const
    const say = (fieldId: string, status: AdviceRow['status'], key: string, nextRunId: string | null) =>
      state
        .insertInto('advice')
        .values({
          fieldId,
          org: 'coop',
          atMs: NOON,
          status,
          key,
          params: '{}' as never,
          water: null,
          decisionId: 'w',
          nextRunId,
        })
        .onConflict((conflict) => conflict.column('fieldId').doUpdateSet({ status, key, nextRunId }))
        .execute()
    for (const id of ['north', 'south', 'leaky'])
      await state
        .insertInto('field')
        .values({ id, name: id, ...place, ...soil, stationId: null, geojson: null })
        .execute()
    await say('north', 'act', 'irrigate-approve', 'run-1')
    await say('south', 'soon', 'irrigate', 'run-2') // it opens by itself in time
    await say('leaky', 'act', 'paddy-leak', null) // of another kind, so it has an alert of its own
    await pass(2 * MINUTE_MS)
    const sinceMs = (await stands())[0]!.sinceMs
    const told = (n: number) => [
      { cause: 'irrigation-needed', deviceId: null, sinceMs, params: { farm: 'Oka', farmId: 'farm1', n } },
    ]
    expect(await stands()).toEqual(told(1))
    await say('south', 'act', 'needs-zone', null)
    await alerts.stop()
    await start()
    await pass(2 * MINUTE_MS)
    expect([await stands(), await rowCount()]).toEqual([told(2), 1])
    await say('north', 'ok', 'watering', 'run-1')
    await say('south', 'ok', 'enough', null)
    await pass(2 * MINUTE_MS)
    expect(await causes()).toEqual([])
  })

  it('a revoked device raises no alert', async () => {
    const say = await addProbe('probe1')
    await say()
    await pass(3 * HOUR_MS)
    await rig.state.updateTable('device').set({ revokedAtMs: rig.clock.now() }).execute()
    await pass(MINUTE_MS)
    expect(await causes()).toEqual([])
  })

  it('an unreachable broker is the only cause: no device is reported for it, nor right after', async () => {
    const say = await addProbe('probe1')
    await say()
    isHearing = false
    await pass(5 * HOUR_MS)
    expect(await causes()).toEqual(['broker-unreachable -'])
    isHearing = true
    await pass(2 * HOUR_MS - MINUTE_MS)
    expect(await causes()).toEqual([])
    await pass(5 * MINUTE_MS)
    expect(await causes()).toEqual(['device-silent probe1'])
  })

  it('a loss that was accepted at the start is shown for a fortnight', async () => {
    await alerts.stop()
    acceptedLosses = [{ store: 'journal', atMs: rig.clock.now() }]
    await start(HOUR_MS)
    await settle()
    expect((await stands()).map(({ cause, params }) => [cause, params])).toEqual([
      ['data-lost', { store: 'journal' }],
    ])
    await pass(13 * DAY_MS)
    expect(await causes()).toEqual(['data-lost -'])
    await pass(2 * DAY_MS)
    expect(await causes()).toEqual([])
  })

  it('nightly backups that fail for two days are an alert, until one is taken', async () => {
    await alerts.stop()
    takenMs = -Infinity // none yet
    await start()
    await pass(48 * HOUR_MS)
    expect(await causes()).toEqual([])
    await pass(MINUTE_MS)
    expect(await stands()).toEqual([{ cause: 'backup-overdue', deviceId: null, sinceMs: NOON, params: {} }])
    await alerts.stop()
    await start()
    await pass(MINUTE_MS)
    expect((await stands()).map(({ sinceMs }) => sinceMs)).toEqual([NOON])
    takenMs = rig.clock.now()
    await pass(MINUTE_MS)
    expect(await causes()).toEqual([])
    await pass(49 * HOUR_MS)
    expect((await stands()).map(({ cause, sinceMs }) => [cause, sinceMs])).toEqual([
      ['backup-overdue', takenMs],
    ])
  })

  it('an unavailable store is the only cause as well; nothing is lost meanwhile', async () => {
    const say = await addProbe('probe1')
    await say()
    rig.fault.before = () => {
      throw Object.assign(new Error('away'), { code: 'STORE_UNAVAILABLE' })
    }
    await say()
    await pass(5 * HOUR_MS)
    expect(await causes()).toEqual(['ingest-backlog -'])
    rig.fault.before = null
    await pass(MINUTE_MS)
    await settle()
    await pass(MINUTE_MS)
    expect(await causes()).toEqual([])
    expect(await rig.stored()).toHaveLength(4) // two temperatures, two batteries
  })

  it('a battery raises an alert at the second low reading, which clears with a new battery', async () => {
    const say = await addProbe('probe1')
    for (const v of [3.2, 2.9]) {
      await say(v)
      await pass(20 * MINUTE_MS)
    }
    expect(await causes()).toEqual([])
    await say(2.88)
    await pass(MINUTE_MS)
    expect(await stands()).toMatchObject([{ cause: 'battery-low', deviceId: 'probe1', params: { v: 2.88 } }])
    await pass(20 * MINUTE_MS)
    await say(3.05)
    await pass(MINUTE_MS)
    expect(await causes()).toEqual(['battery-low probe1'])
    await pass(20 * MINUTE_MS)
    await say(3.6)
    await pass(MINUTE_MS)
    expect(await causes()).toEqual([])
  })

  it('a battery that its device states in percent raises an alert at the second message of 15 % or less', async () => {
    const say = await addProbe('probe1')
    for (const [batteryPercent, expected] of [
      [40, []],
      [15, []],
      [14, ['battery-low probe1']],
      [19, ['battery-low probe1']],
      [20, []],
    ] as const) {
      await say(undefined, { battery: undefined, batteryPercent })
      await pass(MINUTE_MS)
      expect(await causes()).toEqual(expected)
      if (batteryPercent === 14) expect(await stands()).toMatchObject([{ params: { percent: 14 } }])
      await pass(20 * MINUTE_MS)
    }
  })

  it('a battery that falls day by day raises an alert before it is low, from the daily means of the series', async () => {
    await alerts.stop()
    await start(10 * MINUTE_MS)
    const say = await addProbe('probe1', 24 * 3_600)
    const days = async (from: number, count: number) => {
      for (let day = from; day < from + count; day++) {
        await say(3.3 - 0.02 * day)
        await pass(24 * HOUR_MS)
        await rig.series.maintain(rig.clock.now())
        await settle()
      }
    }
    await days(0, 4)
    expect(await causes()).toEqual([])
    await days(4, 8)
    expect(await causes()).toEqual(['battery-low-forecast probe1'])
    const dates = { fromDay: expect.any(String) as string, toDay: expect.any(String) as string }
    expect((await stands()).map(({ params }) => params)).toEqual([dates])
  })

  it('a disk that fills raises an alert per level, and while it is full no device is reported', async () => {
    const say = await addProbe('probe1')
    await say()
    const told: string[][] = []
    for (const [level, fill] of [
      ['warning', 0.85],
      ['degraded', 0.95],
      ['full', 1],
    ] as const) {
      room = { level, fill }
      await pass(level === 'full' ? 5 * HOUR_MS : MINUTE_MS)
      told.push(await causes())
    }
    expect(told).toEqual([['disk-filling -'], ['disk-nearly-full -'], ['disk-full -']])
    room = { level: 'ok', fill: 0.1 }
    alerts.checkSoon()
    await alerts.settled()
    expect(await causes()).toEqual([])
  })

  it.each([3_650, -3_650])('a clock that jumps by %s days reports no device', async (days) => {
    const say = await addProbe('probe1')
    await say()
    await pass(HOUR_MS)
    jumpMs = days * DAY_MS
    await pass(HOUR_MS)
    expect(await causes()).toEqual([])
  })
})

/** The response of a weather service that forecasts the temperature of the next night; null: no response. */
function nightOf(nowMs: AtMs, tempC: number | null): ForecastResponse | null {
  if (tempC === null) return null
  const dry = { humidityPct: null, rainMm: 0, rainChance: null, windMps: null, gustMps: null }
  const hour = { atMs: nowMs + 8 * HOUR_MS, tempC, ...dry, radiationWm2: null, cloud: null }
  return { source: 'a service', issuedMs: nowMs, days: [], hours: [hour] }
}
