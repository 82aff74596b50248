/** Who may see and do what: two organisations on every route, a matrix of roles, and writes from other sites. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { may, roles, type Role } from '../../../services/api/roles.ts'
import type { RouteEntry } from '../../../services/api/guard.ts'
import { NOW_MS, plantFarm } from './rows.ts'
import { startTestApi, type Method, type TestApi } from './test-api.ts'

let tilth: TestApi
const cookies: Record<string, string> = {}
const letters: Record<string, number> = {}
const members: Record<string, string> = {}

beforeAll(async () => {
  tilth = await startTestApi()
  for (const org of ['midori', 'akane']) {
    await plantFarm(tilth.state, org)
    cookies[org] = await tilth.signUp(org, 'admin')
    await tilth.signUp(org, 'viewer', `other@${org}.example`)
    await tilth.journal.bury({
      ...{ receivedMs: NOW_MS, org, device: `${org}-probe`, topic: `tilth/v1/${org}/${org}-probe/telemetry` },
      ...{ reason: 'not JSON', payload: new TextEncoder().encode(`{"${org}`), bytes: 8 },
    })
    letters[org] = tilth.journal.deadLetters({ org })[0]!.id
    const { body } = await tilth.call(cookies[org]!, 'GET', '/api/members')
    members[org] = body.find(({ role }: { role: Role }) => role === 'viewer').id
  }
})
afterAll(() => tilth.stop())

/** For every route with an id: what the id is in an organisation, and a body that the route accepts. */
const objects: Record<
  string,
  { id: (org: string) => string; body?: (org: string) => unknown; query?: string }
> = {
  'GET /api/fields/:id': { id: (org) => `${org}-field` },
  'GET /api/fields/:id/series': {
    id: (org) => `${org}-field`,
    query: '?quantity=soil.moisture&from=0&to=1000',
  },
  'DELETE /api/fields/:id': { id: (org) => `${org}-field` },
  'POST /api/fields/:id/heat-watches': {
    id: (org) => `${org}-field`,
    body: () => ({ subject: 'codling-moth', biofixDay: '2026-05-01' }),
  },
  'GET /api/models/:id': { id: (org) => `soil-moisture:${org}-probe@30` },
  'GET /api/whys/:id': { id: (org) => `${org}-why` },
  'GET /api/requests/:id': { id: (org) => `${org}-request` },
  'GET /api/commands/:id': { id: (org) => `${org}-command` },
  'POST /api/runs/:id/approve': { id: (org) => `${org}-run`, body: () => ({}) },
  'POST /api/runs/:id/skip': { id: (org) => `${org}-run`, body: () => ({}) },
  'POST /api/zones/:id/unlock': { id: (org) => `${org}-zone`, body: () => ({}) },
  'POST /api/devices/:id/clear-fault': { id: (org) => `${org}-controller`, body: () => ({}) },
  'PATCH /api/zones/:id': { id: (org) => `${org}-zone`, body: () => ({ adjustPercent: 10 }) },
  'DELETE /api/zones/:id': { id: (org) => `${org}-zone` },
  'PATCH /api/devices/:id': { id: (org) => `${org}-probe`, body: () => ({ name: 'renamed' }) },
  'POST /api/devices/:id/rotate': { id: (org) => `${org}-probe` },
  'POST /api/devices/:id/revoke': { id: (org) => `${org}-probe` },
  'POST /api/devices/:id/claim-code': { id: (org) => `${org}-probe` },
  'DELETE /api/pumps/:id': { id: (org) => `${org}-pump` },
  'POST /api/seasons/:id/yield': {
    id: (org) => `${org}-season`,
    body: () => ({ kg: 900, basis: '13 % moisture' }),
  },
  'DELETE /api/seasons/:id': { id: (org) => `${org}-rice` },
  'DELETE /api/farms/:id': { id: (org) => `${org}-farm`, body: () => ({ name: 'not its name' }) },
  'POST /api/dead-letters/:id/replay': { id: (org) => String(letters[org]) },
  'DELETE /api/members/:id': { id: (org) => members[org]! },
}

