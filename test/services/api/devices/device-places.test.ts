/** What a contractor needs to find a device and to know what it lacks: its place, a photo, its battery, who fell silent with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import type { DeviceView } from '../../../../services/api/devices/device-schemas.ts'
import { integrationRow } from '../../../support/integration-row.ts'
import { smallJpeg } from '../../../support/small-jpeg.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string
let operator: string
const PROBE = 'midori-probe'

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  admin = await tilth.signUp('midori', 'admin')
  operator = await tilth.signUp('midori', 'operator')
})
afterAll(() => tilth.stop())

const view = async (id = PROBE): Promise<DeviceView> =>
  (await tilth.call(admin, 'GET', '/api/devices')).body.find((device: DeviceView) => device.id === id)
const post = (what: string, body: object) =>
  tilth.call(operator, 'POST', `/api/devices/${PROBE}/${what}`, body)

describe('the place of a device', () => {
  it('is set by a person at the device, and can be removed', async () => {
    expect(await view()).toMatchObject({ latDeg: null, lonDeg: null })
    expect((await post('place', { at: { latDeg: 36.4003, lonDeg: 140.2004 } })).status).toBe(200)
    expect(await view()).toMatchObject({ latDeg: 36.4003, lonDeg: 140.2004 })
    expect((await post('place', { at: null })).status).toBe(200)
    expect(await view()).toMatchObject({ latDeg: null, lonDeg: null })
  })

  it.each([{ at: { latDeg: 91, lonDeg: 0 } }, { at: { latDeg: 0 } }, {}])(
    'is on the Earth: not %j',
    async (form) => {
      expect((await post('place', form)).status).toBe(400)
    },
  )
})

describe('a photo of the place', () => {
  const picture = smallJpeg(1_280, 960)

  it('is stored small and large, shown with its day, exported, replaced, and deleted', async () => {
    expect((await tilth.call(operator, 'GET', `/api/devices/${PROBE}/photo`)).status).toBe(404)
    expect((await post('photo', { thumbnail: smallJpeg(), picture })).status).toBe(200)
    expect(await view()).toMatchObject({ photoMs: tilth.clock.now() })
    expect((await tilth.call(operator, 'GET', `/api/devices/${PROBE}`)).body.thumbnail).toBe(smallJpeg())
    expect((await tilth.call(operator, 'GET', `/api/devices/${PROBE}/photo`)).body).toEqual({
      atMs: tilth.clock.now(),
      picture,
    })
    expect((await tilth.call(admin, 'GET', '/api/export')).text).toContain(picture)
    expect((await post('photo', { thumbnail: smallJpeg(200, 150), picture })).status).toBe(200)
    expect((await tilth.call(operator, 'GET', `/api/devices/${PROBE}`)).body.thumbnail).toBe(
      smallJpeg(200, 150),
    )
    expect((await tilth.call(operator, 'DELETE', `/api/devices/${PROBE}/photo`)).status).toBe(200)
    expect(await view()).toMatchObject({ photoMs: null })
    expect((await tilth.call(operator, 'GET', `/api/devices/${PROBE}/photo`)).status).toBe(404)
  })

  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]).toString('base64')
  it.each([
    [
      'larger than the limit',
      { thumbnail: smallJpeg(), picture: smallJpeg(1_281, 400) },
      'picture: expected at most 1280',
    ],
    [
      'with an invalid thumbnail',
      { thumbnail: smallJpeg(400, 300), picture },
      'thumbnail: expected at most 200',
    ],
    ['of another kind', { thumbnail: png, picture }, 'thumbnail: expected a complete JPEG, got other bytes'],
    [
      'truncated',
      { thumbnail: smallJpeg(), picture: picture.slice(0, -8) },
      'picture: expected a complete JPEG, got other bytes',
    ],
    [
      'without a frame',
      { thumbnail: Buffer.from([0xff, 0xd8, 0xff, 0xd9]).toString('base64'), picture },
      'a frame',
    ],
    ['of a megabyte', { thumbnail: smallJpeg(), picture: 'A'.repeat(900_001) }, 'picture'],
  ])('%s is refused', async (_, form, reason) => {
    const { status, body } = await post('photo', form)
    expect([status, body.error, body.message]).toEqual([
      ...[400, 'BAD_REQUEST', expect.stringContaining(reason)],
    ])
    expect(await view()).toMatchObject({ photoMs: null })
  })
})

describe('the battery of a device', () => {
  it('has its last 30 days, and the days until it will be low', async () => {
    const value = (agoDays: number) => 3.3 + 0.02 * agoDays
    await tilth.series.append(
      Array.from({ length: 20 }, (_, i) => ({
        org: 'midori',
        farm: 'midori-farm',
        field: 'midori-field',
        device: PROBE,
        quantity: 'device.battery',
        depthCm: null,
        flag: 1 as const,
        origin: 'measured' as const,
        atMs: NOW_MS - (i + 0.5) * DAY_MS,
        value: value(i),
      })),
    )
    const { body } = await tilth.call(operator, 'GET', `/api/devices/${PROBE}`)
    expect(body.battery).toMatchObject({ lowV: 3, v: Array.from({ length: 20 }, (_, i) => value(19 - i)) })
    const { batteryLeft } = await view()
    expect(batteryLeft?.mid).toBeCloseTo(0.3 / 0.02, 6)
    expect((await view('midori-station')).batteryLeft).toBe(null)
  })
})

describe('devices that fell silent together', () => {
  it('name the time of the one alert that covers them; a device that sends, or stopped on another day or farm, does not', async () => {
    const momentMs = NOW_MS - 5 * HOUR_MS
    const silent = (name: string, heardMs: number, farmId = 'midori-farm') => ({
      id: `midori-${name}`,
      org: 'midori',
      farmId,
      fieldId: null,
      kind: 'probe' as const,
      name,
      secretHash: 'x',
      previousSecretHash: null,
      commandKey: null,
      windHeightM: null,
      everyS: 600,
      counterModulus: null,
      calibration: null,
      createdAtMs: 0,
      revokedAtMs: null,
      batteryV: null,
      batteryLowV: null,
      lastSeenMs: heardMs,
    })
    await tilth.state
      .insertInto('device')
      .values([
        silent('one', momentMs),
        silent('two', momentMs - 3 * MINUTE_MS),
        silent('three', momentMs - 8 * MINUTE_MS),
        silent('long-ago', momentMs - 3 * DAY_MS),
        silent('other-farm', momentMs, 'midori-other-farm'),
      ])
      .execute()
    await tilth.state
      .insertInto('alert')
      .values({
        id: 'outage',
        org: 'midori',
        cause: 'farm-silent',
        severity: 'act',
        sinceMs: momentMs,
        params: '{"n":3,"of":6,"backMs":null,"farm":"midori Sato","farmId":"midori-farm"}',
        fieldId: null,
        deviceId: null,
        clearedMs: null,
      })
      .execute()
    const all: DeviceView[] = (await tilth.call(admin, 'GET', '/api/devices')).body
    const together = all.filter(({ outageMs }) => outageMs !== null)
    expect(together.map(({ name, outageMs }) => [name, outageMs])).toEqual([
      ['one', momentMs],
      ['three', momentMs],
      ['two', momentMs],
    ])
    // the outage of an integration covers its own devices alone
    await tilth.state
      .insertInto('integration')
      .values(integrationRow({ id: 'barn', org: 'midori', farmId: null, kind: 'zigbee2mqtt' }))
      .execute()
    await tilth.state
      .insertInto('assignedAddress')
      .values({
        deviceId: 'midori-two',
        org: 'midori',
        integrationId: 'barn',
        address: 'z2m:two',
        profile: 'own-probe',
        answers: '{}',
      })
      .execute()
    await tilth.state
      .updateTable('alert')
      .set({ cause: 'integration-silent', params: '{"n":1,"of":1,"integration":"barn","name":"Barn"}' })
      .where('id', '=', 'outage')
      .execute()
    const later: DeviceView[] = (await tilth.call(admin, 'GET', '/api/devices')).body
    expect(later.filter(({ outageMs }) => outageMs !== null).map(({ name }) => name)).toEqual(['two'])
  })
})
