/**
 * One valid call of every route of the API, in an order in which each succeeds: what the tests of access, audit,
 * secrets and hostile texts are made from. A route without a case fails the test in two-organisations.test.ts.
 */
import { createHash } from 'node:crypto'
import type { TSchema } from 'typebox'
import type { State } from '../../../services/ports.ts'
import type { RouteEntry } from '../../../services/api/guard.ts'
import { NOW_MS, plantFarm } from './rows.ts'
import { PASSWORD, type Method, type TestApi } from './test-api.ts'

const oneProduct = `country,registration,name,kind,crop,target
JP,NEW-1,x,fungicide,rice,rice-leaf-blast
`
/** As the preview of this text gives it. */
const oneProductHash = createHash('sha256').update(`csv\n${oneProduct}`).digest('hex')

/** What is known only once it is there. */
export interface Known {
  member: Record<string, string>
  letter: Record<string, string>
  spareLetter: Record<string, string>
}

export interface RouteCase {
  /**
   * list: shows rows of the organisation; object: one of its objects, by id; create: makes one; self: the caller and
   * nothing else; public: nobody's.
   */
  kind: 'list' | 'object' | 'create' | 'self' | 'public'
  id?: (org: string, known: Known) => string
  query?: string
  body?: (org: string) => object
  /**
   * What the body or the query names: the same call with another organisation's object in its place, and the status
   * with which it is refused (404 unless said); a text: why it names no object.
   */
  refers?: Record<string, { with: (own: string, other: string) => object; status?: number } | string>
  /** of a write: why it leaves no line in the audit of the organisation */
  unaudited?: string
}

/** A file without features: nothing to change, and the same for everyone. */
const noShapes = { text: '{"type":"FeatureCollection","features":[]}', newIn: null, assigned: [] }
const noShapesHash = createHash('sha256').update(noShapes.text).digest('hex')
const newIn = (org: string) => ({ farmId: `${org}-farm`, soilTexture: 'loam', kind: 'upland' })

const zone = {
  ...{ name: 'x', areaM2: 100, method: 'drip', applicationRateMmH: 4, efficiency: 0.9, wettedFraction: 0.4 },
  ...{ maxDepthMm: 20, minMinutes: 5, maxMinutes: 60, window: { fromMin: 0, toMin: 300 } },
}
const field = { name: 'x', kind: 'upland', areaM2: 1, soilTexture: 'loam' }
const treatment = {
  ...{ target: 'codling-moth', fromMs: NOW_MS + 3_600_000, toMs: NOW_MS + 7_200_000, operator: 'Sato' },
  ...{ unit: 'mL/10a', dilution: 2500, volumeL10a: 200 },
}
/** Every check that may be guarded or unknown: with all of them a person answers for a treatment. */
const accepts = [
  ...['phi', 'rei', 'count-product', 'count-ingredient', 'interval', 'group', 'dose', 'dilution', 'buffer'],
  ...['weather', 'irrigation', 'authorised', 'crop', 'target'],
]
const farm = { name: 'x', timeZone: 'Asia/Tokyo', latDeg: 36, lonDeg: 140, elevationM: 3 }
const codlingMoth = { subject: 'codling-moth', where: 'trap', count: 12, atMs: NOW_MS }
/** A request of the other organisation has this key: using it again must not show what came of it. */
const taken = (rest: (own: string) => object) => ({
  with: (own: string, other: string) => ({ ...rest(own), idem: `${other}-request` }),
  status: 409,
})