/** Routes that name another object in the body: with another organisation's id each is as absent. */
const bodies: [route: string, body: (org: string, other: string) => unknown][] = [
  ['POST /api/start', (_, other) => ({ idem: 'idem-start-1', zoneId: `${other}-zone`, minutes: 10 })],
  ['POST /api/stop', (_, other) => ({ idem: 'idem-stop-1', zoneId: `${other}-zone` })],
  ['POST /api/dead-letters/replay', (_, other) => ({ device: `${other}-probe` })],
  [
    'POST /api/fields',
    (_, other) => ({ farmId: `${other}-farm`, name: 'x', kind: 'upland', areaM2: 1, soilTexture: 'loam' }),
  ],
  [
    'POST /api/fields',
    (org, other) => ({
      farmId: `${org}-farm`,
      name: 'x',
      kind: 'upland',
      areaM2: 1,
      soilTexture: 'loam',
      stationId: `${other}-station`,
    }),
  ],
  [
    'POST /api/seasons',
    (_, other) => ({ fieldId: `${other}-field`, year: 2026, crop: 'maize', plantedDay: '2026-05-01' }),
  ],
  [
    'POST /api/pumps',
    (_, other) => ({ farmId: `${other}-farm`, name: 'x', capacityLpm: 1, maxOpenValves: 1 }),
  ],
  ['POST /api/zones', (_, other) => ({ ...zone, fieldId: `${other}-field` })],
  [
    'POST /api/zones',
    (org, other) => ({ ...zone, fieldId: `${org}-field`, controllerId: `${other}-controller` }),
  ],
  ['POST /api/zones', (org, other) => ({ ...zone, fieldId: `${org}-field`, pumpId: `${other}-pump` })],
  [
    'POST /api/devices',
    (_, other) => ({ id: 'new-device', name: 'x', kind: 'probe', fieldId: `${other}-field` }),
  ],
  [
    'POST /api/devices',
    (_, other) => ({ id: 'new-device', name: 'x', kind: 'probe', farmId: `${other}-farm` }),
  ],
  ['POST /api/claim-codes', (_, other) => ({ name: 'x', kind: 'probe', fieldId: `${other}-field` })],
  ['POST /api/claim-codes', (_, other) => ({ name: 'x', kind: 'probe', farmId: `${other}-farm` })],
  [
    'POST /api/claim-codes',
    (_, other) => ({ name: 'x', kind: 'controller', valves: { V9: `${other}-zone` } }),
  ],
  ['PATCH /api/zones/midori-zone', (_, other) => ({ controllerId: `${other}-controller` })],
  ['PATCH /api/zones/midori-zone', (_, other) => ({ pumpId: `${other}-pump` })],
  ['PATCH /api/devices/midori-probe', (_, other) => ({ fieldId: `${other}-field` })],
]
const zone = {
  ...{ name: 'x', areaM2: 100, method: 'drip', applicationRateMmH: 4, efficiency: 0.9, wettedFraction: 0.4 },
  ...{ maxDepthMm: 20, minMinutes: 5, maxMinutes: 60, window: { fromMin: 0, toMin: 300 } },
}

const ofRoute = (route: string): [Method, string] => route.split(' ') as [Method, string]
const withId = (): RouteEntry[] =>
  tilth.api.routes.filter(({ method, url }) => url.includes(':id') && method !== 'HEAD')

describe('two organisations', () => {
  it('every route with an id is in this test', () => {
    expect(
      withId()
        .map(({ method, url }) => `${method} ${url}`)
        .sort(),
    ).toEqual(Object.keys(objects).sort())
  })

  it.each(Object.entries(objects))(
    "%s answers 404 for what is another's, and not for what is its own",
    async (route, object) => {
      const [method, url] = ofRoute(route)
      const ask = (org: string, of: string) =>
        tilth.call(
          cookies[org]!,
          method,
          url.replace(':id', object.id(of)) + (object.query ?? ''),
          object.body?.(of),
        )
      const others = await ask('midori', 'akane')
      expect([others.status, others.body.error]).toEqual([404, 'NOT_FOUND'])
      const absent = await tilth.call(
        ...([
          cookies.midori!,
          method,
          url.replace(':id', route.includes('dead-letters') ? '999999' : 'no-such-thing') +
            (object.query ?? ''),
        ] as const),
        object.body?.('akane'),
      )
      // another's object must look exactly like one that never was
      expect(absent.status).toBe(404)
      expect((await ask('midori', 'midori')).status).not.toBe(404)
    },
  )

  it.each(bodies)("%s with another's id in the body answers 404", async (route, body) => {
    const [method, url] = ofRoute(route)
    const answer = await tilth.call(cookies.midori!, method, url, body('midori', 'akane'))
    expect([answer.status, answer.body.error]).toEqual([404, 'NOT_FOUND'])
  })

  it.each([
    '/api/today',
    '/api/plan',
    '/api/models',
    '/api/devices',
    '/api/farms',
    '/api/dead-letters',
    '/api/members',
    '/api/export',
    '/api/me',
    '/api/reports/season.csv?year=2026',
  ])('%s shows nothing of another organisation', async (url) => {
    const answer = await tilth.call(cookies.akane!, 'GET', url)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('akane')
    expect(answer.text).not.toContain('midori')
  })
})

