/** What a person sees in a day: Today, a field, why, the plan; each answer fits the schema the dashboard is built on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { DeviceView } from '../../../../services/api/devices/device-schemas.ts'
import { FieldDetail, SeriesColumns } from '../../../../services/api/screens/field-schemas.ts'
import { PlanView, DecisionView } from '../../../../services/api/irrigation/plan-schemas.ts'
import { Today } from '../../../../services/api/screens/today-schemas.ts'
import { toJson } from '../../../../services/tables.ts'
import type { Reading } from '../../../../services/ports.ts'
import Type from 'typebox'
import { NOW_MS, plantFarm, TODAY } from '../rows.ts'
import { lastContact } from '../../../../services/api/devices/device-view.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let cookie: string

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  cookie = await tilth.signUp('midori', 'viewer')
  await tilth.series.append([
    ...every(20 * MINUTE_MS, 31, (atMs) => soil(30, atMs, 21.4)),
    ...every(20 * MINUTE_MS, 31, (atMs) => soil(60, atMs, 25)).filter(
      ({ atMs }) => atMs < NOW_MS - 5 * DAY_MS,
    ),
    ...every(DAY_MS, 10, (atMs) => ({
      ...soil(30, atMs, 7),
      device: 'midori-trap',
      quantity: 'trap.count/codling-moth',
      depthCm: null,
    })),
    {
      ...soil(30, NOW_MS - MINUTE_MS, 31),
      device: 'midori-station',
      field: '-',
      quantity: 'air.temperature',
      depthCm: null,
    },
  ])
})
afterAll(() => tilth.stop())

const soil = (depthCm: number, atMs: number, value: number): Reading => ({
  org: 'midori',
  farm: 'midori-farm',
  field: 'midori-field',
  device: 'midori-probe',
  quantity: 'soil.moisture',
  depthCm,
  atMs,
  value,
  flag: 1 as const,
  origin: 'measured' as const,
})

function every(stepMs: number, days: number, reading: (atMs: number) => Reading): Reading[] {
  const count = Math.floor((days * DAY_MS) / stepMs)
  return Array.from({ length: count }, (_, i) => reading(NOW_MS - (count - 1 - i) * stepMs))
}

async function read<S extends TSchema>(url: string, schema: S): Promise<Type.Static<S>> {
  const answer = await tilth.call(cookie, 'GET', url)
  expect(answer.status, answer.text).toBe(200)
  const first = Compile(schema).Errors(answer.body)[0]
  expect(first && `${first.instancePath} ${first.message}`).toBeUndefined()
  return answer.body
}

describe('Today', () => {
  it('shows the field that needs water first, with its remaining water and the next run', async () => {
    const today = await read('/api/today', Today)
    expect(today.counts).toEqual({ act: 1, soon: 0, ok: 0, wet: 1, unknown: 0 })
    expect(today.fields.map(({ id, status }) => [id, status])).toEqual([
      ['midori-field', 'act'],
      ['midori-paddy', 'wet'],
    ])
    const [north, paddy] = today.fields
    expect(north!.water).toMatchObject({ leftMm: 2, loMm: -3, hiMm: 7, ofMm: 45, fresh: 'ok' })
    expect(north!.next).toEqual({
      runId: 'midori-run',
      atMs: NOW_MS + HOUR_MS,
      mm: 18,
      minutes: 130,
      state: 'proposed',
      rainSkip: null,
    })
    expect(paddy!.water).toBeNull()
    expect(paddy!.level).toMatchObject({ v: 75, kind: 'measured' })
    // 67 days after transplanting the paddy heads: 2-5 cm
    expect(paddy!.targetBandMm).toEqual([20, 50])
    expect(today.nextRun).toMatchObject({ fieldId: 'midori-field', run: { runId: 'midori-run' } })
    expect(today.timeZone).toBe('Asia/Tokyo')
    expect(today.alerts).toMatchObject([
      {
        cause: 'device-silent',
        deviceId: 'midori-probe',
        deviceName: 'midori probe',
        fields: [{ id: 'midori-field', name: 'midori North 3' }],
      },
    ])
  })

  it('names a controller with a fault and its fields; the field shows the fault as well', async () => {
    const fault = {
      id: 'fault-1',
      org: 'midori',
      cause: 'valve-fault',
      severity: 'act' as const,
      fieldId: null,
      deviceId: 'midori-controller',
      params: toJson({ valve: null, fault: 'overflow' }),
      sinceMs: NOW_MS - DAY_MS,
      clearedMs: null,
    }
    await tilth.state.insertInto('alert').values(fault).execute()
    const { alerts } = await read('/api/today', Today)
    expect(alerts.find(({ id }) => id === 'fault-1')).toMatchObject({
      deviceName: 'midori controller',
      params: { fault: 'overflow' },
      fields: [{ id: 'midori-field', name: 'midori North 3' }],
    })
    const causes = async (field: string) =>
      (await read(`/api/fields/${field}`, FieldDetail)).log.flatMap(({ message }) =>
        message.key === 'log-alert' ? [message.params['cause']] : [],
      )
    expect(await causes('midori-field')).toContain('valve-fault')
    expect(await causes('midori-paddy')).toEqual([])
    await tilth.state.deleteFrom('alert').where('id', '=', 'fault-1').execute()
  })

  it('is not sent again while nothing has changed, though the clock advances', async () => {
    const etag = String((await tilth.call(cookie, 'GET', '/api/today')).headers.etag)
    await tilth.clock.advanceTo(tilth.clock.now() + 1000)
    const again = (headers: Record<string, string>) =>
      tilth.api.inject({ url: '/api/today', headers: { cookie, ...headers } })
    const same = await again({ 'if-none-match': etag })
    expect([same.statusCode, same.body]).toEqual([304, ''])
    const advice = { status: 'soon' as const }
    await tilth.state.updateTable('advice').set(advice).where('fieldId', '=', 'midori-field').execute()
    expect((await again({ 'if-none-match': etag })).statusCode).toBe(200)
    await tilth.state
      .updateTable('advice')
      .set({ status: 'act' })
      .where('fieldId', '=', 'midori-field')
      .execute()
  })

  it('shows an open valve with its end, its flow and its litres, as the controller reports them', async () => {
    const start = NOW_MS - 10 * MINUTE_MS
    await tilth.state
      .insertInto('command')
      .values({
        id: 'running-1',
        org: 'midori',
        deviceId: 'midori-controller',
        valve: 'V1',
        seq: 42,
        op: 'open',
        ofSeq: null,
        runId: null,
        requestId: null,
        durMs: 30 * MINUTE_MS,
        litres: null,
        state: 'running',
        lifecycle: toJson({}),
        outcome: null,
        actor: 'plan:1',
        reason: 'balance',
        expiresAtMs: start + 60_000,
        createdAtMs: start,
        sentAtMs: start,
        confirmedAtMs: start + 4000,
        endedAtMs: null,
        ranMs: null,
        ranLitres: null,
      })
      .execute()
    await tilth.state
      .insertInto('valveState')
      .values({
        deviceId: 'midori-controller',
        valve: 'V1',
        org: 'midori',
        pos: 'open',
        feedback: null,
        seq: 42,
        ranMs: 600_000,
        litres: 310,
        why: 'command',
        sess: 's',
        reportedAtMs: tilth.clock.now() - 30_000,
        heartbeatAtMs: tilth.clock.now() - 5_000,
        boundMs: start + 31 * MINUTE_MS,
        capMs: 120 * MINUTE_MS,
      })
      .execute()
    await tilth.series.append([
      {
        ...soil(0, NOW_MS - MINUTE_MS, 31.2),
        device: 'midori-controller',
        quantity: 'water.flow/V1',
        depthCm: null,
      },
    ])
    const { running } = await read('/api/today', Today)
    expect(running).toEqual([
      {
        id: 'running-1',
        runId: null,
        zoneId: 'midori-zone',
        fieldId: 'midori-field',
        fieldName: 'midori North 3',
        zoneName: 'midori V1',
        valve: 'V1',
        do: 'open',
        state: 'confirmed',
        atMs: start,
        confirmedAtMs: start + 4000,
        endsAtMs: start + 4000 + 30 * MINUTE_MS,
        boundMs: start + 31 * MINUTE_MS,
        litres: 310,
        flowLpm: 31.2,
        reason: null,
      },
    ])
    const { zones } = await read('/api/fields/midori-field?range=24h', FieldDetail)
    expect(zones).toMatchObject([{ position: 'open', boundMs: start + 31 * MINUTE_MS }])
  })

  it('of an organisation without fields is an empty list, not an error', async () => {
    const empty = await tilth.signUp('newcomers', 'admin')
    const answer = await tilth.call(empty, 'GET', '/api/today')
    expect(answer.body).toMatchObject({
      fields: [],
      running: [],
      nextRun: null,
      forecast: null,
      timeZone: 'UTC',
    })
  })
})

describe('Today without a forecast', () => {
  it('is shown even if the forecast cannot be read, and is requested again', async () => {
    let asked = 0
    const away = await startTestApi(
      {},
      {
        forecast: {
          daily: async () => {
            asked++
            throw new Error('the store is away')
          },
        },
      },
    )
    const cookie = await away.signUp('midori', 'admin')
    await plantFarm(away.state, 'midori')
    for (let i = 1; i <= 2; i++) {
      const answer = await away.call(cookie, 'GET', '/api/today')
      expect(answer).toMatchObject({ status: 200, body: { forecast: null } })
      expect(answer.body.fields.length).toBeGreaterThan(0)
      expect(asked).toBe(i)
    }
    await away.stop()
  })
})

describe('a field', () => {
  it.each(['24h', '7d', '30d', 'season'])('over %s has at most 300 points a series', async (range) => {
    const field = await read(`/api/fields/midori-field?range=${range}`, FieldDetail)
    expect(field.sensors[0]!.atMs.length).toBeGreaterThan(0)
    for (const { atMs, mean } of field.sensors) {
      expect(atMs.length).toBeLessThanOrEqual(300)
      expect(mean.length).toBe(atMs.length)
      expect([...atMs].sort((a, b) => a - b)).toEqual(atMs)
    }
    expect(field.water!.atMs.length).toBeLessThanOrEqual(300)
  })

  it('shows its water over 30 days, now, and the outlook without rain or irrigation', async () => {
    const { water, levels, toMs } = await read('/api/fields/midori-field?range=30d', FieldDetail)
    const { atMs, left, nowIndex } = water!
    expect(atMs[nowIndex]).toBe(NOW_MS - 30 * MINUTE_MS)
    expect(left[nowIndex]).toBe(47)
    // 6 mm a day, and below 45 mm less: Ks = 41 / 45 on the second day (FAO-56 Eq. 84)
    expect(left[nowIndex + 1]).toBeCloseTo(41, 6)
    expect(left[nowIndex + 2]).toBeCloseTo(41 - (6 * 41) / 45, 6)
    expect(atMs.length - 1 - nowIndex).toBe(7)
    expect(atMs.at(-1)!).toBeLessThanOrEqual(toMs)
    expect(water!.hi[nowIndex]! - water!.lo[nowIndex]!).toBeLessThan(water!.hi.at(-1)! - water!.lo.at(-1)!)
    expect(levels).toEqual({ fullMm: 90, refillMm: 45 })
  })

  it('shows measured rain, metered runs, daily catches, heat (U8)', async () => {
    const field = await read('/api/fields/midori-field?range=30d', FieldDetail)
    // 6 mm fell on 20 July, 2 mm drained
    expect(field.rain.filter(({ mm }) => mm > 0)).toEqual([
      { day: '2026-07-20', atMs: Date.parse('2026-07-19T15:00:00Z'), mm: 6, countedMm: 4 },
    ])
    // a dry day is known to be dry
    expect(field.rain.find(({ day }) => day === '2026-07-21')?.mm).toBe(0)
    expect(field.irrigation).toMatchObject([
      {
        runId: 'midori-run-done',
        plannedMm: 18,
        confirmedMm: 17.8,
        meteredMm: 17.8,
        minutes: 130,
        state: 'done',
      },
      { runId: 'midori-run', plannedMm: 18, confirmedMm: null, meteredMm: null, state: 'proposed' },
    ])
    expect(field.pests).toMatchObject([{ subject: 'codling-moth', sumCd: 300 }])
    expect(field.pests[0]!.catches.at(-1)).toEqual({ day: TODAY, count: 7 })
    expect(field.heat).toMatchObject({ sumCd: 812, next: { stage: 'R5' } })
    expect(field.log.map(({ message }) => message.key)).toEqual([
      ...['log-alert', 'log-note', 'log-irrigated', 'log-rain', 'log-load', 'log-work-with', 'log-sprayed'],
    ])
    // one day for one rain, in the log, the chart and the table
    const rain = field.log.find(({ message }) => message.key === 'log-rain')!
    expect(field.rain.find(({ day }) => day === rain.day)!.mm).toBe(rain.message.params['mm'])
  })

  it('shows a silent probe as lost, and the weather of the station it follows', async () => {
    const { sensors } = await read('/api/fields/midori-field?range=7d', FieldDetail)
    const of = (quantity: string, depthCm: number | null) =>
      sensors.find((sensor) => sensor.quantity === quantity && sensor.depthCm === depthCm)!
    expect(of('soil.moisture', 30).latest).toMatchObject({ v: 21.4, fresh: 'ok' })
    expect(of('soil.moisture', 60).latest).toMatchObject({ v: 25, fresh: 'lost' })
    expect(of('air.temperature', null)).toMatchObject({ device: 'midori-station', latest: { v: 31 } })
  })

  it('shows that a reading that quality control suspects is omitted', async () => {
    const moisture = async () => {
      const { sensors } = await read('/api/fields/midori-field?range=7d', FieldDetail)
      return sensors.find(({ quantity, depthCm }) => quantity === 'soil.moisture' && depthCm === 30)!
    }
    expect((await moisture()).suspect).toBe(false)
    const { latest } = await moisture()
    await tilth.series.append([{ ...soil(30, latest.atMs!, 58), flag: 3 }])
    expect(await moisture()).toMatchObject({ suspect: true, latest: { v: 58 } })
    await tilth.series.append([soil(30, latest.atMs!, latest.v!)])
  })

  it('charts a probe that was in another field before without the readings from there', async () => {
    const beforeMs = NOW_MS - 3 * DAY_MS
    await tilth.series.append([{ ...soil(30, beforeMs, 11), field: 'a-former-field' }])
    const { sensors } = await read('/api/fields/midori-field?range=7d', FieldDetail)
    const probe = sensors.find(({ quantity, depthCm }) => quantity === 'soil.moisture' && depthCm === 30)!
    expect(probe.mean).toContain(21.4)
    expect(probe.mean).not.toContain(11)
  })

  it('that is a paddy shows its level and its target band', async () => {
    await tilth.series.append(
      every(HOUR_MS, 3, (atMs) => ({
        ...soil(0, atMs, 70),
        device: 'midori-gauge',
        field: 'midori-paddy',
        quantity: 'water.level',
        depthCm: null,
      })),
    )
    const { paddy, water } = await read('/api/fields/midori-paddy?range=7d', FieldDetail)
    expect(water).toBeNull()
    expect([paddy!.levelMm.at(-1), paddy!.targetLoMm.at(-1), paddy!.targetHiMm.at(-1)]).toEqual([70, 20, 50])
  })

  it('returns any of its series as columns', async () => {
    const url = `/api/fields/midori-field/series?quantity=soil.moisture&from=${NOW_MS - 10 * DAY_MS}&to=${NOW_MS}&step=hour`
    const { series } = await read(url, SeriesColumns)
    expect(series.map(({ depthCm }) => depthCm)).toEqual([30, 60])
    const bad = await tilth.call(cookie, 'GET', url.replace('soil.moisture', 'soil.mosture'))
    expect([bad.status, bad.body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(bad.body.message).toContain('soil.mosture')
  })

  it('for an unknown range returns the existing ranges', async () => {
    const { status, body } = await tilth.call(cookie, 'GET', '/api/fields/midori-field?range=1y')
    expect([status, body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(body.message).toMatch(/range.*1y/)
  })
})

describe('a decision', () => {
  it('is shown as it was stored, with those before it', async () => {
    const why = await read('/api/decisions/midori-why', DecisionView)
    expect(why).toMatchObject({
      verdict: { key: 'irrigate-approve', params: { mm: 18 } },
      terms: [{ key: 'available-now', mm: 2, lo: 0, hi: 5, params: { fullMm: 45 } }],
      inputs: [{ key: 'soil.moisture', value: 21.4, unit: '% vol', kind: 'measured', fresh: 'ok' }],
      history: [{ id: 'midori-why-before' }],
    })
  })

  it('states the verdict that the field shows as soon as its run is approved', async () => {
    const setRun = (state: 'approved' | 'sent' | 'proposed') =>
      tilth.state.updateTable('run').set({ state }).where('id', '=', 'midori-run').execute()
    for (const [state, key] of [
      ['approved', 'irrigate'],
      ['sent', 'starting'],
      ['proposed', 'irrigate-approve'],
    ] as const) {
      await setRun(state)
      const why = await read('/api/decisions/midori-why', DecisionView)
      const { fields } = await read('/api/today', Today)
      const card = fields.find(({ id }) => id === 'midori-field')!
      expect([why.verdict.key, card.verdict.key]).toEqual([key, key])
    }
  })
})

describe('the plan of a day', () => {
  it('lists the runs, and the demand on the pump', async () => {
    const plan = await read(`/api/plan?day=${TODAY}`, PlanView)
    expect(plan.runs.map(({ id, state }) => [id, state])).toEqual([
      ['midori-run-done', 'done'],
      ['midori-run', 'proposed'],
    ])
    // of two runs of 54,000 L one is to come, the other gave 53,400 L by its meter
    expect(plan.pumps).toMatchObject([{ dailyM3: 60, aheadM3: 54, usedM3: 53.4 }])
    // side by side: as planned; 130 minutes of 8.3 mm/h on 3,000 m²; by the meter
    expect(plan.runs[0]).toMatchObject({ plannedLitres: 54_000, meteredLitres: 53_400, isTest: false })
    expect(plan.runs[0]!.confirmedLitres).toBeCloseTo((8.3 * 3000 * 130) / 60, 6)
    expect(plan.runs[1]).toMatchObject({ plannedLitres: 54_000, confirmedLitres: null, meteredLitres: null })
    expect((await tilth.call(cookie, 'GET', '/api/plan?day=tomorrow')).status).toBe(400)
    // long before the first run there was none
    for (const day of ['1999-12-31', '1900-01-01', '2099-12-31'])
      expect((await read(`/api/plan?day=${day}`, PlanView)).runs).toEqual([])
    const missing = await tilth.call(cookie, 'GET', '/api/plan?day=2026-02-30')
    expect(missing.status).toBe(400)
    expect(missing.text).toMatch(/day: must be a day that exists, like 2026-07-06, got 2026-02-30/)
  })

  it('offers the rest of a run until its zone is opened again, also past midnight', async () => {
    const { state } = tilth
    const done = await state
      .selectFrom('run')
      .selectAll()
      .where('id', '=', 'midori-run-done')
      .executeTakeFirstOrThrow()
    const water = await state
      .selectFrom('irrigation')
      .selectAll()
      .where('runId', '=', done.id)
      .executeTakeFirstOrThrow()
    const cut = { ...done, id: 'cut', day: '2026-07-20', startMs: NOW_MS - DAY_MS, state: 'failed' as const }
    await state.insertInto('run').values(cut).execute()
    const part = { ...water, id: 'irr-cut', commandId: 'cut', runId: 'cut', ranMs: 30 * MINUTE_MS }
    await state.insertInto('irrigation').values(part).execute()
    const rest = async () =>
      (await read('/api/plan?day=2026-07-20', PlanView)).runs.map((run) => run.restMinutes)
    expect(await rest()).toEqual([100])
    const next = { ...done, id: 'next', day: '2026-07-21', startMs: cut.startMs + MINUTE_MS }
    await state
      .insertInto('run')
      .values({ ...next, state: 'cancelled' })
      .execute()
    expect(await rest()).toEqual([100])
    await state.updateTable('run').set({ state: 'running' }).where('id', '=', 'next').execute()
    expect(await rest()).toEqual([null])
    await state.deleteFrom('irrigation').where('id', '=', 'irr-cut').execute()
    await state.deleteFrom('run').where('id', 'in', ['cut', 'next']).execute()
  })
})

describe('devices', () => {
  it('show when they were last seen and the state of their battery, and nothing secret', async () => {
    const devices = await read('/api/devices', Type.Array(DeviceView))
    expect(devices.find(({ id }) => id === 'midori-probe')).toMatchObject({
      fresh: 'ok',
      batteryV: 3.61,
      fieldName: 'midori North 3',
    })
    expect(JSON.stringify(devices)).not.toMatch(/hash-of|key-of/)
  })

  it('that are controllers are online by their heartbeats, sleeping ones by their declared interval', () => {
    const row = { lastSeenMs: null, everyS: 1_200 }
    const report = (isTimed: 0 | 1 | null) => ({ reportedAtMs: 5, heartbeatAtMs: 9, isTimed })
    expect(lastContact(row, [], 10_000)).toEqual({ lastMs: null, everyMs: 1_200_000 })
    expect(lastContact(row, [report(0), { ...report(0), heartbeatAtMs: null }], 10_000)).toEqual({
      lastMs: 9,
      everyMs: 100_000,
    })
    expect(lastContact({ ...row, lastSeenMs: 12 }, [report(1)], 10_000)).toEqual({
      lastMs: 12,
      everyMs: 1_200_000,
    })
    // a simulation that runs fast stretches the heartbeats
    expect(lastContact(row, [report(0)], 3_600_000).everyMs).toBe(3_600_000)
  })
})