export const routeCases: Record<string, RouteCase> = {
  'GET /healthz': { kind: 'public' },
  'GET /readyz': { kind: 'public' },
  'GET /metrics': { kind: 'public' },
  'POST /api/setup': {
    kind: 'public',
    body: (org) => ({
      ...{ token: 'no-longer-valid', name: 'x', email: 'x@y.example', password: PASSWORD },
      ...{ orgName: 'x', orgId: org },
    }),
    refers: { orgId: 'the first run: nobody and no organisation is there yet' },
    unaudited: 'once somebody is there it is refused',
  },
  'POST /api/auth/sign-in/email': {
    kind: 'public',
    body: (org) => ({ email: `admin@${org}.example`, password: PASSWORD }),
  },
  'GET /api/me': { kind: 'self' },
  'POST /api/auth/organization/set-active': {
    kind: 'self',
    body: (org) => ({ orgId: org }),
    refers: { orgId: { with: (_, other) => ({ orgId: other }), status: 403 } },
  },
  'GET /api/today': { kind: 'list' },
  'GET /api/plan': { kind: 'list' },
  'GET /api/devices': { kind: 'list' },
  'GET /api/farms': { kind: 'list' },
  'GET /api/members': { kind: 'list' },
  'GET /api/audit': { kind: 'list' },
  'GET /api/audit/verify': { kind: 'self' },
  'GET /api/dead-letters': { kind: 'list', refers: { afterId: 'where the page begins' } },
  'GET /api/dead-letters/reasons': { kind: 'list' },
  'GET /api/export': { kind: 'list' },
  'GET /api/reports/season.csv': { kind: 'list', query: '?year=2026' },
  'GET /api/models': {
    kind: 'list',
    refers: { fieldId: { with: (_, other) => ({ fieldId: `${other}-field` }) } },
  },
  'GET /api/events': { kind: 'list' },
  'GET /api/fields/:id': { kind: 'object', id: (org) => `${org}-field` },
  'GET /api/fields/:id/series': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    query: '?quantity=soil.moisture&from=0&to=1000',
  },
  'GET /api/models/:id': { kind: 'object', id: (org) => `soil-moisture:${org}-probe@30` },
  'GET /api/whys/:id': { kind: 'object', id: (org) => `${org}-why` },
  'GET /api/requests/:id': { kind: 'object', id: (org) => `${org}-request` },
  'GET /api/commands/:id': { kind: 'object', id: (org) => `${org}-command` },
  'POST /api/start': {
    kind: 'create',
    body: (org) => ({ idem: `${org}-start`, zoneId: `${org}-zone`, minutes: 10 }),
    refers: {
      zoneId: { with: (_, other) => ({ idem: 'another-start', zoneId: `${other}-zone`, minutes: 10 }) },
      idem: taken((own) => ({ zoneId: `${own}-zone`, minutes: 10 })),
    },
  },
  'POST /api/stop': {
    kind: 'create',
    body: (org) => ({ idem: `${org}-stop`, zoneId: `${org}-zone` }),
    refers: {
      zoneId: { with: (_, other) => ({ idem: 'another-stop', zoneId: `${other}-zone` }) },
      idem: taken((own) => ({ zoneId: `${own}-zone` })),
    },
  },
  'POST /api/runs/:id/approve': {
    ...{ kind: 'object', id: (org) => `${org}-run`, body: () => ({}) },
    refers: { idem: taken(() => ({})) },
  },
  'POST /api/runs/:id/skip': {
    ...{ kind: 'object', id: (org) => `${org}-run`, body: () => ({}) },
    refers: { idem: taken(() => ({})) },
  },
  'POST /api/zones/:id/unlock': {
    ...{ kind: 'object', id: (org) => `${org}-zone`, body: () => ({}) },
    refers: { idem: taken(() => ({})) },
  },
  'POST /api/devices/:id/clear-fault': {
    ...{ kind: 'object', id: (org) => `${org}-controller`, body: () => ({}) },
    refers: {
      alertId: { with: (_, other) => ({ alertId: `${other}-alert` }) },
      idem: taken(() => ({})),
    },
  },
  'GET /api/fields/:id/paddy': { kind: 'object', id: (org) => `${org}-paddy` },
  'PATCH /api/fields/:id/paddy': {
    ...{ kind: 'object', id: (org) => `${org}-paddy`, body: () => ({ herbicideDay: '2026-07-22' }) },
  },
  'GET /api/fields/:id/outputs': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/fields/:id/outputs': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    body: (org) => ({ name: 'x', deviceId: `${org}-controller`, valve: 'S2' }),
    refers: {
      deviceId: { with: (_, other) => ({ name: 'x', deviceId: `${other}-controller`, valve: 'S2' }) },
    },
  },
  'PATCH /api/outputs/:id': {
    ...{ kind: 'object', id: (org) => `${org}-output`, body: () => ({ everyMinutes: 20 }) },
  },
  'POST /api/outputs/:id/off': { kind: 'object', id: (org) => `${org}-output` },
  'DELETE /api/outputs/:id': { kind: 'object', id: (org) => `${org}-spare-output` },
  'GET /api/tasks': { kind: 'list' },
  'POST /api/tasks/:id/done': { kind: 'object', id: (org) => `${org}-spare-task` },
  'POST /api/tasks/:id/not-done': { kind: 'object', id: (org) => `${org}-done-task` },
  'GET /api/pests': { kind: 'list' },
  'POST /api/fields/:id/counts': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    body: (org) => ({ ...codlingMoth, idem: `${org}-count` }),
    refers: { idem: 'a key of the own organisation: another may have chosen the same (sightings.test.ts)' },
  },
  'POST /api/fields/:id/notes': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    body: (org) => ({ idem: `${org}-note`, atMs: NOW_MS, text: 'lodged by the outlet' }),
    refers: { idem: 'a key of the own organisation: another may have chosen the same (sightings.test.ts)' },
  },
  'GET /api/fields/:id/pest-control': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/fields/:id/pest-economics': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    body: () => ({ target: 'codling-moth', isUsed: true, costPerHa: 120 }),
  },
  'GET /api/products': { kind: 'list' },
  'POST /api/products/preview': {
    kind: 'create',
    body: () => ({ format: 'demo', text: '' }),
  },
  'POST /api/products/import': {
    kind: 'create',
    body: () => ({ format: 'csv', text: oneProduct, hash: oneProductHash, leaveOut: 0 }),
  },
  'POST /api/products/:id/retire': { kind: 'object', id: (org) => `${org}-old-product` },
  'GET /api/treatments': {
    kind: 'list',
    refers: { fieldId: { with: (_, other) => ({ fieldId: `${other}-field` }) } },
  },
  'GET /api/treatments/:id': { kind: 'object', id: (org) => `${org}-treatment` },
  'POST /api/treatments': {
    ...{ kind: 'create' },
    body: (org) => ({ ...treatment, fieldId: `${org}-field`, productId: `${org}-product` }),
    refers: {
      fieldId: {
        with: (own, other) => ({ ...treatment, fieldId: `${other}-field`, productId: `${own}-product` }),
      },
      productId: {
        with: (own, other) => ({ ...treatment, fieldId: `${own}-field`, productId: `${other}-product` }),
      },
    },
  },
  'POST /api/treatments/:id/confirm': {
    ...{ kind: 'object', id: (org) => `${org}-treatment`, body: () => ({ accepts }) },
  },
  'POST /api/treatments/:id/done': {
    ...{ kind: 'object', id: (org) => `${org}-treatment-confirmed` },
    body: () => ({ startMs: NOW_MS - 7_200_000, endMs: NOW_MS - 3_600_000 }),
  },
  'POST /api/treatments/:id/record': { kind: 'object', id: (org) => `${org}-treatment-done` },
  'POST /api/treatments/:id/void': {
    ...{ kind: 'object', id: (org) => `${org}-treatment-wrong`, body: () => ({ reason: 'rained off' }) },
  },
  'POST /api/seasons/:id/planned-harvest': {
    ...{ kind: 'object', id: (org) => `${org}-season`, body: () => ({ day: '2026-10-20' }) },
  },
  'PATCH /api/zones/:id': {
    ...{ kind: 'object', id: (org) => `${org}-zone`, body: () => ({ adjustPercent: 10 }) },
    refers: {
      controllerId: { with: (_, other) => ({ controllerId: `${other}-controller` }) },
      pumpId: { with: (_, other) => ({ pumpId: `${other}-pump` }) },
    },
  },
  'GET /api/map': { kind: 'list' },
  'POST /api/shapes/preview': {
    ...{ kind: 'create', body: () => noShapes },
    refers: {
      farmId: { with: (_, other) => ({ ...noShapes, newIn: newIn(other) }) },
      fieldId: {
        with: (_, other) => ({ ...noShapes, assigned: [{ row: 1, fieldId: `${other}-field` }] }),
      },
    },
  },
  'POST /api/shapes/import': {
    ...{ kind: 'create', body: () => ({ ...noShapes, hash: noShapesHash, leaveOut: 0 }) },
    refers: {
      farmId: {
        with: (_, other) => ({ ...noShapes, newIn: newIn(other), hash: noShapesHash, leaveOut: 0 }),
      },
      fieldId: {
        with: (_, other) => ({
          ...{ ...noShapes, assigned: [{ row: 1, fieldId: `${other}-field` }] },
          ...{ hash: noShapesHash, leaveOut: 0 },
        }),
      },
    },
  },
  'DELETE /api/fields/:id/shape': { kind: 'object', id: (org) => `${org}-paddy` },
  'POST /api/farms': { kind: 'create', body: () => farm },
  'POST /api/fields': {
    ...{ kind: 'create', body: (org) => ({ ...field, farmId: `${org}-farm` }) },
    refers: {
      farmId: { with: (_, other) => ({ ...field, farmId: `${other}-farm` }) },
      stationId: {
        with: (own, other) => ({ ...field, farmId: `${own}-farm`, stationId: `${other}-station` }),
      },
    },
  },
  'GET /api/forecast-skill': { kind: 'list' },
  'POST /api/fields/:id/habit': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    body: () => ({ timerMm: 30, timerDays: 5, waterPricePerM3: 12, currency: 'JPY' }),
  },
  'GET /api/fields/:id/strategy': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/fields/:id/strategy': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    body: () => ({ kind: 'supplemental', phases: ['flowering'], waterings: 2, cropPricePerT: 400 }),
  },
  'POST /api/farms/:id/water-price': {
    ...{ kind: 'object', id: (org) => `${org}-farm` },
    body: () => ({ waterPerM3: 12, energyPerM3: 4, currency: 'JPY' }),
  },
  'POST /api/pumps/:id/water-price': {
    ...{ kind: 'object', id: (org) => `${org}-pump` },
    body: () => ({ waterPerM3: 9 }),
  },
  'POST /api/fields/:id/heat-watches': {
    ...{ kind: 'object', id: (org) => `${org}-field` },
    body: () => ({ subject: 'codling-moth', biofixDay: '2026-05-01' }),
  },
  'POST /api/pumps': {
    kind: 'create',
    body: (org) => ({ farmId: `${org}-farm`, name: 'x', capacityLpm: 1, maxOpenValves: 1 }),
    refers: {
      farmId: {
        with: (_, other) => ({ farmId: `${other}-farm`, name: 'x', capacityLpm: 1, maxOpenValves: 1 }),
      },
      feedsFromId: {
        with: (own, other) => ({
          ...{ farmId: `${own}-farm`, name: 'x', capacityLpm: 1, maxOpenValves: 1 },
          feedsFromId: `${other}-pump`,
        }),
      },
    },
  },
  'PATCH /api/pumps/:id': {
    ...{ kind: 'object', id: (org) => `${org}-spare-pump`, body: () => ({ capacityLpm: 2 }) },
    refers: { feedsFromId: { with: (_, other) => ({ feedsFromId: `${other}-pump` }) } },
  },
  'POST /api/seasons': {
    kind: 'create',
    body: (org) => ({ fieldId: `${org}-field`, year: 2026, crop: 'maize', plantedDay: '2026-05-01' }),
    refers: {
      fieldId: {
        with: (_, other) => ({
          fieldId: `${other}-field`,
          year: 2026,
          crop: 'maize',
          plantedDay: '2026-05-01',
        }),
      },
    },
  },
  'POST /api/seasons/:id/yield': {
    ...{ kind: 'object', id: (org) => `${org}-season` },
    body: () => ({ kg: 900, basis: '13 % moisture' }),
  },
  'POST /api/zones': {
    ...{ kind: 'create', body: (org) => ({ ...zone, fieldId: `${org}-field` }) },
    refers: {
      fieldId: { with: (_, other) => ({ ...zone, fieldId: `${other}-field` }) },
      controllerId: {
        with: (own, other) => ({ ...zone, fieldId: `${own}-field`, controllerId: `${other}-controller` }),
      },
      pumpId: { with: (own, other) => ({ ...zone, fieldId: `${own}-field`, pumpId: `${other}-pump` }) },
    },
  },
  'POST /api/devices': {
    ...{ kind: 'create', body: (org) => ({ id: `${org}-new`, name: 'x', kind: 'controller' }) },
    refers: {
      farmId: { with: (_, other) => ({ id: 'new-1', name: 'x', kind: 'probe', farmId: `${other}-farm` }) },
      fieldId: { with: (_, other) => ({ id: 'new-2', name: 'x', kind: 'probe', fieldId: `${other}-field` }) },
    },
  },
  'POST /api/claim-codes': {
    kind: 'create',
    body: (org) => ({ id: `${org}-claimed`, name: 'x', kind: 'controller', farmId: `${org}-farm` }),
    refers: {
      farmId: { with: (_, other) => ({ name: 'x', kind: 'probe', farmId: `${other}-farm` }) },
      fieldId: { with: (_, other) => ({ name: 'x', kind: 'probe', fieldId: `${other}-field` }) },
      valves: { with: (_, other) => ({ name: 'x', kind: 'controller', valves: { V1: `${other}-zone` } }) },
    },
  },
  'POST /api/devices/:id/claim-code': { kind: 'object', id: (org) => `${org}-station` },
  'POST /api/claim': {
    ...{ kind: 'public', body: () => ({ code: 'no such code' }) },
    unaudited: 'a device claims; its own tests show what is kept of it',
  },
  'PATCH /api/devices/:id': {
    ...{ kind: 'object', id: (org) => `${org}-probe`, body: () => ({ everyS: 600 }) },
    refers: {
      farmId: { with: (_, other) => ({ farmId: `${other}-farm` }) },
      fieldId: { with: (_, other) => ({ fieldId: `${other}-field` }) },
    },
  },
  'POST /api/devices/:id/rotate': { kind: 'object', id: (org) => `${org}-probe` },
  'POST /api/devices/:id/revoke': { kind: 'object', id: (org) => `${org}-probe` },
  'DELETE /api/zones/:id': { kind: 'object', id: (org) => `${org}-spare-zone` },
  'DELETE /api/pumps/:id': { kind: 'object', id: (org) => `${org}-spare-pump` },
  'DELETE /api/seasons/:id': { kind: 'object', id: (org) => `${org}-rice` },
  'DELETE /api/fields/:id': { kind: 'object', id: (org) => `${org}-spare-field` },
  'DELETE /api/farms/:id': {
    ...{ kind: 'object', id: (org) => `${org}-spare-farm`, body: (org) => ({ name: `${org} spare` }) },
  },
  'POST /api/dead-letters/replay': {
    ...{ kind: 'create', body: (org) => ({ device: `${org}-station` }) },
    refers: {
      device: { with: (_, other) => ({ device: `${other}-probe` }) },
      afterId: 'where the page begins',
    },
  },
  'POST /api/dead-letters/discard': {
    ...{
      kind: 'create',
      body: (org) => ({ reason: `${org} is not known`, upToId: Number.MAX_SAFE_INTEGER }),
    },
    refers: {
      upToId: { with: (_, other) => ({ reason: `${other} is not known`, upToId: Number.MAX_SAFE_INTEGER }) },
    },
  },
  'DELETE /api/dead-letters/:id': { kind: 'object', id: (org, { spareLetter }) => spareLetter[org]! },
  'POST /api/dead-letters/:id/replay': { kind: 'object', id: (org, { letter }) => letter[org]! },
  'POST /api/members': {
    kind: 'create',
    body: (org) => ({ name: 'x', email: `new@${org}.example`, password: PASSWORD, role: 'viewer' }),
  },
  'DELETE /api/members/:id': { kind: 'object', id: (org, { member }) => member[org]! },
  'GET /api/notices': { kind: 'self' },
  'POST /api/notices': {
    kind: 'self',
    body: () => ({
      ...{ language: 'ja', byMail: false, urgentPasses: true, digestMin: 360 },
      modes: { water: 'urgent', weather: 'urgent', pests: 'daily', devices: 'daily', server: 'off' },
      quiet: { fromMin: 1260, toMin: 360 },
    }),
  },
  'POST /api/notices/devices': {
    kind: 'self',
    body: (org) => ({
      ...{ name: 'x', url: `https://push.example/${org}/new` },
      ...{ key: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) },
    }),
  },
  'DELETE /api/notices/devices/:id': { kind: 'object', id: (org) => `${org}-phone` },
  'POST /api/notices/webhook': {
    kind: 'create',
    body: () => ({ url: 'http://127.0.0.1:9/alerts', language: 'en' }), // nobody listens there
  },
  'POST /api/notices/test': {
    kind: 'create',
    body: () => ({ channel: 'webhook' }),
    refers: { deviceId: { with: (_, other) => ({ channel: 'push', deviceId: `${other}-phone` }) } },
  },
  'DELETE /api/notices/webhook': { kind: 'self' },
  'POST /api/auth/change-password': {
    ...{ kind: 'self', body: () => ({ currentPassword: PASSWORD, newPassword: 'mizu-to-kome-2027' }) },
  },
  'POST /api/auth/sign-out': { kind: 'self', body: () => ({}) },
}

