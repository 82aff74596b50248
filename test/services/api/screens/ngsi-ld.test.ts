/** Entities of NGSI-LD: the numbers are those of the screens, in units that UN/CEFACT has a code for. */
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flags } from '../../../../broker/contract/quantities.ts'
import { measurement, type Entity } from '../../../../services/api/screens/ngsi-ld-entities.ts'
import type { Latest } from '../../../../services/ports.ts'
import type { Today } from '../../../../services/api/screens/today-schemas.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

// ETSI GS CIM 009, 4.5: what each attribute of the normalised representation must be
const Attribute = Type.Union([
  Type.Object(
    {
      type: Type.Literal('Property'),
      value: Type.Unsafe<unknown>({ not: { type: 'null' } }),
      unitCode: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{2,3}$' })),
      observedAt: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' })),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { type: Type.Literal('Relationship'), object: Type.String({ pattern: '^urn:ngsi-ld:' }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      type: Type.Literal('GeoProperty'),
      value: Type.Object({ type: Type.String(), coordinates: Type.Array(Type.Unknown()) }),
    },
    { additionalProperties: false },
  ),
])
const isAttribute = Compile(Attribute)

let tilth: TestApi
let viewer: string
beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  await plantFarm(tilth.state, 'aoba')
  viewer = await tilth.signUp('midori', 'viewer')
  const reading = {
    org: 'midori',
    farm: 'midori-farm',
    field: 'midori-field',
    device: 'midori-probe',
    atMs: NOW_MS - 60_000,
    flag: flags.pass,
    origin: 'measured',
  } as const
  await tilth.series.append([
    { ...reading, quantity: 'soil.moisture', depthCm: 30, value: 24.5 },
    { ...reading, quantity: 'soil.ec', depthCm: 30, value: 0.24 },
    { ...reading, quantity: 'air.temperature', depthCm: null, value: 21.4 },
    { ...reading, org: 'aoba', device: 'aoba-probe', quantity: 'soil.moisture', depthCm: 30, value: 11 },
  ])
})
afterAll(() => tilth.stop())

async function entities(query: string): Promise<Entity[]> {
  const answer = await tilth.call(viewer, 'GET', `/ngsi-ld/v1/entities?${query}`)
  expect(answer.status, answer.text).toBe(200)
  expect(answer.headers['content-type']).toContain('application/ld+json')
  return JSON.parse(answer.text) as Entity[]
}

describe('entities of NGSI-LD', () => {
  it.each(['AgriParcel', 'Device', 'DeviceMeasurement'])(
    '%s is in the normalised representation',
    async (type) => {
      const found = await entities(`type=${type}`)
      expect(found.length).toBeGreaterThan(0)
      for (const { id, type: named, '@context': context, ...attributes } of found) {
        expect(id).toMatch(new RegExp(`^urn:ngsi-ld:${type}:`))
        expect(named).toBe(type)
        expect(context).toContain('https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.1.jsonld')
        for (const [name, attribute] of Object.entries(attributes))
          expect([...isAttribute.Errors(attribute)], `${id} ${name}`).toEqual([])
      }
    },
  )

  it('a field has the status and the water of its card', async () => {
    const today = (await tilth.call(viewer, 'GET', '/api/today')).body as Today
    const parcels = await entities('type=AgriParcel')
    expect(parcels.map(({ name }) => (name as { value: string }).value).sort()).toEqual(
      today.fields.map(({ name }) => name).sort(),
    )
    for (const card of today.fields) {
      const parcel = parcels.find(({ id }) => id.endsWith(card.id))!
      expect(parcel).toMatchObject({ irrigationStatus: { value: card.status }, area: { value: card.areaM2 } })
    }
  })

  it('a reading has its device, its depth, its own time, and siemens per metre for an EC', async () => {
    const found = await entities('type=DeviceMeasurement&limit=1000')
    expect(found.map(({ id }) => id)).not.toContain(expect.stringContaining('aoba'))
    const of = (quantity: string) =>
      found.find(({ controlledProperty }) => (controlledProperty as { value: string }).value === quantity)
    expect(of('soil.moisture')).toMatchObject({
      refDevice: { object: 'urn:ngsi-ld:Device:midori-probe' },
      refAgriParcel: { object: 'urn:ngsi-ld:AgriParcel:midori-field' },
      depth: { value: 30, unitCode: 'CMT' },
      numValue: { value: 24.5, unitCode: 'P1', observedAt: new Date(NOW_MS - 60_000).toISOString() },
    })
    expect(of('soil.ec')).toMatchObject({ numValue: { value: 0.024, unitCode: 'D10' } })
    expect(of('air.temperature')).not.toHaveProperty('depth')
  })

  it.each<[string, number, string, number]>([
    ['soil.moisture', 24.5, 'P1', 24.5],
    ['soil.ec', 1.3, 'D10', 0.13],
    ['soil.tension', 12, 'KPA', 12],
    ['air.pressure', 1013.2, 'A97', 1013.2],
    ['solar.radiation', 812, 'D54', 812],
    ['rain.cumulative', 104.2, 'MMT', 104.2],
    ['water.flow/V1', 33.1, 'L2', 33.1],
    ['water.total/V1', 12_345, 'LTR', 12_345],
    ['wind.speed', 3.2, 'MTS', 3.2],
    ['device.battery', 3.6, 'VLT', 3.6],
  ])('%s %s has the unit %s', (quantity, value, unitCode, expected) => {
    const latest: Latest = {
      farm: 'f',
      field: '-',
      device: 'd',
      quantity,
      depthCm: null,
      atMs: 0,
      value,
      flag: 1,
    }
    expect(measurement(latest)).toMatchObject({ numValue: { value: expected, unitCode } })
  })

  it('leaves out a reading without a value', () => {
    const latest = {
      farm: 'f',
      field: '-',
      device: 'd',
      quantity: 'soil.ec',
      depthCm: 5,
      atMs: 0,
      flag: 9,
    } as const
    expect(measurement({ ...latest, value: null })).toBeNull()
  })

  it('come in pages with their number, and one by one', async () => {
    const all = await entities('type=DeviceMeasurement&limit=1000')
    const second = await tilth.call(
      viewer,
      'GET',
      '/ngsi-ld/v1/entities?type=DeviceMeasurement&limit=1&offset=1',
    )
    expect(JSON.parse(second.text)).toEqual([all[1]])
    expect(second.headers['ngsild-results-count']).toBe(String(all.length))
    const one = await tilth.call(viewer, 'GET', `/ngsi-ld/v1/entities/${encodeURIComponent(all[1]!.id)}`)
    expect(JSON.parse(one.text)).toEqual(all[1])
  })

  it.each([
    ['no type', '/ngsi-ld/v1/entities', 400],
    ['another type', '/ngsi-ld/v1/entities?type=Farm', 400],
    ['too many', '/ngsi-ld/v1/entities?type=Device&limit=1001', 400],
    ['an entity of another organisation', '/ngsi-ld/v1/entities/urn:ngsi-ld:AgriParcel:aoba-field', 404],
    ['an unknown entity', '/ngsi-ld/v1/entities/urn:ngsi-ld:Device:nobody', 404],
    ['another name', '/ngsi-ld/v1/entities/urn:ngsi-ld:Farm:x', 400],
  ])('%s is refused', async (_name, path, status) => {
    expect((await tilth.call(viewer, 'GET', path)).status).toBe(status)
  })

  it('need a person who is signed in', async () =>
    expect((await tilth.call(null, 'GET', '/ngsi-ld/v1/entities?type=Device')).status).toBe(401))
})
