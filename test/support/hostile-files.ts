/**
 * Files that an attacker sends to break a parser: small to send, and without a limit large or slow to read. Each is made
 * here, so that no archive of them is needed, and each must be answered with one line that states what is wrong.
 */
import { zipSync, type Zippable } from 'fflate'
import { smallJpeg } from './small-jpeg.ts'

/** Where a person can send a file. */
export type Entrance = 'members' | 'shapes' | 'products-csv' | 'products-json' | 'photo' | 'label'

export interface HostileFile {
  name: string
  to: Entrance
  bytes(): Uint8Array
  /** in the message of the response */
  expected: RegExp
  /** takes more than half a second to make and to read: left to `npm run torture -- F22` */
  isSlow: boolean
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const file = (
  to: Entrance,
  name: string,
  expected: RegExp,
  content: () => Uint8Array | string,
): HostileFile => ({
  name,
  to,
  expected,
  isSlow: false,
  bytes: () => {
    const made = content()
    return typeof made === 'string' ? encode(made) : made
  },
})

const slow = (of: HostileFile): HostileFile => ({ ...of, isSlow: true })

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'

/** A workbook of one sheet; `rows`: the XML of its rows. */
export function workbook(
  rows: string,
  { shared, extra = {} }: { shared?: string; extra?: Zippable } = {},
): Uint8Array {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`
  return zipSync(
    {
      'xl/workbook.xml': encode(
        `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`,
      ),
      'xl/_rels/workbook.xml.rels': encode(
        `<Relationships xmlns="${PACKAGE}">${relation('r1', 'worksheet', 'worksheets/sheet1.xml')}${relation('r2', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
      ),
      'xl/sharedStrings.xml': encode(`<sst xmlns="${MAIN}">${shared ?? ''}</sst>`),
      'xl/worksheets/sheet1.xml': encode(
        `<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`,
      ),
      ...extra,
    },
    { level: 6 },
  )
}

const text = (reference: string, value: string) =>
  `<c r="${reference}" t="inlineStr"><is><t>${value}</t></is></c>`
const first = `<row r="1">${text('A1', 'Member')}</row>`
const sheet = (row: string) => workbook(first + row)
/** A, B, ... Z, AA, ... */
const letters = (column: number): string =>
  column < 26 ? String.fromCharCode(65 + column) : letters(Math.floor(column / 26) - 1) + letters(column % 26)

/** A zip whose directory and local headers declare another size for its first file. */
function lyingZip(bytes: Uint8Array, declaredBytes: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setUint32(22, declaredBytes, true)
  const directory = view.getUint32(bytes.length - 22 + 16, true)
  view.setUint32(directory + 24, declaredBytes, true)
  return bytes
}

