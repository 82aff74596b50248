/** Tables of members as offices have them: what is read, and how what cannot be used is named. */
import fc from 'fast-check'
import writeExcelFile from 'write-excel-file/node'
import { describe, expect, it } from 'vitest'
import { cropOf } from '../../../../services/agronomy/crops/catalogue.ts'
import { soilOf } from '../../../../services/agronomy/water/soils.ts'
import { readMembers } from '../../../../services/api/co-op/read-members.ts'
import { readTable } from '../../../../services/api/co-op/read-table.ts'
import { parseDay, parseNumber } from '../../../../services/api/co-op/table-cells.ts'
import { cropNames, soilNames } from '../../../../services/api/co-op/table-words.ts'
import { readCatalogue } from '../../../support/read-catalogue.ts'
import { runs } from '../../../support/runs.ts'

const read = async (text: string | Uint8Array) => {
  const table = await readTable(typeof text === 'string' ? new TextEncoder().encode(text) : text)
  return table.ok ? readMembers(table.value) : table.error.params
}
const head =
  'Code,Member,Field,Area (a),Kind,Crop,Variety,Planted,Soil,Shares yield,Shares name,Consent paper'
const good = '0001,Aoki,North,12,paddy,rice,Koshihikari,2026-05-18,clay,yes,yes,form 1'

