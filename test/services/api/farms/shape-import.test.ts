/** Shapes from a file: what is wrong is named, what is found is found again, and nothing changes unasked. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runSync } from '../../../../services/runtime/cooperative.ts'
import { readFeatures, type FeatureFile } from '../../../../services/api/farms/read-shapes.ts'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

type Corner = [number, number]
/** A square of 0.001° at so many thousandths east and north of 139, 36. */
const square = (x: number, y: number, size = 1): Corner[] => [
  ...([
    [x, y],
    [x + size, y],
    [x + size, y + size],
    [x, y + size],
    [x, y],
  ] as Corner[]),
]
const feature = (corners: Corner[], properties: object = {}, id?: string) => ({
  type: 'Feature',
  ...(id === undefined ? {} : { id }),
  properties,
  geometry: { type: 'Polygon', coordinates: [corners.map(([x, y]) => [139 + x / 1000, 36 + y / 1000])] },
})
const collection = (...features: object[]) => JSON.stringify({ type: 'FeatureCollection', features })
const fude = (x: number, y: number, landType: number, uuid: string) =>
  feature(square(x, y), {
    polygon_uuid: uuid,
    land_type: landType,
    issue_year: 2025,
    edit_year: 2024,
    history: '{}',
    local_government_cd: '152226',
    point_lng: 139 + (x + 0.5) / 1000,
    point_lat: 36 + (y + 0.5) / 1000,
  })

const read = (text: string): FeatureFile => {
  const file = runSync(readFeatures(text))
  if (!file.ok) throw new Error(file.error)
  return file.value
}
const refusal = (text: string): string => {
  const file = runSync(readFeatures(text))
  return file.ok ? 'taken' : file.error
}

describe('a file of shapes', () => {
  it('names each invalid feature, and accepts the others', () => {
    const { features, bad } = read(
      collection(
        feature(square(0, 0), { name: 'North 3' }),
        feature([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]], { name: 'Bow tie' }), // prettier-ignore
        feature([[0, 0], [1, 0], [1, 1]], { name: 'Open' }), // prettier-ignore
        feature(square(90_000, 0), { name: 'Beyond' }),
        feature(square(0, 0), { name: 'North 3 again' }),
        feature(square(5, 5), { name: 'two\nlines' }),
        { type: 'Point' },
      ),
    )
    expect(features.map(({ row, label }) => [row, label])).toEqual([[1, 'North 3']])
    expect(bad).toEqual([
      { row: 2, label: 'Bow tie', fault: 'crosses-itself' },
      { row: 3, label: 'Open', fault: 'not-closed' },
      { row: 4, label: 'Beyond', fault: 'outside' },
      { row: 5, label: 'North 3 again', fault: 'duplicate' },
      { row: 6, label: '', fault: 'bad-name' },
      { row: 7, label: '', fault: 'no-feature' },
    ])
  })

  it('of 筆ポリゴン is a paddy or a field by land_type, and each parcel is named by the start of its number', () => {
    const { features } = read(collection(fude(0, 0, 100, '0a1b2c3d-4e5f'), fude(2, 0, 200, 'ffeeddcc-bbaa')))
    expect(features.map(({ label, kind, name }) => [label, kind, name])).toEqual([
      ['0a1b2c3d', 'paddy', null],
      ['ffeeddcc', 'upland', null],
    ])
    expect(features[0]!.point).toEqual([139.0005, 36.0005])
  })

  it('rejects a point outside its parcel', () => {
    const parcel = fude(0, 0, 100, '0a1b2c3d')
    Object.assign(parcel.properties, { point_lng: 12, point_lat: 12 })
    expect(read(collection(parcel)).features[0]!.point[0]).toBeCloseTo(139.0005, 6)
  })

  it('is refused as a whole where it is no world map', () => {
    expect(refusal('{')).toMatch(/invalid JSON/)
    expect(refusal('[]')).toMatch(/FeatureCollection/)
    expect(refusal('{"type":"FeatureCollection"}')).toMatch(/FeatureCollection/)
    const projected = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::6676' } }
    expect(refusal(JSON.stringify({ crs: projected, features: [] }))).toMatch(/WGS 84.*6676/)
    const japanese = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::6668' } }
    expect(refusal(JSON.stringify({ crs: japanese, features: [] }))).toBe('taken')
    expect(refusal(collection(...Array(2_001).fill({})))).toMatch(/at most 2000/)
  })
})

