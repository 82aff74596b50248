/** What a network of another make sends is listed, and assigned to a field. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import { readValveAddress } from '../../../../services/tables.ts'
import { foreignMessage } from '../../integrations/messages.ts'
import { NOW_MS } from '../rows.ts'
import { startIntegrationRig, uplink, type IntegrationRig } from './rig.ts'

const EUI = '24e124126a148401'

let rig: IntegrationRig
beforeAll(async () => {
  rig = await startIntegrationRig()
})
afterAll(() => rig.stop())

describe('a device that nobody has assigned', () => {
  it('is listed with its values as the profile of its model reads them, at a depth that nobody knows yet', async () => {
    await rig.receive(rig.chirpstack, uplink(EUI, 1))
    expect(await rig.found(`lw:${EUI}`)).toMatchObject({
      integrationName: 'Hill',
      name: 'North probe',
      model: 'EM500-SMTC',
      lastMs: NOW_MS,
      signal: { rssiDbm: -97, snrDb: 7.5 },
      fits: [
        {
          profile: 'milesight-em500-smtc',
          kind: 'probe',
          values: [
            { quantity: 'soil.moisture', depthCm: null, value: 21.4, unit: '% vol' },
            { quantity: 'soil.temperature', depthCm: null, value: 19.2, unit: '°C' },
            { quantity: 'soil.ec', depthCm: null, value: 0.24, unit: 'dS/m' },
          ],
          battery: { value: 87, unit: '%' },
          questions: [{ name: 'depthCm', type: 'depth', default: 30 }],
        },
      ],
    })
  })

  it('shows its messages as they came, cut to a size, and as another profile reads them', async () => {
    const long = uplink('24e124126a148405', 1, { moisture: 21.4, note: 'x'.repeat(5_000) })
    await rig.receive(rig.chirpstack, long)
    const query = new URLSearchParams({ integrationId: rig.chirpstack, address: 'lw:24e124126a148405' })
    const raw = (await rig.get(`/api/unassigned-devices/messages?${query}`)).body
    expect(raw).toMatchObject({ fit: null, messages: [{ topic: long.topic, bytes: long.payload.length }] })
    expect(raw.messages[0].text).toHaveLength(2_000)
    const { fit } = (await rig.get(`/api/unassigned-devices/messages?${query}&profile=dragino-lse01`)).body
    expect(fit).toMatchObject({ profile: 'dragino-lse01', title: 'Dragino LSE01' })
  })

  it('that no profile fits stands in the list without values', async () => {
    const eui = '24e124126a148406'
    const { topic, payload } = uplink(eui, 1, { something: 'else' })
    const text = Buffer.from(payload).toString().replace('EM500-SMTC', 'Own device')
    await rig.receive(rig.chirpstack, foreignMessage(topic, text, { receivedMs: NOW_MS }))
    expect(await rig.found(`lw:${eui}`)).toMatchObject({ model: 'Own device', fits: [], problem: null })
  })

  it('of values that have a topic each shows them together', async () => {
    const id = await rig.add({ name: 'Nodes', kind: 'esphome' })
    await rig.receive(
      id,
      foreignMessage('bed-3/sensor/moisture/state', '21.4'),
      foreignMessage('bed-3/sensor/temperature/state', '19.2'),
    )
    const { fits } = (await rig.found('esp:bed-3'))!
    expect(fits[0]).toMatchObject({ profile: 'esphome', values: [] })
    expect(fits[0]!.inputs).toEqual(
      expect.arrayContaining([
        { name: 'moisture', value: 21.4, quantity: null },
        { name: 'temperature', value: 19.2, quantity: null },
      ]),
    )
  })

  it('is hidden for ever, and shown again', async () => {
    const eui = '24e124126a148407'
    await rig.receive(rig.chirpstack, uplink(eui, 1))
    const hide = (isHidden: boolean) =>
      rig.post('/api/unassigned-devices/hide', {
        integrationId: rig.chirpstack,
        address: `lw:${eui}`,
        isHidden,
      })
    await hide(true)
    await rig.receive(rig.chirpstack, uplink(eui, 2))
    expect(await rig.found(`lw:${eui}`)).toBeUndefined()
    const hidden = await rig.unassigned('?hidden=yes')
    expect(hidden).toMatchObject({ hidden: 1, devices: [{ address: `lw:${eui}`, isHidden: true }] })
    await hide(false)
    expect(await rig.found(`lw:${eui}`)).toBeDefined()
  })

  it('among 600 addresses, the newest 500 are in the list', async () => {
    const id = await rig.add({ name: 'Many', kind: 'generic' })
    await rig.receive(
      id,
      ...Array.from({ length: 600 }, (_, i) =>
        foreignMessage(`many/${i}`, '1', { receivedMs: NOW_MS + 1_000 + i }),
      ),
    )
    const { devices, isWhole } = await rig.unassigned()
    expect([devices.length, isWhole]).toEqual([500, false])
    expect([devices[0]!.address, devices[499]!.address]).toEqual(['mqtt:many/599', 'mqtt:many/100'])
    await rig.tilth.call(rig.admin, 'DELETE', `/api/integrations/${id}`)
  })
})

describe('an assigned device', () => {
  const eui = '24e124126a148408'
  let id: string

  it('has its last days as readings at once', async () => {
    await rig.receive(
      rig.chirpstack,
      ...[3, 2, 1].map((days) =>
        uplink(eui, 10 - days, { moisture: 20 + days, temperature: 19 }, NOW_MS - days * DAY_MS),
      ),
    )
    const assigned = await rig.post('/api/unassigned-devices/assign', {
      integrationId: rig.chirpstack,
      address: `lw:${eui}`,
      profile: 'milesight-em500-smtc',
      name: 'North probe',
      fieldId: 'midori-field',
      answers: { depthCm: 20 },
    })
    id = assigned.body.id
    const moisture = () =>
      rig.tilth.series.range({
        org: 'midori',
        device: id,
        quantity: 'soil.moisture',
        fromMs: NOW_MS - 7 * DAY_MS,
        toMs: NOW_MS + 1,
      })
    await expect.poll(moisture).toMatchObject([{ field: 'midori-field', depthCm: 20, value: [23, 22, 21] }])
    expect(await rig.found(`lw:${eui}`)).toBeUndefined()
  })

  it('names its network server, profile, signal and unused fields', async () => {
    await rig.receive(rig.chirpstack, uplink(eui, 20, { moisture: 21.4, temperature: 19, leaf_colour: 3 }))
    expect((await rig.get(`/api/devices/${id}`)).body.foreign).toMatchObject({
      integrationName: 'Hill',
      title: 'Milesight EM500-SMTC',
      answers: { depthCm: 20 },
      questions: [{ name: 'depthCm', type: 'depth', default: 30 }],
      signal: { rssiDbm: -97, snrDb: 7.5 },
      ignored: ['leaf_colour'],
    })
    const list = (await rig.get('/api/devices')).body
    expect(list.find((device: { id: string }) => device.id === id)).toMatchObject({ integrationName: 'Hill' })
    expect(await rig.integration(rig.chirpstack)).toMatchObject({ devices: 1 })
  })

  it('cannot be assigned twice, and has no claim code', async () => {
    const again = {
      integrationId: rig.chirpstack,
      address: `lw:${eui}`,
      profile: 'milesight-em500-smtc',
      name: 'x',
    }
    expect((await rig.post('/api/unassigned-devices/assign', again)).status).toBe(409)
    expect((await rig.post(`/api/devices/${id}/claim-code`)).status).toBe(409)
  })

  it.each([
    [{ depthCm: 1_001 }, 'answers.depthCm: expected 0 to 1000 cm, got 1001'],
    [{ depthCm: 'deep' }, 'answers.depthCm'],
    [{ A0: { quantity: 'soil.colour' } }, 'answers.A0'],
  ])('needs answers that can be true: %j', async (answers, message) => {
    const answer = await rig.post(`/api/devices/${id}/profile`, { profile: 'milesight-em500-smtc', answers })
    expect(answer.status).toBe(400)
    expect(answer.body.message).toContain(message)
  })

  it('whose profile cannot read messages shows the reason in one line, and reads them with another', async () => {
    await rig.receive(
      rig.chirpstack,
      uplink(eui, 31, { moisture: 'ERR', temperature: 19 }, NOW_MS - DAY_MS),
      uplink(eui, 32, { moisture: 'ERR', temperature: 19.5 }),
    )
    const unread = async () => (await rig.get('/api/unread-messages')).body
    expect(await unread()).toEqual([
      {
        deviceId: id,
        deviceName: 'North probe',
        profile: 'milesight-em500-smtc',
        version: 1,
        reason: 'moisture: expected a number, got "ERR"',
        count: 2,
        sinceMs: NOW_MS - DAY_MS,
        lastMs: NOW_MS,
      },
    ])
    await rig.post(`/api/devices/${id}/profile`, { profile: 'milesight-em300-th', answers: {} })
    expect((await rig.post(`/api/devices/${id}/read-again`)).body).toEqual({ messages: 2 })
    await rig.ingest.settled()
    expect(await unread()).toEqual([])
  })

  it('keeps its history when it is disconnected, and its address is in the list again', async () => {
    expect((await rig.post(`/api/devices/${id}/unassign`)).status).toBe(200)
    await rig.ingest.settled()
    await rig.receive(rig.chirpstack, uplink(eui, 40))
    expect(await rig.found(`lw:${eui}`)).toMatchObject({ messages: 1 })
    expect((await rig.get(`/api/devices/${id}`)).body.foreign).toBeNull()
  })
})

describe('an assigned valve of LoRaWAN', () => {
  it('is set up in the application that its messages come from', async () => {
    const eui = '24e1246120aa0001'
    const report = (counter: number) => uplink(eui, counter, { valve_1: 'close', valve_1_pulse: 0 })
    await rig.receive(rig.chirpstack, report(1))
    const assigned = await rig.post('/api/unassigned-devices/assign', {
      integrationId: rig.chirpstack,
      address: `lw:${eui}`,
      profile: 'milesight-uc511',
      name: 'Terrace valve',
      fieldId: 'midori-field',
      answers: { litresPerPulse: 10 },
    })
    const { id } = assigned.body
    await rig.ingest.settled()
    await rig.receive(rig.chirpstack, report(2))
    const setUp = () => rig.post(`/api/devices/${id}/valves/V1`, { driver: 'milesight-uc511', outlet: 1 })
    await expect.poll(async () => (await setUp()).status).toBe(200)
    const { address } = await rig.tilth.state
      .selectFrom('foreignValve')
      .select('address')
      .where('deviceId', '=', id)
      .executeTakeFirstOrThrow()
    expect(readValveAddress(address)).toMatchObject({
      via: 'chirpstack',
      applicationId: 'app-1',
      devEui: eui,
    })
  })
})