describe('a table', () => {
  it('has one row per field; rows with one code are one member', async () => {
    expect(await read(`${head}\n${good}\n0001,Aoki,South,30,,soybean,,2026/6/20,,,,\n`)).toEqual({
      bad: [],
      leftOut: 0,
      rows: 2,
      members: [
        {
          memberCode: '0001',
          jaCode: null,
          name: 'Aoki',
          place: null,
          consent: {
            seesYield: true,
            seesWater: false,
            seesSprays: false,
            isNamed: true,
            signedDocumentRef: 'form 1',
          },
          fields: [
            {
              row: 2,
              name: 'North',
              areaM2: 1_200,
              kind: 'paddy',
              soilTexture: 'clay',
              shape: null,
              season: { crop: 'rice', variety: 'Koshihikari', plantedDay: '2026-05-18' },
            },
            {
              row: 3,
              name: 'South',
              areaM2: 3_000,
              kind: 'upland',
              soilTexture: null,
              shape: null,
              season: { crop: 'soybean', variety: null, plantedDay: '2026-06-20' },
            },
          ],
        },
      ],
    })
  })

  it('may be in Shift_JIS, with full-width digits and a year of an era', async () => {
    // 組合員コード,組合員,圃場,面積（a）,作物,植付日 / 0001,田中,一番田,１２.５,水稲,令和8年5月18日
    const shiftJis =
      'kWeNh4j1g1KBW4NoLJFnjYeI9SyV3o/qLJbKkM+BaWGBaiyN7JWoLJBBlXST+g0KMDAwMSyTY5KGLIjqlNSTYyyCUIJRLoJULJCFiO4sl9+YYTiUTjWMjjE4k/oNCg=='
    const bytes = Buffer.from(shiftJis, 'base64')
    expect(await read(new Uint8Array(bytes))).toMatchObject({
      members: [
        {
          memberCode: '0001',
          name: '田中',
          fields: [
            {
              name: '一番田',
              areaM2: 1_250,
              kind: 'paddy',
              season: { crop: 'rice', plantedDay: '2026-05-18' },
            },
          ],
        },
      ],
    })
  })

  it('may be an XLSX, with its dates as dates and its numbers as numbers', async () => {
    const cells = [
      ['Code', 'Member', 'Field', 'Area (ha)', 'Crop', 'Planted'].map((value) => ({ value })),
      [
        { value: '0412-0031' },
        { value: 'Sato' },
        { value: 'Hill' },
        { value: 0.12 },
        { value: 'rice' },
        { value: new Date(Date.UTC(2026, 4, 18)), format: 'yyyy-mm-dd' },
      ],
    ]
    const bytes = await writeExcelFile(cells as never).toBuffer()
    expect(await read(new Uint8Array(bytes))).toMatchObject({
      members: [
        { memberCode: '0412-0031', fields: [{ areaM2: 1_200, season: { plantedDay: '2026-05-18' } }] },
      ],
    })
  })

  it('may be GeoJSON: properties are columns; area and location default to those of the shape', async () => {
    const square = (lon: number) => [
      [lon, 37.5],
      [lon + 0.001, 37.5],
      [lon + 0.001, 37.501],
      [lon, 37.501],
      [lon, 37.5],
    ]
    const feature = (properties: object, geometry: object | null) => ({
      type: 'Feature',
      properties,
      geometry,
    })
    const file = {
      type: 'FeatureCollection',
      features: [
        // in the format of 筆ポリゴン, with the office's own columns in addition
        feature(
          {
            組合員: '青木',
            圃場: '北',
            land_type: 100,
            point_lat: 37.5005,
            point_lng: 138.9005,
            面積a: null,
          },
          { type: 'Polygon', coordinates: [square(138.9)] },
        ),
        feature({ 組合員: '青木', 圃場: '畑', land_type: '200', 面積a: '12' }, null),
        feature({ 組合員: '森', 圃場: '南', land_type: 100 }, { type: 'Polygon', coordinates: [[[0, 0]]] }),
      ],
    }
    const read = (await readTable(Buffer.from(JSON.stringify(file)))) as { ok: true; value: string[][] }
    const { members, bad } = readMembers(read.value)
    expect(bad.map(({ row, column, fault }) => [row, column, fault])).toEqual([
      [2, 'areaA', 'missing'], // the office has a column of areas: an empty one is not filled behind its back
      [4, 'areaA', 'missing'],
      [4, 'shape', 'unknown'],
    ])
    expect(members[0]!.fields).toMatchObject([{ name: '畑', kind: 'upland', areaM2: 1200, shape: null }])

    for (const { properties } of file.features) delete (properties as Record<string, unknown>)['面積a']
    file.features.splice(1)
    const again = (await readTable(Buffer.from(JSON.stringify(file)))) as { ok: true; value: string[][] }
    const [member] = readMembers(again.value).members
    expect(member).toMatchObject({ name: '青木', place: { latDeg: 37.5005, lonDeg: 138.9005 } })
    const [field] = member!.fields
    expect(field).toMatchObject({ name: '北', kind: 'paddy', shape: { type: 'Polygon' } })
    // 0.001 degrees either way at 37.5 N
    expect(field!.areaM2).toBeGreaterThan(9_700)
    expect(field!.areaM2).toBeLessThan(9_900)
  })

  it('may be 筆ポリゴン with owners alone: a field has the id of its parcel until somebody names it', async () => {
    const corners = [[138.9, 37.5], [138.901, 37.5], [138.901, 37.501], [138.9, 37.501], [138.9, 37.5]] // prettier-ignore
    const parcel = (polygon_uuid: string) => ({
      type: 'Feature',
      properties: { polygon_uuid, land_type: 100, 農家名: '青木' },
      geometry: { type: 'Polygon', coordinates: [corners] },
    })
    const ids = ['0b6b1d5c-9a9f-4c1e-8a54-3f6f7d1e2a10', '51c0ffee-9a9f-4c1e-8a54-3f6f7d1e2a11']
    const file = { type: 'FeatureCollection', features: ids.map(parcel) }
    const table = (await readTable(Buffer.from(JSON.stringify(file)))) as { ok: true; value: string[][] }
    expect(readMembers(table.value)).toMatchObject({
      bad: [],
      members: [{ name: '青木', fields: [{ name: '0b6b1d5c' }, { name: '51c0ffee' }] }],
    })
  })

  it('with less than one are in a column of ares asks whether it is in hectares', async () => {
    const small = await read('Member,Field,Area (a)\nAoki,North,0.12\nAoki,South,1\n')
    expect(small).toMatchObject({
      bad: [{ row: 2, column: 'areaA', fault: 'too-small', received: '0.12' }],
      members: [{ fields: [{ name: 'South', areaM2: 100 }] }],
    })
    const twice = await read('Member,Field,Area (a),Area (m2)\nAoki,North,0.12,12\n')
    expect(twice).toMatchObject({ bad: [], members: [{ fields: [{ areaM2: 12 }] }] })
  })

  it('that resembles GeoJSON but is none is rejected with the expected format', async () => {
    for (const text of [
      '{',
      '{"type":"Feature"}',
      '{"type":"FeatureCollection","features":[]}',
      '{"features":[1]}',
    ])
      expect(await readTable(Buffer.from(text))).toMatchObject({
        ok: false,
        error: { params: { fault: 'features' } },
      })
  })

  it('names every invalid cell with its value, and uses nothing of its row', async () => {
    const rows = [
      good,
      '0001,Aoki,East,twelve,paddy,rice,,2026-05-18,,,,',
      '0001,Aoki,West,12,swamp,moss,,2026-02-30,moon,,,',
      '0001,Abe,Hill,12,,,,,,,,',
      '0001,Aoki,North,13,,,,,,,,',
      '0002,,River,0,,,,,,,,',
      '0003,Ito,Shrine,5,,rice,,,,yes,,',
    ]
    const found = await read([head, ...rows].join('\n'))
    expect(found).toMatchObject({ members: [{ name: 'Aoki', fields: [{ name: 'North' }] }] })
    expect((found as { bad: object[] }).bad).toEqual([
      { row: 3, column: 'areaA', fault: 'not-a-number', received: 'twelve' },
      { row: 4, column: 'crop', fault: 'unknown', received: 'moss' },
      { row: 4, column: 'planted', fault: 'not-a-day', received: '2026-02-30' },
      { row: 4, column: 'soil', fault: 'unknown', received: 'moon' },
      { row: 4, column: 'kind', fault: 'unknown', received: 'swamp' },
      { row: 5, column: 'member', fault: 'conflict', received: 'Abe' },
      { row: 6, column: 'field', fault: 'duplicate', received: 'North' },
      { row: 7, column: 'member', fault: 'missing', received: '' },
      { row: 7, column: 'areaA', fault: 'out-of-range', received: '0' },
      { row: 8, column: 'signedDocumentRef', fault: 'missing', received: '' },
      { row: 8, column: 'planted', fault: 'missing', received: '' },
    ])
  })

  it('names a cell once: a value that is too long is not also missing', async () => {
    const long = 'x'.repeat(121)
    const found = await read([head, good.replace('Aoki', long).replace('North', long)].join('\n'))
    expect((found as { bad: object[] }).bad).toEqual([
      { row: 2, column: 'member', fault: 'too-long', received: long.slice(0, 60) },
      { row: 2, column: 'field', fault: 'too-long', received: long.slice(0, 60) },
    ])
  })

  it('has the row numbers of the spreadsheet, also where rows are left empty', async () => {
    const rows = ['', head, '', good, ',,,', '0002,Ito,Shrine,five', '']
    const bad = [{ row: 6, column: 'areaA', fault: 'not-a-number', received: 'five' }]
    expect(await read(rows.join('\n'))).toMatchObject({ bad, rows: 2, members: [{ fields: [{ row: 4 }] }] })
    const cells = rows.map((row) => row.split(',').map((value) => (value === '' ? null : { value })))
    const bytes = await writeExcelFile(cells as never).toBuffer()
    expect(await read(new Uint8Array(bytes))).toMatchObject({ bad, rows: 2 })
  })

  it('without a required column names it', async () => {
    expect(await read('Name,Size\nx,1\n')).toEqual({
      bad: ['member', 'field', 'areaA'].map((column) => ({
        row: 1,
        column,
        fault: 'no-column',
        received: '',
      })),
      members: [],
      leftOut: 1,
      rows: 1,
    })
  })

  it('of an unknown format or encoding is rejected with the reason', async () => {
    expect(await read(new Uint8Array([0, 1, 2, 0xff, 0xfe]))).toEqual({ fault: 'format' })
    expect(await read(Buffer.from('%PDF-1.7\n\u0001\u0002\u00ff', 'latin1'))).toEqual({ fault: 'format' })
    // as office programs write "Unicode text", and a Western one its umlauts at the end of a line
    expect(await read(Buffer.from('\ufeffMember\tField', 'utf16le'))).toEqual({ fault: 'encoding' })
    expect(await read(Buffer.from('Member,Field\nMüller,Höhe\u00fc\n', 'latin1'))).toEqual({
      fault: 'encoding',
    })
    expect(await read(new Uint8Array([0x50, 0x4b, 3, 4]))).toEqual({ fault: 'workbook' })
  })

  it('that is empty, too long or too wide is rejected with the limit', async () => {
    for (const text of ['', '\n\n', ',,\n,']) expect(await read(text)).toEqual({ fault: 'empty' })
    const long = [head, ...Array.from({ length: 20_000 }, () => good)].join('\n')
    expect(await read(long)).toEqual({ fault: 'rows', received: 20_001, most: 20_000 })
    expect(await read(`${head}${',x'.repeat(50)}`)).toEqual({ fault: 'columns', received: 62, most: 60 })
  })

  it('that expands beyond the limit is not unpacked', async () => {
    const bytes = new Uint8Array(await writeExcelFile([[{ value: 'x' }]] as never).toBuffer())
    const at = bytes.findLastIndex((_, i) => bytes[i] === 0x50 && bytes[i + 1] === 0x4b && bytes[i + 2] === 1)
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 24, 0xf0000000, true)
    expect(await read(bytes)).toEqual({ fault: 'unpacked', mostMb: 40 })
  })

  it('of arbitrary bytes always returns a result', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, isZip) => {
        const found = await read(isZip ? new Uint8Array([0x50, 0x4b, 3, 4, ...bytes]) : bytes)
        expect(found).toBeDefined()
      }),
      { numRuns: runs(200) },
    )
  })
})