/** Two organisations with a farm, a member to take out, a dead letter, and spare objects that nothing hangs on. */
export async function plantOrganisations(
  tilth: TestApi,
): Promise<{ known: Known; admin: Record<string, string> }> {
  const known: Known = { member: {}, letter: {}, spareLetter: {} }
  const admin: Record<string, string> = {}
  for (const org of ['midori', 'akane']) {
    await plantFarm(tilth.state, org)
    await plantSpares(tilth.state, org)
    admin[org] = await tilth.signUp(org, 'admin')
    const { body } = await tilth.call(admin[org], 'GET', '/api/me')
    await plantNotices(tilth.state, org, body.user.id)
    const letterReasons = {
      ...{ probe: 'not JSON', station: 'not JSON', trap: `${org} is spare`, gauge: `${org} is not known` },
    }
    for (const [device, reason] of Object.entries(letterReasons))
      await tilth.journal.bury({
        ...{ receivedMs: NOW_MS, org, device: `${org}-${device}` },
        topic: `tilth/v1/${org}/${org}-${device}/telemetry`,
        ...{ reason, payload: new TextEncoder().encode(`{"${org}`), bytes: 8 },
      })
    const letters = tilth.journal.deadLetters({ org })
    const letterOf = (what: string) => String(letters.find(({ device }) => device === `${org}-${what}`)!.id)
    known.letter[org] = letterOf('probe')
    known.spareLetter[org] = letterOf('trap')
    known.member[org] = await tilth.api.createUser({
      ...{ email: `leaves@${org}.example`, password: PASSWORD, name: `${org} who leaves` },
      ...{ org, orgName: org, role: 'viewer' },
    })
  }
  return { known, admin }
}

