/**
 * A thousand requests made from the routes' own schemas, more wrong than right, the same on every run: none is a fault
 * of the server, and no answer tells what stands behind it. The long form is `npm run torture -- F6`.
 */
import fc from 'fast-check'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TSchema } from 'typebox'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { offered } from '../route-cases.ts'
import { plantOrganisations } from '../route-cases/plant.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

const REQUESTS = 1_000
const AT_ONCE = 50

let tilth: TestApi
let admin: string

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  admin = (await plantOrganisations(tilth)).admin.midori!
})
afterAll(() => tilth.stop())

const strange = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, -1e308, 2 ** 53, 0.1 + 0.2, '', ' ', '\0', [], {}, [
    [[]],
  ]),
  fc.constantFrom(
    '\ud800',
    '%00',
    '../..',
    "' or 1=1 --",
    '${7*7}',
    '{{x}}',
    '\r\nset-cookie: a=b',
    '=1+1',
    '<b>',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.jsonValue({ maxDepth: 4 }),
)

/** A value as the schema asks for, or now and then one that it does not. */
function valueOf(schema: TSchema | undefined, wrong = 12): fc.Arbitrary<unknown> {
  const at = (schema ?? {}) as Record<string, unknown>
  const right = (): fc.Arbitrary<unknown> => {
    if ('const' in at) return fc.constant(at.const)
    if (Array.isArray(at.enum)) return fc.constantFrom(...(at.enum as unknown[]))
    if (Array.isArray(at.anyOf))
      return fc.oneof(...(at.anyOf as TSchema[]).map((part) => valueOf(part, wrong)))
    if (at.type === 'object' && at.properties) {
      const required = (at.required ?? []) as string[]
      const entries = Object.entries(at.properties as Record<string, TSchema>)
      return fc.record(Object.fromEntries(entries.map(([key, part]) => [key, valueOf(part, wrong)])), {
        requiredKeys: required,
      })
    }
    if (at.type === 'object')
      return fc.dictionary(fc.constantFrom('soil.raw', 'soil.raw@30', 'V1', '__proto__', 'x'), strange, {
        maxKeys: 3,
      })
    if (at.type === 'array') return fc.array(valueOf(at.items as TSchema, wrong), { maxLength: 6 })
    if (at.type === 'integer' || at.type === 'number')
      return numberOf(at as { minimum?: number; maximum?: number })
    if (at.type === 'boolean') return fc.boolean()
    if (at.type === 'null') return fc.constant(null)
    if (typeof at.format === 'string') return fc.emailAddress()
    return fc.oneof(
      fc.constantFrom('midori-field', 'midori-zone', 'midori-farm', 'midori-controller', 'akane-zone', 'V1'),
      fc.constantFrom(
        '2026-07-06',
        '2026-02-30',
        '9999-12-31',
        '0',
        '1',
        '999999999999999',
        'loam',
        'maize',
        'midori',
      ),
      typeof at.pattern === 'string' && !at.pattern.includes('(?=')
        ? fc.stringMatching(new RegExp(at.pattern))
        : fc.string({ maxLength: Number(at.maxLength ?? 100) }),
    )
  }
  return fc.oneof({ arbitrary: right(), weight: wrong }, { arbitrary: strange, weight: 1 })
}

function numberOf({ minimum = -1e6, maximum = 1e6 }: { minimum?: number; maximum?: number }) {
  const [min, max] = [Math.ceil(minimum), Math.floor(maximum)]
  return fc.oneof(
    fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1, 0),
    ...(min <= max ? [fc.integer({ min, max })] : []), // a share may have no whole number in it
    fc.double({ min: minimum, max: maximum, noNaN: true }),
  )
}

const ids = fc.oneof(
  ...[
    'field',
    'zone',
    'farm',
    'pump',
    'probe',
    'controller',
    'run',
    'request',
    'command',
    'why',
    'season',
  ].map((what) => fc.constant(`midori-${what}`)),
  fc.constantFrom('soil-moisture:midori-probe@30', 'et0:midori-farm', ':', '@', '1', '%', 'x'.repeat(101)),
  fc.string({ unit: 'binary', maxLength: 80 }),
)
const headers = fc.record(
  {
    host: fc.constantFrom('farm.local', 'farm.local:99999', 'a b', '[::1', '', 'x'.repeat(300)),
    cookie: fc.constantFrom(
      'tilth.session_token=x',
      'tilth.session_token=%E0%A4%A',
      ';;;=',
      `a=${'b'.repeat(4_000)}`,
    ),
    'last-event-id': fc.constantFrom('x', '00000000-1', ''),
    'if-none-match': fc.constantFrom('*', '"x"', ''),
    'content-type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      'x',
    ),
    'x-forwarded-for': fc.constantFrom('1.2.3.4', 'unknown', '::', ','),
  },
  { requiredKeys: [] },
)

