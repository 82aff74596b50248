/** The valves of a device of another make over the API: which drivers fit, and what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { driversFor, valveAddressOf } from '../../../../services/api/foreign-valves/valve-choices.ts'
import { driverOf } from '../../../../services/drivers/drivers.ts'
import { readValveAddress, toJson, type IntegrationKind } from '../../../../services/tables.ts'
import { integrationRow } from '../../../support/integration-row.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

const device = (kind: IntegrationKind, profile: string, more: object = {}) => ({
  kind,
  profile,
  address: 'x:north',
  model: null,
  topic: null,
  url: null,
  ...more,
})
const names = (of: Parameters<typeof driversFor>[0]) => driversFor(of).map(({ name }) => name)

describe('the drivers of a device', () => {
  it.each([
    [device('zigbee2mqtt', 'z2m-sonoff-swv', { model: 'SWV' }), ['z2m-sonoff-swv']],
    [
      device('zigbee2mqtt', 'z2m-sonoff-swv', { model: 'TS0601_water_valve' }),
      ['z2m-tuya-ts0601-water-valve'],
    ],
    // a model without a driver is a relay that nothing closes
    [device('zigbee2mqtt', 'z2m-sonoff-swv', { model: 'ZBMINI' }), ['z2m-on-off']],
    [device('tasmota', 'tasmota-relay'), ['tasmota-relay']],
    [device('shelly', 'shelly-gen2'), ['shelly-gen2']],
    [device('opensprinkler', 'opensprinkler'), ['opensprinkler', 'opensprinkler-mqtt']],
    [device('chirpstack', 'milesight-uc512'), ['milesight-uc511']],
    [device('the-things-stack', 'strega-smart-valve'), ['strega-smart-valve']],
    [device('home-assistant', 'ha-statestream'), []],
  ])('of $profile, $model', (of, expected) => expect(names(of)).toEqual(expected))

  it('reach an output by what its integration knows of it', () => {
    const uc511 = driverOf('milesight-uc511')!
    const sleeper = device('chirpstack', 'milesight-uc511', { address: 'lw:24e124126a1484aa' })
    expect(valveAddressOf(uc511, sleeper, { outlet: 2 })).toHaveProperty('missing')
    const topic = 'application/7/device/24e124126a1484aa/event/up'
    expect(valveAddressOf(uc511, { ...sleeper, topic }, { outlet: 2 })).toEqual({
      address: {
        via: 'chirpstack',
        applicationId: '7',
        devEui: '24e124126a1484aa',
        outlet: 2,
        litresPerPulse: null,
      },
    })
    const switchOf = (form: object) =>
      valveAddressOf(driverOf('esphome-sprinkler')!, device('esphome', 'esphome'), { outlet: 1, ...form })
    expect(switchOf({})).toHaveProperty('missing')
    expect(switchOf({ objectId: 'lawn' })).toEqual({
      address: { via: 'esphome', prefix: 'north', id: 'lawn' },
    })
  })
})

describe('a valve of another make', () => {
  let tilth: TestApi
  let admin: string
  beforeAll(async () => {
    tilth = await startTestApi()
    await plantFarm(tilth.state, 'midori')
    await plantFarm(tilth.state, 'akane')
    admin = await tilth.signUp('midori', 'admin')
    const [template] = await tilth.state
      .selectFrom('device')
      .selectAll()
      .where('org', '=', 'midori')
      .where('kind', '=', 'controller')
      .execute()
    const definitions = toJson({ a: { model: 'SWV', units: {} }, b: { model: 'R7060', units: {} } })
    await tilth.state
      .insertInto('integration')
      .values({
        ...integrationRow({ id: 'barn', org: 'midori', farmId: null, kind: 'zigbee2mqtt' }),
        definitions,
      })
      .execute()
    for (const name of ['a', 'b']) {
      await tilth.state
        .insertInto('device')
        .values({ ...template!, id: `valve-${name}` })
        .execute()
      await tilth.state
        .insertInto('assignedAddress')
        .values({
          deviceId: `valve-${name}`,
          org: 'midori',
          integrationId: 'barn',
          address: `z2m:${name}`,
          profile: 'z2m-sonoff-swv',
          answers: toJson({}),
        })
        .execute()
    }
  })
  afterAll(() => tilth.stop())
  const call = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object, cookie = admin) =>
    tilth.call(cookie, method, `/api/devices/${path}`, body)
  const row = () => tilth.state.selectFrom('foreignValve').selectAll().executeTakeFirstOrThrow()

  it('is set up with a driver that fits, and is tested again after another output', async () => {
    expect((await call('POST', 'valve-a/valves/V1', { driver: 'z2m-giex-gx03', outlet: 1 })).status).toBe(400)
    const set = (form: object) => call('POST', 'valve-a/valves/V1', { driver: 'z2m-sonoff-swv', ...form })
    expect((await set({ outlet: 1 })).status).toBe(200)
    expect(readValveAddress((await row()).address)).toEqual({
      via: 'zigbee2mqtt',
      root: 'zigbee2mqtt',
      name: 'a',
      outlet: 1,
    })
    const tested = { testedProof: 'P2', testedVersion: '2.14.1' } as const
    await tilth.state.updateTable('foreignValve').set(tested).execute()
    await set({ outlet: 1, hasSecondValve: true })
    expect(await row()).toMatchObject({ ...tested, hasSecondValve: 1 })
    await set({ outlet: 2 })
    expect(await row()).toMatchObject({ testedProof: null, testedVersion: null })
    const { body } = await call('GET', 'valve-a/valves')
    expect(body.valves).toMatchObject([{ valve: 'V1', testedProof: null, lock: null, mayRunLate: false }])
  })

  it('gets a meter that has sent a flow, a second valve and its time of waking, and its test stays valid', async () => {
    const change = (body: object) => call('PATCH', 'valve-a/valves/V1', body)
    await tilth.state.updateTable('foreignValve').set({ testedProof: 'P2' }).execute()
    const refused = await change({ meterDeviceId: 'midori-probe' })
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringMatching(/has sent no flow/)])
    const flow = {
      org: 'midori',
      farm: 'midori-farm',
      quantity: 'water.flow',
      depthCm: null,
      flag: 1,
    } as const
    await tilth.series.append(
      ['midori-probe', 'valve-a'].map((device) => ({
        ...flow,
        field: 'midori-field',
        device,
        atMs: NOW_MS,
        value: 12,
        origin: 'measured' as const,
      })),
    )
    const { body } = await call('GET', 'valve-a/valves')
    // the valve's own flow meter proves nothing
    expect(body.meters.map(({ id }: { id: string }) => id)).toEqual(['midori-probe'])
    expect((await change({ meterDeviceId: 'midori-probe', hasSecondValve: false, wakeS: 600 })).status).toBe(
      200,
    )
    expect(await row()).toMatchObject({
      meterDeviceId: 'midori-probe',
      hasSecondValve: 0,
      wakeS: 600,
      testedProof: 'P2',
    })
    expect((await change({ meterDeviceId: null, wakeS: null })).status).toBe(200)
    expect(await row()).toMatchObject({ meterDeviceId: null, wakeS: null })
    expect((await call('PATCH', 'valve-a/valves/V9', { wakeS: 60 })).status).toBe(404)
  })

  it('that nothing in the device closes is never opened, and says why', async () => {
    const { body } = await call('GET', 'valve-b/valves')
    const refused = { code: 'VALVE_UNBOUNDED', why: 'no-timer' }
    expect(body.choices).toMatchObject([{ refused, longestMinutes: null }])
    await call('POST', 'valve-b/valves/V1', { driver: body.choices[0].driver, outlet: 1 })
    const test = await call('POST', 'valve-b/valves/V1/test')
    expect(test.status).toBe(409)
    expect(test.body.message).toContain('never opens a valve: no-timer')
  })

  it('belongs to its organisation, and is set up by an administrator', async () => {
    const stranger = await tilth.signUp('akane', 'admin')
    const operator = await tilth.signUp('midori', 'operator')
    const form = { driver: 'z2m-sonoff-swv', outlet: 1 }
    expect((await call('GET', 'valve-a/valves', undefined, stranger)).status).toBe(404)
    expect((await call('POST', 'valve-a/valves/V1', form, stranger)).status).toBe(404)
    expect((await call('POST', 'valve-a/valves/V1/unlock', undefined, stranger)).status).toBe(404)
    expect((await call('POST', 'valve-a/valves/V1', form, operator)).status).toBe(403)
    const lines = await tilth.state
      .selectFrom('audit')
      .select('action')
      .where('subject', '=', 'valve-a')
      .execute()
    expect(lines.map(({ action }) => action)).toEqual(Array(5).fill('valve.set-up'))
  })
})
