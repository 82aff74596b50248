/**
 * Hostile names (B14): every text that a person can send is either refused as not being one line, or comes back as it
 * was sent, from every list and every export, and changes nothing else. HTML is shown by test/e2e/policy.test.ts, line
 * protocol by the suite of the series store on a real InfluxDB.
 */
import fc from 'fast-check'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TSchema } from 'typebox'
import { addDays } from '../../../../broker/contract/time.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { callOf, isWriting, offered, routeCases } from '../route-cases.ts'
import { plantOrganisations } from '../route-cases/plant.ts'
import type { Known } from '../route-cases/route-case.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let known: Known
let cookie: string

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  const planted = await plantOrganisations(tilth)
  known = planted.known
  cookie = planted.admin.midori!
})
afterAll(() => tilth.stop())

const attacks = [
  "'; drop table farm; --",
  '" or ""="',
  '=HYPERLINK("http://evil.example","x")',
  '＝1+1',
  '+1+cmd|calc',
  '-2+3',
  '@SUM(A1)',
  ' =1',
  'a,b;c\td',
  'a"b""c',
  'line\nof its own',
  'carriage\rreturn',
  'nul\u0000byte',
  'turned \u202e around',
  'half \ud800 a sign',
  'no\u2028line',
  '\ufeffmark',
  '<script>alert(1)</script>',
  'weather,org=akane v=1 1',
  'x\\',
  '${process.env}',
  '%s%n',
  '../../etc/passwd',
  '__proto__',
  '田中さんの畑🌾',
  'e\u0301',
  '   ',
]
const hostile = fc.oneof(
  fc.constantFrom(...attacks),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.tuple(fc.constantFrom(...attacks), fc.constantFrom(...attacks)).map(([a, b]) => a + b),
)

/** By code points, apart from the pattern of the schemas. */
function isOneLine(text: string): boolean {
  return [...text].every((sign) => {
    const code = sign.codePointAt(0)!
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0)
    const turns = (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0xfeff
    const isHalf = code >= 0xd800 && code <= 0xdfff
    return !isControl && !turns && !isHalf
  })
}
const isSaid = (text: string) => isOneLine(text) && text.trim() !== ''

const call = (method: 'GET' | 'POST', url: string, body?: object) => tilth.call(cookie, method, url, body)

describe('a hostile text', () => {
  it('as the name of a farm, a field, a crop variety, a pump, a zone or a device is returned unchanged (B14)', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.nat(), async (text, n) => {
        const makes: [string, object, (made: { id: string }) => Promise<unknown>][] = [
          [
            '/api/farms',
            { name: text, memberCode: null, timeZone: 'Asia/Tokyo', latDeg: 1, lonDeg: 1, elevationM: 1 },
            async ({ id }) => farmOf('farms', id, 'name'),
          ],
          [
            '/api/fields',
            body('POST /api/fields', { name: text }),
            async ({ id }) => farmOf('fields', id, 'name'),
          ],
          [
            '/api/seasons',
            body('POST /api/seasons', { variety: text, plantedDay: addDays('2000-01-01', n % 9_000) }),
            async ({ id }) => farmOf('seasons', id, 'variety'),
          ],
          [
            '/api/pumps',
            body('POST /api/pumps', { name: text }),
            async ({ id }) => farmOf('pumps', id, 'name'),
          ],
          [
            '/api/zones',
            body('POST /api/zones', { name: text }),
            async ({ id }) => farmOf('zones', id, 'name'),
          ],
          [
            '/api/devices',
            { id: `device-${n}`, name: text, kind: 'probe' },
            async ({ id }) =>
              (await call('GET', '/api/devices')).body.find((row: { id: string }) => row.id === id).name,
          ],
        ]
        for (const [url, form, shown] of makes) {
          const answer = await call('POST', url, form)
          const isGood = url === '/api/seasons' ? isOneLine(text) : isSaid(text)
          if (answer.status === 409) continue // the same device again
          expect([url, text, answer.status]).toEqual([url, text, isGood ? 200 : 400])
          if (!isGood) expect(answer.body.message).toMatch(/(name|variety): must/)
          else expect([url, await shown(answer.body as { id: string })]).toEqual([url, text])
        }
      }),
      { numRuns: 60 },
    )
    expect(await counts()).toMatchObject({ midori: expect.any(Number) as number, akane: 2 })
  }, 120_000)

  it("is in the season's CSV in its own cell, and no cell is a formula (B14)", async () => {
    for (const lang of ['en', 'ja'] as const) {
      const { text } = await call('GET', `/api/reports/season.csv?year=2026&lang=${lang}`)
      const { data, errors } = Papa.parse<string[]>(text.replace(/^.*\r\n/, ''), {
        newline: '\r\n',
        skipEmptyLines: true,
      })
      expect(errors).toEqual([])
      expect(new Set(data.map((row) => row.length)).size).toBe(1)
      const seasons = await tilth.state.selectFrom('season').selectAll().where('org', '=', 'midori').execute()
      expect(data.length - 1).toBe(seasons.filter(({ year }) => year === 2026).length)
      // of a text; a number may well be below zero
      const formulas = data
        .flat()
        .filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell) && Number.isNaN(Number(cell)))
      expect(formulas).toEqual([])
      // apostrophes that disarm are no part of a name, and look like those of a name
      const plain = (text: string) => text.replace(/(^|[;\t|\r\n]\s*)'/g, '$1')
      const varieties = new Set(data.map((row) => plain(row[4]!)))
      for (const { variety } of seasons)
        if (variety !== null) expect([variety, varieties.has(plain(variety))]).toEqual([variety, true])
    }
  })

  it('is in the export on the one line of its row, and unchanged in the audit (B14)', async () => {
    const rows = (await call('GET', '/api/export')).text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; table?: string; row?: { name: string } })
    for (const table of ['farm', 'field', 'zone', 'pump', 'device'] as const) {
      const kept = await tilth.state.selectFrom(table).select('name').where('org', '=', 'midori').execute()
      const exported = rows.filter((line) => line.table === table).map(({ row }) => row!.name)
      expect(exported.sort()).toEqual(kept.map(({ name }) => name).sort())
    }
    expect((await call('GET', '/api/audit/verify')).body.broken).toBeNull()
    const { body: lines } = await call('GET', '/api/audit?limit=500')
    const told = lines.filter(({ action }: { action: string }) => action === 'farm.create')
    const names = told.map(({ detail }: { detail: { name: string } }) => detail.name)
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) expect(isSaid(name)).toBe(true)
  })

  it('is in no line of the log: names that people enter are not logged', () => {
    const logged = JSON.stringify(tilth.logged)
    for (const attack of attacks.slice(0, 8))
      expect(logged).not.toContain(JSON.stringify(attack).slice(1, -1))
  })
})