const workbooks = [
  file('members', 'two cells, in the corners of the largest sheet', /at most 20000 rows, got 1048576/, () =>
    sheet(`<row r="1048576">${text('XFD1048576', 'x')}</row>`),
  ),
  file('members', 'a cell in the last column', /at most 60 columns, got 16384/, () =>
    sheet(`<row r="2">${text('XFD2', 'x')}</row>`),
  ),
  file('members', 'a cell reference written with an XML entity', /at most 20000 rows, got 1048576/, () =>
    sheet(`<row r="2">${text('&#88;FD1048576', 'x')}</row>`),
  ),
  file('members', 'a cell reference with a prefix', /at most 20000 rows, got 1048576/, () =>
    sheet(`<row r="2"><c r="A2" x:r="A1048576" t="str"><v>x</v></c></row>`),
  ),
  file('members', 'row 1,000,000,000', /first sheet cannot be read/, () =>
    sheet(`<row r="1000000000">${text('A1000000000', 'x')}</row>`),
  ),
  file('members', 'the first column in the last row element', /at most 20000 rows, got 1048576/, () =>
    sheet(`<row r="1048576">${text('A2', 'x')}</row>`),
  ),
  slow(
    file('members', 'one text of 36 MB', /at most 100000 characters in a cell, got 36000000/, () =>
      sheet(`<row r="2">${text('A2', 'x'.repeat(36_000_000))}</row>`),
    ),
  ),
  file('members', 'one text of 200,000 characters', /at most 100000 characters in a cell, got 200000/, () =>
    sheet(`<row r="2">${text('A2', 'x'.repeat(200_000))}</row>`),
  ),
  file('members', 'a comment of 200,000 characters', /first sheet cannot be read/, () =>
    sheet(`<!--${'x'.repeat(200_000)}-->`),
  ),
  file(
    'members',
    'a file that unpacks to 1 MB where the zip declares 100 bytes',
    /first sheet cannot be read/,
    () => lyingZip(zipSync({ 'xl/workbook.xml': new Uint8Array(1_000_000) }), 100),
  ),
  slow(
    file('members', 'one shared text of 36 MB', /at most 100000 characters in a cell/, () =>
      workbook(first, { shared: `<si><t>${'x'.repeat(36_000_000)}</t></si>` }),
    ),
  ),
  slow(
    file('members', 'a comment of 30 MB', /first sheet cannot be read/, () =>
      sheet(`<!--${'x'.repeat(30_000_000)}-->`),
    ),
  ),
  slow(
    file('members', 'a comment of 30 MB of brackets', /at most 100000 characters in a cell/, () =>
      sheet(`<!--${'>'.repeat(30_000_000)}-->`),
    ),
  ),
  slow(
    file('members', 'a tag with 3,000,000 attributes', /first sheet cannot be read/, () =>
      sheet(`<row r="2"><c r="A2" ${'b="" '.repeat(3_000_000)}/></row>`),
    ),
  ),
  slow(
    file('members', '5,000,000 empty rows', /first sheet cannot be read/, () =>
      sheet('<row/>'.repeat(5_000_000)),
    ),
  ),
  slow(
    file('members', '3,000,000 levels of elements', /got an empty table|cannot be read/, () =>
      sheet('<a>'.repeat(3_000_000)),
    ),
  ),
  slow(
    file(
      'members',
      'a text of 30,000 characters in 250,000 cells',
      /at most 10000000 characters in all cells/,
      () =>
        workbook(
          Array.from(
            { length: 4_500 },
            (_, row) =>
              `<row r="${row + 1}">${Array.from({ length: 55 }, (_, column) => `<c r="${letters(column)}${row + 1}" t="s"><v>0</v></c>`).join('')}</row>`,
          ).join(''),
          { shared: `<si><t>${'x'.repeat(30_000)}</t></si>` },
        ),
    ),
  ),
  file(
    'members',
    'a character that becomes eighteen, 90,000 times',
    /at most 100000 characters in a cell/,
    () => sheet(`<row r="2">${text('A2', '\ufdfa'.repeat(90_000))}</row>`),
  ),
  slow(
    file('members', 'a file of 45 MB in the zip', /at most 40 MB when unpacked, got 4\d MB/, () =>
      workbook(first, { extra: { 'xl/a.xml': new Uint8Array(45_000_000) } }),
    ),
  ),
  slow(
    file('members', 'a file that unpacks to more than the zip declares', /first sheet cannot be read/, () =>
      lyingZip(zipSync({ 'xl/workbook.xml': new Uint8Array(50_000_000) }), 100),
    ),
  ),
  file('members', '5,000 files in the zip', /first sheet cannot be read/, () =>
    zipSync(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`${i}.xml`, new Uint8Array(1)])), {
      level: 0,
    }),
  ),
  file('members', 'half a zip', /first sheet cannot be read/, () => sheet('').subarray(0, 400)),
]

const header = 'Member,Field,Area (a)\n'
const feature = (properties: string, geometry = 'null') =>
  `{"type":"Feature","properties":${properties},"geometry":${geometry}}`
const collection = (...features: string[]) => `{"type":"FeatureCollection","features":[${features.join()}]}`