describe('the import', () => {
  let tilth: TestApi
  let agronomist: string
  let viewer: string
  beforeAll(async () => {
    tilth = await startTestApi()
    await plantFarm(tilth.state, 'midori')
    agronomist = await tilth.signUp('midori', 'agronomist')
    viewer = await tilth.signUp('midori', 'viewer')
  })
  afterAll(() => tilth.stop())
  beforeEach(async () => {
    await tilth.state.updateTable('field').set({ geojson: null }).execute()
    await tilth.state.deleteFrom('field').where('id', 'not like', 'midori-%').execute()
  })

  const plain = { newIn: null, assigned: [] as { row: number; fieldId: string | null }[] }
  const newIn = { farmId: 'midori-farm', soilTexture: 'clay-loam', kind: 'upland' as const }
  const preview = async (text: string, how: object = {}) => {
    const answer = await tilth.call(agronomist, 'POST', '/api/shapes/preview', { text, ...plain, ...how })
    expect(answer.status, answer.text).toBe(200)
    return answer.body
  }
  const take = (text: string, seen: { hash: string; bad: unknown[] }, how: object = {}) => {
    const body = { text, ...plain, ...how, hash: seen.hash, leaveOut: seen.bad.length }
    return tilth.call(agronomist, 'POST', '/api/shapes/import', body)
  }
  const shapes = async () => (await tilth.call(viewer, 'GET', '/api/map')).body.fields as { id: string }[]

  it('changes nothing before a person has previewed and approved it; a repeat changes nothing', async () => {
    const text = collection(
      feature(square(0, 0), { name: 'midori North 3' }),
      feature(square(3, 0), {}, 'midori-paddy'),
      feature([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]], { name: 'Bow tie' }), // prettier-ignore
    )
    const seen = await preview(text)
    expect(seen.rows).toMatchObject([
      { row: 1, by: 'name', fieldId: 'midori-field', change: 'changed', enteredM2: 3000 },
      { row: 2, by: 'id', fieldId: 'midori-paddy', change: 'changed', enteredM2: 5000 },
    ])
    // the two areas stand side by side: 0.001° by 0.001° are 100 a here
    expect(seen.rows[0].areaM2).toBeCloseTo(10_004, -2)
    expect(seen.bad).toEqual([{ row: 3, label: 'Bow tie', fault: 'crosses-itself' }])
    expect(await shapes()).toEqual([])

    expect((await take(text, { ...seen, bad: [] })).body.error).toBe('BAD_REQUEST') // the bad one was not read
    expect((await take(`${text} `, seen)).body.message).toMatch(/hash/)
    expect(await shapes()).toEqual([])
    expect((await take(text, seen)).body).toEqual({ changed: 2, made: 0, leftOut: 1 })
    expect((await shapes()).map(({ id }) => id)).toEqual(['midori-field', 'midori-paddy'])

    const again = await preview(text)
    expect(again.rows.map(({ change }: { change: string }) => change)).toEqual(['same', 'same'])
    expect((await take(text, again)).body).toEqual({ changed: 0, made: 0, leftOut: 1 })
  })

  it('are on the yield map too, except for an invalid one', async () => {
    const yields = async (query = '') =>
      (await tilth.call(viewer, 'GET', `/api/reports/yields?year=2026&crop=soybean${query}`)).body
    expect(await yields()).toMatchObject({ fields: [], unplaced: 1, tiles: null })
    const text = collection(feature(square(0, 0), { name: 'midori North 3' }))
    await take(text, await preview(text))
    const { steps } = await yields()
    expect(steps).toEqual([expect.any(Number)]) // of one field
    expect(await yields('&farmId=midori-farm')).toMatchObject({
      fields: [{ id: 'midori-field', kgHa: steps[0], step: 1, shape: { type: 'Polygon' } }],
      unplaced: 0,
    })
    const geojson = JSON.stringify(feature([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]).geometry) // prettier-ignore
    await tilth.state
      .updateTable('field')
      .set({ geojson: geojson as never })
      .where('id', '=', 'midori-field')
      .execute()
    expect(await yields()).toMatchObject({ fields: [], unplaced: 1 })
    const none = await tilth.call(viewer, 'GET', '/api/reports/yields?farmId=akane-farm')
    expect([none.status, none.body.error]).toEqual([404, 'NOT_FOUND'])
  })

  it('creates fields from parcels in the chosen farm, and matches them again by location', async () => {
    const text = collection(fude(0, 0, 100, '0a1b2c3d-4e5f'), fude(2, 0, 200, 'ffeeddcc-bbaa'))
    const left = await preview(text)
    expect(left.rows.map(({ change }: { change: string }) => change)).toEqual(['left-out', 'left-out'])
    const seen = await preview(text, { newIn })
    expect((await take(text, seen, { newIn })).body).toEqual({ changed: 0, made: 2, leftOut: 0 })
    const { fields } = (await tilth.call(viewer, 'GET', '/api/farms')).body
    expect(fields.filter(({ name }: { name: string }) => /^(0a1b|ffee)/.test(name))).toMatchObject([
      { name: '0a1b2c3d', kind: 'paddy', soilTexture: 'clay-loam', farmId: 'midori-farm' },
      { name: 'ffeeddcc', kind: 'upland' },
    ])
    // the numbers of next year's file are others, the parcel is a little larger
    const next = collection(
      fude(0, 0, 100, '99999999'),
      feature(square(2, 0, 1.1), { polygon_uuid: '88888888' }),
    )
    expect((await preview(next, { newIn })).rows).toMatchObject([
      { by: 'place', fieldName: '0a1b2c3d', change: 'same' },
      { by: 'place', fieldName: 'ffeeddcc', change: 'changed' },
    ])
  })

  it('uses the field that a person chose for a parcel, and omits excluded parcels', async () => {
    const text = collection(fude(0, 0, 100, 'aaaa'), fude(2, 0, 100, 'bbbb'))
    const assigned = [
      { row: 1, fieldId: 'midori-paddy' },
      { row: 2, fieldId: null },
    ]
    const seen = await preview(text, { newIn, assigned })
    expect(seen.rows).toMatchObject([
      { by: 'person', fieldName: 'midori Paddy 7', change: 'changed' },
      { change: 'left-out' },
    ])
    expect((await take(text, seen, { newIn, assigned })).body).toMatchObject({ changed: 1, made: 0 })
  })

  it('names the second parcel for one field', async () => {
    const text = collection(
      feature(square(0, 0), { name: 'midori North 3' }),
      feature(square(3, 0), { name: 'ＭＩＤＯＲＩ Ｎｏｒｔｈ ３' }),
    )
    expect((await preview(text)).bad).toMatchObject([{ row: 2, fault: 'duplicate' }])
  })

  it('needs a soil of the table', async () => {
    const body = { text: collection(), ...plain, newIn: { ...newIn, soilTexture: 'chocolate' } }
    const answer = await tilth.call(agronomist, 'POST', '/api/shapes/preview', body)
    expect([answer.status, answer.body.message]).toEqual([
      400,
      'soilTexture: must be a texture of the soil table, got chocolate',
    ])
  })

  it('is undone for one field: its shape is removed, the field stays', async () => {
    const text = collection(feature(square(0, 0), { name: 'midori North 3' }))
    await take(text, await preview(text))
    expect((await tilth.call(viewer, 'DELETE', '/api/fields/midori-field/shape')).status).toBe(403)
    expect((await tilth.call(agronomist, 'DELETE', '/api/fields/midori-field/shape')).status).toBe(200)
    expect(await shapes()).toEqual([])
    expect((await tilth.call(viewer, 'GET', '/api/fields/midori-field')).status).toBe(200)
  })

  it('a field that is entered with a shape that crosses itself is refused, with the reason', async () => {
    const corners = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]] as Corner[] // prettier-ignore
    const body = {
      farmId: 'midori-farm',
      name: 'x',
      kind: 'upland',
      areaM2: 1,
      soilTexture: 'loam',
      geojson: feature(corners).geometry,
    }
    const answer = await tilth.call(agronomist, 'POST', '/api/fields', body)
    expect([answer.status, answer.body.message]).toEqual([
      400,
      'geojson: must be a valid field shape, got a fault: crosses-itself',
    ])
  })
})

describe('the pictures behind the map', () => {
  const policyOf = async (tilth: TestApi) =>
    String((await tilth.api.inject({ method: 'GET', url: '/healthz' })).headers['content-security-policy'])

  it('come from one host, the only one that the policy of the page allows', async () => {
    const mapTiles = { url: 'https://tile.example.org/{z}/{x}/{y}.png', attribution: '© Example' }
    const tilth = await startTestApi({ mapTiles })
    try {
      const viewer = await tilth.signUp('midori', 'viewer')
      expect((await tilth.call(viewer, 'GET', '/api/map')).body.tiles).toEqual(mapTiles)
      expect(await policyOf(tilth)).toContain("img-src 'self' data: blob: https://tile.example.org;")
    } finally {
      await tilth.stop()
    }
  })

  it('are absent where the operator chose no host', async () => {
    const tilth = await startTestApi()
    try {
      expect(await policyOf(tilth)).toContain("img-src 'self' data: blob:;")
    } finally {
      await tilth.stop()
    }
  })
})