/** A phone that the administrator is told on, and a webhook. */
async function plantNotices(state: State, org: string, userId: string): Promise<void> {
  await state
    .insertInto('pushDevice')
    .values({
      ...{ id: `${org}-phone`, org, userId, name: `${org} phone`, createdAtMs: NOW_MS },
      ...{ pushUrl: `https://push.example/${org}`, pushKey: `B${'A'.repeat(86)}`, pushAuth: 'A'.repeat(22) },
    })
    .execute()
  await state
    .insertInto('webhook')
    .values({
      ...{ org, hookUrl: 'http://127.0.0.1:9/alerts', salt: `${org} salt`, language: 'en' },
      ...{ createdBy: userId, createdAtMs: NOW_MS },
    })
    .execute()
}

async function plantSpares(state: State, org: string): Promise<void> {
  const id = (what: string) => `${org}-spare-${what}`
  const farmId = `${org}-farm`
  const place = { timeZone: 'Asia/Tokyo', latDeg: 36.4, lonDeg: 140.2, elevationM: 30 }
  await state
    .insertInto('farm')
    .values({ id: id('farm'), org, name: `${org} spare`, memberCode: null, ...place, createdAtMs: NOW_MS })
    .execute()
  const soil = { soilTexture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.463 }
  const spareField = {
    id: id('field'),
    org,
    farmId,
    name: `${org} spare`,
    kind: 'upland',
    areaM2: 1,
  } as const
  await state
    .insertInto('field')
    .values({ ...spareField, ...soil, stationId: null, geojson: null })
    .execute()
  await state
    .insertInto('pump')
    .values({ id: id('pump'), org, farmId, name: 'x', capacityLpm: 1, dailyM3: null, maxOpenValves: 1 })
    .execute()
  // a siren that nobody has bound yet
  await state
    .insertInto('valveState')
    .values({
      ...{ deviceId: `${org}-controller`, valve: 'S2', org, pos: 'closed', feedback: null, seq: 0, ranMs: 0 },
      ...{
        litres: null,
        why: 'boot',
        sess: 'b1.c1',
        reportedAtMs: NOW_MS,
        heartbeatAtMs: NOW_MS,
        boundMs: null,
      },
      ...{ capMs: 7_200_000, isTimed: 0, kind: 'siren' },
    })
    .execute()
  const { window, ...columns } = zone
  await state
    .insertInto('zone')
    .values({
      ...{ id: id('zone'), org, farmId, fieldId: `${org}-paddy`, ...columns, method: 'drip', mode: 'off' },
      ...{ windowFromMin: window.fromMin, windowToMin: window.toMin, madFraction: null, adjustPercent: 0 },
      ...{ controllerId: null, valve: null, pumpId: null, pausedUntilMs: null, dailyMaxLitres: null },
    })
    .execute()
}