describe('a cell', () => {
  it.each([
    ['2026-05-18', '2026-05-18'],
    ['2026/5/8', '2026-05-08'],
    ['2026年5月18日', '2026-05-18'],
    ['令和8年5月18日', '2026-05-18'],
    ['令和元年5月1日', '2019-05-01'],
    ['R8.5.18', '2026-05-18'],
    ['平成30年10月2日', '2018-10-02'],
    ['18 May', null],
    ['8.5.18', null], // of which era?
    ['2026-13-01', null],
  ])('%s as a day is %s', (text, day) => expect(parseDay(text)).toBe(day))

  it.each([
    ['1,234.5', 1234.5],
    ['12.5', 12.5],
    ['-3', -3],
    ['1,23', null],
    ['12 a', null],
    ['', null],
    ['1e9', null],
  ])('%s as a number is %s', (text, value) => expect(parseNumber(text)).toBe(value))
})

describe('the terms', () => {
  const ja = readCatalogue('ja')

  it('for crops and soils map to existing values, and are those of the dashboard', () => {
    for (const [name, id] of Object.entries(cropNames)) {
      expect([name, cropOf(id) !== undefined]).toEqual([name, true])
      if (name !== '稲') expect([id, name]).toEqual([id, ja[`crop.${id}`]])
    }
    for (const [name, texture] of Object.entries(soilNames)) {
      expect([name, soilOf(texture) !== undefined]).toEqual([name, true])
      expect(name).toBe(ja[`texture.${texture}`])
    }
  })
})