describe('every text that a route accepts', () => {
  /** Where a body takes a text, by its path. */
  function textsOf(schema: TSchema | undefined, path: string[] = []): string[][] {
    const at = (schema ?? {}) as {
      type?: string
      enum?: unknown
      anyOf?: TSchema[]
      contentMediaType?: string
      properties?: Record<string, TSchema>
    }
    // the content of a file has lines; what it holds is judged row by row
    if (at.contentMediaType !== undefined) return []
    if (at.type === 'string' && at.enum === undefined) return [path]
    if (at.anyOf) return at.anyOf.flatMap((part) => textsOf(part, path))
    return Object.entries(at.properties ?? {}).flatMap(([key, part]) => textsOf(part, [...path, key]))
  }

  it('refuses control characters, direction marks, half characters, and texts that are too long (B14)', async () => {
    // a password may hold anything; the rest of these are looked up, never kept or shown
    const secret = new Set(['password', 'currentPassword', 'newPassword', 'token', 'code'])
    const lookedUp = new Set([
      'email',
      'zoneId',
      'farmId',
      'fieldId',
      'stationId',
      'controllerId',
      'pumpId',
      'device',
    ])
    let tried = 0
    for (const { method, url, schema } of offered(tilth.api.routes)) {
      const route = `${method} ${url}`
      if (!isWriting(route) || routeCases[route]?.body === undefined) continue
      const { url: address, body: form } = callOf(route, 'midori', known)
      for (const path of textsOf(schema.body as TSchema | undefined)) {
        const name = path.at(-1)!
        if (path.length > 1 || secret.has(name)) continue
        for (const text of [
          'before\nafter',
          'before\u0000after',
          'before\u202eafter',
          'before\ud800after',
          'x'.repeat(300),
        ]) {
          const answer = await tilth.call(cookie, method as 'POST', address, { ...form, [name]: text })
          const isRefused =
            [400, 404].includes(answer.status) || (lookedUp.has(name) && answer.status === 401)
          expect([route, name, text.slice(0, 20), isRefused, answer.text.slice(0, 200)]).toEqual([
            ...[route, name, text.slice(0, 20)],
            ...[true, answer.text.slice(0, 200)],
          ])
          tried++
        }
      }
    }
    expect(tried).toBeGreaterThan(100)
  }, 120_000)
})

const body = (route: string, change: object) => ({ ...routeCases[route]!.body!('midori'), ...change })

async function farmOf(list: string, id: string, name: string): Promise<unknown> {
  const { body: holding } = await call('GET', '/api/farms')
  return (holding[list] as Record<string, unknown>[]).find((row) => row.id === id)![name]
}

async function counts(): Promise<Record<string, number>> {
  const rows = await tilth.state.selectFrom('farm').select('org').execute()
  const of = (org: string) => rows.filter((row) => row.org === org).length
  return { midori: of('midori'), akane: of('akane') }
}