describe('roles', () => {
  /** A body that passes the schema does not matter here: who is refused is refused before anything is read. */
  it.each(roles)('a %s gets 403 exactly where the role does not include the need', async (role) => {
    const cookie = await tilth.signUp('midori', role, `matrix-${role}@midori.example`)
    for (const { method, url, needs } of tilth.api.routes) {
      if (method === 'HEAD' || url === '/api/events' || needs === 'public') continue
      const answer = await tilth.call(cookie, method as Method, url.replace(':id', 'no-such-thing'))
      const isRefused = answer.status === 403 && answer.body.error === 'NOT_ALLOWED'
      expect([role, method, url, isRefused]).toEqual([role, method, url, !may(role, needs)])
    }
  })

  it('nobody gets in without a session', async () => {
    for (const { method, url, needs } of tilth.api.routes) {
      if (method === 'HEAD' || needs === 'public') continue
      const answer = await tilth.call(null, method as Method, url.replace(':id', 'x'))
      expect([method, url, answer.status, answer.body.error]).toEqual([method, url, 401, 'NOT_SIGNED_IN'])
    }
  })

  it('an operator may pause a zone but not change its mode', async () => {
    const cookie = await tilth.signUp('midori', 'operator')
    expect(
      (await tilth.call(cookie, 'PATCH', '/api/zones/midori-zone', { pause: { hours: 24 } })).status,
    ).toBe(200)
    const answer = await tilth.call(cookie, 'PATCH', '/api/zones/midori-zone', { mode: 'auto' })
    expect([answer.status, answer.body.error]).toEqual([403, 'NOT_ALLOWED'])
  })

  it("what each role includes: opening is its own permission, stopping is every field worker's", () => {
    expect(roles.filter((role) => may(role, 'openValve'))).toEqual(['operator', 'agronomist', 'admin'])
    expect(roles.filter((role) => may(role, 'stop'))).toEqual(['operator', 'agronomist', 'admin'])
    expect(roles.filter((role) => may(role, 'configure'))).toEqual(['agronomist', 'admin'])
    expect(roles.filter((role) => may(role, 'admin'))).toEqual(['admin'])
    expect(roles.filter((role) => may(role, 'read'))).toEqual([...roles])
  })
})

describe('a write from another site', () => {
  const patch = (headers: Record<string, string>) =>
    tilth.api.inject({
      method: 'PATCH',
      url: '/api/zones/midori-zone',
      headers: { host: 'farm.local:8080', cookie: cookies.midori!, ...headers },
      payload: { adjustPercent: 5 },
    })

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://farm.local' }], // another port is another origin
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://farm.local:8080' }],
  ])('with %o is refused', async (headers) => {
    const answer = await patch(headers as Record<string, string>)
    expect([answer.statusCode, answer.json().error]).toEqual([403, 'NOT_ALLOWED'])
  })

  it.each([
    [{ origin: 'http://farm.local:8080', 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'https://farm.local:8080' }],
    [{}], // a program
  ])('from our own page or a program, with %o, is taken', async (headers) => {
    expect((await patch(headers as Record<string, string>)).statusCode).toBe(200)
  })

  it('a form of another site cannot be read at all', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const answer = await tilth.api.inject({
        method: 'POST',
        url: '/api/stop',
        headers: { cookie: cookies.midori!, 'content-type': type },
        payload: '{"idem":"form-of-another-site"}',
      })
      expect([type, answer.statusCode, answer.json().error]).toEqual([type, 400, 'BAD_REQUEST'])
    }
  })
})