interface Asked {
  route: string
  id: string
  query: unknown
  body: unknown
  headers: Record<string, string>
  isSignedIn: boolean
}

const requests = (): Asked[] => {
  // a stream has no end, and a signing out would be that of all that follow
  const apart = ['/api/events', '/api/auth/sign-out']
  const routes = offered(tilth.api.routes).filter(({ url }) => !apart.includes(url))
  const asked = fc.constantFrom(...routes).chain(({ method, url, schema }) =>
    fc.record({
      route: fc.constant(`${method} ${url}`),
      id: ids,
      query: fc.oneof(valueOf(schema.querystring as TSchema | undefined), fc.constant({})),
      body: fc.oneof(
        { arbitrary: valueOf(schema.body as TSchema | undefined), weight: 6 },
        { arbitrary: strange, weight: 1 },
      ),
      headers: fc.oneof({ arbitrary: fc.constant({}), weight: 3 }, { arbitrary: headers, weight: 1 }),
      isSignedIn: fc.oneof(
        { arbitrary: fc.constant(true), weight: 9 },
        { arbitrary: fc.constant(false), weight: 1 },
      ),
    }),
  )
  return fc.sample(asked, REQUESTS) as Asked[]
}

/** What no answer to a stranger holds: a stack, a file, a statement. */
const inside =
  /\bat \w[\w.]* \(|\.[cm]?[jt]s:\d|node_modules|\/services\/|SQLITE|SqliteError|\b(select|insert|update|delete)\b.{1,80}\b(from|into|set|where)\b|no such (table|column)|constraint/i

function send({ route, id, query, body, headers: more, isSignedIn }: Asked) {
  const [method, path] = route.split(' ') as ['GET', string]
  const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)) ?? ''
  const pairs = Object.entries((query ?? {}) as object).map(
    ([key, value]) => [key, asText(value)] as [string, string],
  )
  const search = new URLSearchParams(pairs.map(([key, value]) => [key, value.toWellFormed()])).toString()
  const address =
    path.replace(':id', encodeURIComponent(id.toWellFormed())) + (search === '' ? '' : `?${search}`)
  const isRead = method === 'GET'
  return tilth.api.inject({
    method,
    url: address,
    headers: {
      ...(isSignedIn ? { cookie: admin } : {}),
      ...(isRead ? {} : { 'content-type': 'application/json' }),
      ...more,
    },
    ...(isRead ? {} : { payload: JSON.stringify(body) ?? '' }),
  })
}

describe('a thousand requests from the schemas', () => {
  it('all get a response, never a server error, and reveal no internals', async () => {
    const statuses = new Map<number, number>()
    const asked = requests()
    for (let from = 0; from < asked.length; from += AT_ONCE)
      await Promise.all(
        asked.slice(from, from + AT_ONCE).map(async (one) => {
          const answer = await send(one)
          const { statusCode } = answer
          statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
          const told = [one.route, JSON.stringify(one).slice(0, 600), answer.body.slice(0, 300)]
          expect([statusCode, ...(statusCode < 500 ? [] : told)]).toEqual([statusCode])
          if (statusCode < 400) return
          const { params, ...said } = answer.json<{ message: string; params?: object }>()
          expect(Object.keys(said)).toEqual(['error', 'message'])
          const words = JSON.stringify([said.message, params])
          expect([...told, inside.test(words) && !inside.test(JSON.stringify(one))]).toEqual([...told, false])
        }),
      )
    // it is no test when all are turned away at the door
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 25)
    expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 20)
    expect((await tilth.api.inject('/healthz')).statusCode).toBe(200)
    expect(tilth.logged.filter(({ text }) => text === 'a request failed')).toEqual([])
  }, 120_000)
})

describe('input that is no HTTP', () => {
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(tilth.api.port, '127.0.0.1', () => socket.end(text))
      let answer = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk: string) => (answer += chunk))
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })
  const host = 'Host: farm.local\r\nConnection: close\r\n'

  it.each([
    ['a line of nonsense', 'nonsense\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\n${host}x: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['an address with a broken escape', `GET /api/fields/%E0%A4%A HTTP/1.1\r\n${host}\r\n`, 400],
    ['an address that is too long', `GET /api/fields/${'x'.repeat(500)} HTTP/1.1\r\n${host}\r\n`, 400],
    [
      'two lengths',
      `POST /api/stop HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 5\r\n\r\n{}`,
      400,
    ],
    [
      'a length and chunks',
      `POST /api/stop HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['an invalid method', `BREW /api/stop HTTP/1.1\r\n${host}\r\n`, 400],
    ['a parent folder', `GET /../../etc/passwd HTTP/1.1\r\n${host}\r\n`, 404],
  ])('(%s) gets the uniform error body', async (_, text, status) => {
    const answer = await raw(text)
    const [head, body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head!.toLowerCase()).toContain('x-content-type-options: nosniff')
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['error', 'message'])
  })
})