const tables = [
  file('members', '61 columns', /at most 60 columns, got 61/, () => ','.repeat(60) + '\nx'),
  file('members', '700,000 columns', /at most 60 columns, got 70/, () => ','.repeat(700_000) + 'x'),
  file('members', '100,000 rows', /at most 20000 rows, got 100001/, () => header + 'a,b,1\n'.repeat(100_000)),
  slow(file('members', '700,000 line ends', /at most 20000 rows, got 700000/, () => '\n'.repeat(700_000))),
  file(
    'members',
    'a cell of 700,000 characters',
    /at most 100000 characters in a cell, got 700000/,
    () => `${header}${'x'.repeat(700_000)},b,1`,
  ),
  file(
    'members',
    'a quote that never ends',
    /at most 100000 characters in a cell/,
    () => `${header}"${'a,b,1\n'.repeat(90_000)}`,
  ),
  file(
    'members',
    '700,000 quotes',
    /at most 100000 characters in a cell/,
    () => `${header}"${'""'.repeat(350_000)}`,
  ),
  file('members', 'bytes of no format', /expected XLSX, or text/, () =>
    new Uint8Array(100_000).map((_, i) => i & 3),
  ),
  file('members', 'UTF-16', /expected XLSX, or text/, () => new Uint8Array([0xff, 0xfe, 0x61, 0, 0x0a, 0])),
  file('members', 'GeoJSON of 200,000 levels', /at most 20 levels/, () =>
    collection(feature(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)),
  ),
  file('members', 'GeoJSON with 30,000 features', /at most 20000 rows, got 30000/, () =>
    collection(...Array.from({ length: 30_000 }, () => '{"properties":{}}')),
  ),
  file('members', 'GeoJSON with 50,000 properties', /at most 60 columns, got 50000/, () =>
    collection(feature(`{${Array.from({ length: 50_000 }, (_, i) => `"a${i}":1`).join()}}`)),
  ),
  file('members', 'GeoJSON without an end', /expected a GeoJSON FeatureCollection/, () =>
    collection(feature('{}')).slice(0, -3),
  ),
]

const shapes = [
  file('shapes', 'GeoJSON of 400,000 levels', /at most 20 levels/, () =>
    collection(feature('{}', `{"type":"Polygon","coordinates":${'['.repeat(400_000)}`)),
  ),
  file('shapes', '2,001 features', /at most 2000 features, got 2001/, () =>
    collection(...Array.from({ length: 2_001 }, () => feature('{}'))),
  ),
  file('shapes', 'GeoJSON without an end', /invalid JSON/, () => collection(feature('{}')).slice(0, -3)),
  file(
    'shapes',
    'metres of a projection',
    /must be in WGS 84/,
    () => `{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:2450"}},"features":[]}`,
  ),
]

const products = [
  file(
    'products-csv',
    '100,000 rows',
    /at most 20000 rows, got 100000/,
    () => `country,registration,name,kind,crop,target\n${'a,b\n'.repeat(100_000)}`,
  ),
  file(
    'products-csv',
    'a quote that never ends',
    /row 2: Quoted field unterminated/,
    () => `country,registration,name,kind,crop,target\n"${'a,b\n'.repeat(100_000)}`,
  ),
  file('products-csv', '100,000 columns', /columns must be of country/, () =>
    Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(),
  ),
  file(
    'products-json',
    '400,000 levels',
    /at most 20 levels/,
    () => '['.repeat(400_000) + ']'.repeat(400_000),
  ),
  file(
    'products-json',
    '60,000 columns',
    /columns must be of country/,
    () => `[{${Array.from({ length: 60_000 }, (_, i) => `"c${i}":1`).join()}}]`,
  ),
  file(
    'products-json',
    '200,000 rows',
    /at most 20000 rows, got 200000/,
    () => `[${Array(200_000).fill('{}').join()}]`,
  ),
]

const jpeg = (...parts: (Uint8Array | number[])[]) =>
  Buffer.concat(parts.map((part) => Uint8Array.from(part)))