export const ofRoute = (route: string): [Method, string] => route.split(' ') as [Method, string]
export const isWriting = (route: string): boolean => !/^(GET|HEAD) /.test(route)

/** The routes as they are, without those that answer as another does, less its body. */
export const offered = (routes: readonly RouteEntry[]): RouteEntry[] =>
  routes.filter(({ method }) => method !== 'HEAD')

/** The address and body of a case, for an object of `of`. */
export function callOf(
  route: string,
  of: string,
  known: Known,
): { method: Method; url: string; body?: object } {
  const { id, query = '', body } = routeCases[route]!
  const [method, url] = ofRoute(route)
  const address = url.replace(':id', encodeURIComponent(id?.(of, known) ?? '')) + query
  return { method, url: address, ...(body ? { body: body(of) } : {}) }
}

/** Names in a route's body or query that may be another's object: `...Id`, `device`, `idem`, `valves`. */
export function namesObjects({ schema }: RouteEntry): string[] {
  const parts = [schema.body, schema.querystring] as (TSchema | undefined)[]
  return [...new Set(parts.flatMap(propertiesOf))]
    .filter((name) => /Id$|^(device|idem|valves)$/.test(name))
    .sort()
}

/** Its names, and those of the forms and lists within it. */
const propertiesOf = (schema: TSchema | undefined): string[] => {
  const {
    properties = {},
    allOf = [],
    anyOf = [],
    items,
  } = (schema ?? {}) as {
    properties?: Record<string, TSchema>
    allOf?: TSchema[]
    anyOf?: TSchema[]
    items?: TSchema
  }
  const within = [...Object.values(properties), ...allOf, ...anyOf, ...(items ? [items] : [])]
  return [...Object.keys(properties), ...within.flatMap(propertiesOf)]
}