const photos = [
  file('photo', 'no picture', /expected a complete JPEG/, () => new Uint8Array(500_000).fill(0x41)),
  file('photo', 'a JPEG of 65,535 x 65,535 pixels', /at most 1280 pixels/, () =>
    Buffer.from(smallJpeg(65_535, 65_535), 'base64'),
  ),
  file('photo', '160,000 markers and no frame', /with a frame that browsers support/, () =>
    jpeg(
      [0xff, 0xd8],
      new Uint8Array(640_000).map((_, i) => [0xff, 0xfe, 0, 2][i % 4]!),
      [0xff, 0xd9],
    ),
  ),
  file('photo', 'a segment longer than the file', /with a frame that browsers support/, () =>
    jpeg([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff], new Uint8Array(100), [0xff, 0xd9]),
  ),
]

const labels = [
  file('label', 'noise', /no QR code found/, () =>
    Uint8Array.from({ length: 640_000 }, (_, i) => ((i * 2_654_435_761) >>> 13) & 255),
  ),
]

export const hostileFiles: readonly HostileFile[] = [
  ...workbooks,
  ...tables,
  ...shapes,
  ...products,
  ...photos,
  ...labels,
]

/** A file that is as large as it may be, and takes the most work of its kind. */
export interface HeavyFile extends Pick<HostileFile, 'to' | 'bytes' | 'name'> {
  status: number
}

/** A ring whose edges all lie over one another and cross nowhere: every pair must be compared. */
const spiky = (corners: number, index: number): string => {
  const points = Array.from({ length: corners }, (_, i) => [
    138 + (i % 2 === 0 ? 0 : 0.02),
    36 + index * 1e-3 + i * 1e-7 * (i % 2 === 0 ? 1 : 3),
  ])
  return JSON.stringify([...points, [138.03, 36.02 + index * 1e-3], points[0]])
}

export const heavyFiles: readonly HeavyFile[] = [
  {
    name: '20 outlines of 1,900 corners that cross themselves',
    to: 'shapes',
    status: 200,
    bytes: () =>
      encode(
        collection(
          ...Array.from({ length: 20 }, (_, i) =>
            feature('{}', `{"type":"Polygon","coordinates":[${spiky(1_900, i)}]}`),
          ),
        ),
      ),
  },
  {
    name: '20,000 rows',
    to: 'members',
    status: 200,
    bytes: () =>
      encode(
        'Code,Member,Field,Area (a)\n' +
          Array.from(
            { length: 19_999 },
            (_, i) => `${Math.floor(i / 10)},Mori ${Math.floor(i / 10)},F${i % 10},12`,
          ).join('\n'),
      ),
  },
  {
    name: '9,000 products',
    to: 'products-csv',
    status: 200,
    bytes: () =>
      encode(
        'country,registration,name,kind,crop,target,dose_min,dose_max,dose_unit,phi_days\n' +
          Array.from(
            { length: 9_000 },
            (_, i) => `JP,${i},Product ${i},fungicide,rice,rice-leaf-blast,1,2,kg/ha,14`,
          ).join('\n'),
      ),
  },
  { name: 'a text of brackets', to: 'shapes', status: 400, bytes: () => encode('{"a":'.repeat(150_000)) },
]

/** The request that sends a file; `deviceId`: of the device that a photo shows. */
export function requestOf(
  { to }: Pick<HostileFile, 'to'>,
  bytes: Uint8Array,
  deviceId = 'none',
): { path: string; body: object } {
  const base64 = () => Buffer.from(bytes).toString('base64')
  const content = () => new TextDecoder().decode(bytes)
  switch (to) {
    case 'members':
      return { path: '/api/memberships/preview', body: { base64: base64() } }
    case 'shapes':
      return { path: '/api/shapes/preview', body: { text: content(), newIn: null, assigned: [] } }
    case 'products-csv':
    case 'products-json':
      return { path: '/api/products/preview', body: { format: to.slice(9), text: content() } }
    case 'photo':
      return { path: `/api/devices/${deviceId}/photo`, body: { thumbnail: smallJpeg(), picture: base64() } }
    case 'label':
      return { path: '/api/labels/read', body: { width: 800, height: bytes.length / 800, grey: base64() } }
  }
}
