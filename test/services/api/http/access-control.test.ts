/** Who may do what: every route for every role, against a table written by hand; and writes from other sites. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { may, needs, roles, type Role } from '../../../../services/api/http/permissions.ts'
import { plantFarm } from '../rows.ts'
import { offered } from '../route-cases.ts'
import { startTestApi, type Method, type TestApi } from '../test-api.ts'

let tilth: TestApi
const cookies = {} as Record<Role, string>

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  for (const role of roles) cookies[role] = await tilth.signUp('midori', role)
})
afterAll(() => tilth.stop())

/**
 * Written by hand, against B13 and what a farm would say, not from the code: who may. V viewer, O operator,
 * G agronomist, A admin; `all`: no sign-in.
 */
const mayUse: Record<string, string> = {
  'GET /healthz': 'all',
  'GET /readyz': 'all',
  'GET /metrics': 'all', // and then only this machine or an administrator: server.test.ts
  'POST /api/setup': 'all',
  'POST /api/claim': 'all', // a device, with its code
  'POST /api/invitations/inspect': 'all', // the code itself is the permission
  'POST /api/invitations/accept': 'all',
  'POST /api/password-links/inspect': 'all',
  'POST /api/password-links/accept': 'all',
  'POST /api/auth/sign-in/email': 'all',
  'POST /api/auth/sign-out': 'all',
  'POST /api/auth/change-password': 'VOGA',
  'POST /api/auth/organization/set-active': 'VOGA',

  'GET /api/report-seal': 'all', // an auditor has no account
  'GET /api/session': 'all', // that nobody is signed in is its answer
  // a phone installs the authority before it can sign in
  'GET /api/trust': 'all',
  'GET /api/trust/authority.crt': 'all',
  'GET /api/trust/authority.pem': 'all',
  'GET /api/trust/check': 'all',
  'GET /api/trust/qr.svg': 'all',
  'GET /api/trust/tilth.mobileconfig': 'all',

  // looking
  'GET /api/me': 'VOGA',
  'GET /api/me/organisations': 'VOGA',
  'POST /api/me/join': 'VOGA',
  'GET /api/memberships': 'VOGA',
  'GET /api/memberships/advice-recipients': 'GA',
  'POST /api/memberships/advice': 'GA',
  'POST /api/me/preferences': 'VOGA',
  'GET /api/today': 'VOGA',
  'GET /ngsi-ld/v1/entities': 'VOGA',
  'GET /ngsi-ld/v1/entities/:id': 'VOGA',
  'GET /api/plan': 'VOGA',
  'GET /api/farms': 'VOGA',
  'GET /api/map': 'VOGA',
  'GET /api/fields/:id': 'VOGA',
  'GET /api/fields/:id/series': 'VOGA',
  'POST /api/fields/:id/split': 'GA',
  'POST /api/fields/:id/merge': 'GA',
  'GET /api/decisions/:id': 'VOGA',
  'GET /api/forecast-skill': 'VOGA',
  'GET /api/models': 'VOGA',
  'GET /api/models/:id': 'VOGA',
  'GET /api/devices': 'VOGA',
  'GET /api/devices/:id': 'VOGA',
  'GET /api/devices/:id/photo': 'VOGA',
  'POST /api/devices/:id/photo': 'OGA',
  'DELETE /api/devices/:id/photo': 'OGA',
  'POST /api/devices/:id/place': 'OGA',
  'GET /api/requests/:id': 'VOGA',
  'GET /api/commands/:id': 'VOGA',
  'GET /api/events': 'VOGA',
  'GET /api/reports/season': 'VOGA',
  'GET /api/reports/yields': 'VOGA',
  'GET /api/reports/season.csv': 'VOGA',
  'GET /api/reports/season.xlsx': 'VOGA',
  'GET /api/reports/season.pdf': 'VOGA',
  'GET /api/reports/season.geojson': 'VOGA',
  'GET /api/reports/season.adapt': 'VOGA',
  'GET /api/reports/season.spring': 'VOGA',
  'GET /api/reports/season.work': 'VOGA',
  'GET /api/reports/season.sprays': 'VOGA',
  'POST /api/reports': 'VOGA',
  'GET /api/reports': 'VOGA',
  'GET /api/reports/:id/file': 'VOGA',
  'GET /api/fields/:id/drainage.pdf': 'VOGA',
  'GET /api/fields/:id/drainage.json': 'VOGA',
  'GET /api/fields/:id/loads': 'VOGA',

  // water: everyone may stop it, and only some may let it run
  'POST /api/stop': 'VOGA',
  'POST /api/start': 'OGA',
  'POST /api/runs/:id/approve': 'OGA',
  'POST /api/runs/:id/skip': 'OGA',
  'POST /api/runs/:id/dismiss-remainder': 'OGA',
  'POST /api/zones/:id/unlock': 'OGA',
  'POST /api/devices/:id/clear-fault': 'OGA',
  'POST /api/zones/:id/test': 'OGA',
  'PATCH /api/zones/:id': 'OGA', // an operator: pause and depth alone

  // a puffer, a siren, a fan: what one cannot harm with, everyone may switch off
  'GET /api/fields/:id/outputs': 'VOGA',
  'POST /api/fields/:id/outputs': 'GA',
  'PATCH /api/outputs/:id': 'GA',
  'POST /api/outputs/:id/off': 'VOGA',
  'DELETE /api/outputs/:id': 'GA',

  // sprays: an operator plans, confirms and records them; what may be sprayed at all is an agronomist's
  'GET /api/fields/:id/paddy': 'VOGA',
  'PATCH /api/fields/:id/paddy': 'OGA',
  'GET /api/tasks': 'VOGA',
  'POST /api/tasks/:id/done': 'OGA',
  'POST /api/tasks/:id/not-done': 'OGA',
  'GET /api/pests': 'VOGA',
  'POST /api/fields/:id/scouting-counts': 'OGA',
  'POST /api/fields/:id/notes': 'OGA',
  'GET /api/fields/:id/pest-control': 'VOGA',
  'GET /api/products': 'VOGA',
  'GET /api/treatments': 'VOGA',
  'GET /api/treatments/:id': 'VOGA',
  'POST /api/treatments': 'OGA',
  'POST /api/treatments/past': 'OGA',
  'PATCH /api/treatments/:id': 'OGA',
  'POST /api/treatments/:id/confirm': 'OGA',
  'POST /api/treatments/:id/done': 'OGA',
  'POST /api/treatments/:id/record': 'OGA',
  'POST /api/treatments/:id/void': 'OGA',
  'POST /api/seasons/:id/planned-harvest': 'OGA',
  'POST /api/fields/:id/pest-economics': 'GA',
  'POST /api/products/preview': 'GA',
  'POST /api/products/import': 'GA',
  'POST /api/products/:id/retire': 'GA',

  // how the farm is run
  'POST /api/seasons/:id/yield': 'OGA',
  'POST /api/fields/:id/frost-survived': 'OGA',
  'POST /api/seasons/:id/harvest': 'OGA',
  'POST /api/fields/:id/loads': 'OGA',
  'POST /api/loads/:id/void': 'OGA',
  'POST /api/loads/:id/correct': 'OGA',
  'GET /api/fields/:id/work': 'VOGA',
  'GET /api/fields/:id/history': 'VOGA',
  'GET /api/fields/:id/irrigations': 'VOGA',
  'POST /api/irrigations': 'OGA',
  'POST /api/irrigations/confirm': 'OGA',
  'POST /api/irrigations/:id/void': 'OGA',
  'POST /api/field-work': 'OGA',
  'POST /api/field-work/:id/confirm': 'OGA',
  'POST /api/field-work/:id/void': 'OGA',
  'POST /api/field-work/:id/photos': 'OGA',
  'POST /api/notes/:id/photos': 'OGA',
  'POST /api/treatments/:id/photos': 'OGA',
  'GET /api/photos/:id': 'VOGA',
  'POST /api/photos/:id/void': 'OGA',
  'POST /api/fields': 'GA',
  'PATCH /api/fields/:id': 'GA',
  'PATCH /api/farms/:id': 'GA',
  'DELETE /api/fields/:id': 'GA',
  'DELETE /api/fields/:id/shape': 'GA',
  'POST /api/shapes/preview': 'GA',
  'POST /api/shapes/import': 'GA',
  'POST /api/fields/:id/fixed-schedule': 'GA',
  'GET /api/fields/:id/strategy': 'VOGA',
  'POST /api/fields/:id/strategy': 'GA',
  'POST /api/farms/:id/water-price': 'GA',
  'POST /api/farms/:id/weather-thresholds': 'GA',
  'POST /api/pumps/:id/water-price': 'GA',
  'POST /api/fields/:id/degree-day-trackers': 'GA',
  'POST /api/seasons': 'GA',
  'PATCH /api/seasons/:id': 'GA',
  'DELETE /api/seasons/:id': 'GA',
  'POST /api/zones': 'GA',
  'DELETE /api/zones/:id': 'GA',
  'POST /api/pumps': 'GA',
  'PATCH /api/pumps/:id': 'GA',
  'DELETE /api/pumps/:id': 'GA',
  'GET /api/dead-letters': 'GA',
  'GET /api/dead-letters/reasons': 'GA',
  'GET /api/unread-messages': 'GA',

  // notifications: everyone sets their own preferences; an administrator sets the organisation's webhooks
  'GET /api/notifications': 'VOGA',
  'POST /api/notifications': 'VOGA',
  'POST /api/notifications/devices': 'VOGA',
  'POST /api/notifications/devices/renew': 'VOGA',
  'DELETE /api/notifications/devices/:id': 'VOGA',
  'POST /api/notifications/test': 'VOGA',
  'POST /api/notifications/webhook': 'A',
  'DELETE /api/notifications/webhook': 'A',

  // devices, people, everything at once
  'POST /api/devices': 'A',
  'PATCH /api/devices/:id': 'A',
  'POST /api/devices/:id/rotate': 'A',
  'POST /api/devices/:id/revoke': 'A',
  'GET /api/integrations': 'A',
  'POST /api/integrations': 'A',
  'PATCH /api/integrations/:id': 'A',
  'DELETE /api/integrations/:id': 'A',
  'POST /api/integrations/:id/rotate': 'A',
  'POST /api/integrations/:id/revoke': 'A',
  'GET /api/unassigned-devices': 'A',
  'GET /api/unassigned-devices/messages': 'A',
  'POST /api/unassigned-devices/hide': 'A',
  'POST /api/unassigned-devices/assign': 'A',
  'GET /api/device-profiles': 'A',
  'POST /api/devices/:id/profile': 'A',
  'GET /api/devices/:id/valves': 'VOGA',
  'POST /api/devices/:id/valves/:valve': 'A',
  'PATCH /api/devices/:id/valves/:valve': 'A',
  'POST /api/devices/:id/valves/:valve/test': 'OGA',
  'POST /api/devices/:id/valves/:valve/unlock': 'OGA',
  'POST /api/devices/:id/unassign': 'A',
  'POST /api/devices/:id/read-again': 'A',
  'POST /api/claim-codes': 'A',
  'POST /api/devices/:id/claim-code': 'A',
  'POST /api/labels/read': 'A',
  'POST /api/dead-letters/replay': 'A',
  'POST /api/dead-letters/:id/replay': 'A',
  'POST /api/dead-letters/discard': 'A',
  'DELETE /api/dead-letters/:id': 'A',
  'POST /api/farms': 'A',
  'DELETE /api/farms/:id': 'A',
  'POST /api/memberships/:id/consent': 'A',
  'POST /api/memberships/:id/codes': 'A',
  'POST /api/memberships/:id/invite': 'A',
  'POST /api/memberships/:id/end': 'A',
  'DELETE /api/memberships/:id': 'A',
  'POST /api/memberships/preview': 'A',
  'POST /api/memberships/import': 'A',
  'GET /api/invitations': 'A',
  'POST /api/invitations': 'A',
  'DELETE /api/invitations/:id': 'A',
  'GET /api/members': 'A',
  'POST /api/members': 'A',
  'DELETE /api/members/:id': 'A',
  'POST /api/members/:id/password-link': 'A',
  'GET /api/audit': 'A',
  'GET /api/audit/verify': 'A',
  'GET /api/audit.csv': 'A',
  'GET /api/export': 'A',
}
const letter: Record<Role, string> = { viewer: 'V', operator: 'O', agronomist: 'G', admin: 'A' }

describe('roles', () => {
  it('the table has every route (B13)', () => {
    const routes = offered(tilth.api.routes).map(({ method, url }) => `${method} ${url}`)
    expect(Object.keys(mayUse).sort()).toEqual(routes.sort())
  })

  // who is refused is refused before anything is read: no body is needed to see it
  it.each(roles)('a %s is refused exactly where the table refuses it (B13)', async (role) => {
    const own = await tilth.signUp('midori', role, `matrix-${role}@midori.example`)
    for (const [route, who] of Object.entries(mayUse)) {
      if (who === 'all' || route.startsWith('POST /api/auth/')) continue
      const [method, url] = route.split(' ') as [Method, string]
      const status =
        route === 'GET /api/events'
          ? await streamStatus(own)
          : (await tilth.call(own, method, url.replace(':id', 'no-such-thing'))).status
      expect([role, route, status !== 403]).toEqual([role, route, who.includes(letter[role])])
    }
  })

  it('no request passes without a session, nor with an invented one', async () => {
    const madeUp = `tilth.session_token=${'x'.repeat(32)}.${'A'.repeat(43)}%3D`
    for (const [route, who] of Object.entries(mayUse)) {
      if (who === 'all') continue
      const [method, url] = route.split(' ') as [Method, string]
      for (const cookie of [null, madeUp]) {
        const answer = await tilth.call(cookie, method, url.replace(':id', 'x'))
        expect([route, answer.status, answer.body.error]).toEqual([route, 401, 'UNAUTHENTICATED'])
      }
    }
  })

  it('HEAD has the permissions of GET', () => {
    const needsOf = (wanted: string) =>
      Object.fromEntries(
        tilth.api.routes.filter(({ method }) => method === wanted).map(({ url, needs }) => [url, needs]),
      )
    const get = needsOf('GET')
    for (const [url, need] of Object.entries(needsOf('HEAD'))) expect([url, need]).toEqual([url, get[url]])
    expect(needsOf('HEAD')).not.toHaveProperty('/api/events') // it would hold a stream that nobody reads
  })

  it('a role that may approve a proposed run may open a valve: that is the effect', () => {
    for (const role of roles)
      if (may(role, 'approve')) expect([role, may(role, 'openValve')]).toEqual([role, true])
  })

  it('a higher role has all permissions of a lower one', () => {
    for (const [i, role] of roles.entries())
      for (const need of needs)
        if (may(role, need)) for (const higher of roles.slice(i)) expect(may(higher, need)).toBe(true)
  })

  it('an operator may pause a zone but not change its mode (B13)', async () => {
    const patch = (body: object) => tilth.call(cookies.operator, 'PATCH', '/api/zones/midori-zone', body)
    expect((await patch({ pause: { hours: 24 } })).status).toBe(200)
    const answer = await patch({ mode: 'auto' })
    expect([answer.status, answer.body.error]).toEqual([403, 'FORBIDDEN'])
  })
})

/** The stream answers with its headers, and goes on. */
async function streamStatus(cookie: string): Promise<number> {
  const abort = new AbortController()
  const { status } = await fetch(`http://127.0.0.1:${tilth.api.port}/api/events`, {
    headers: { cookie },
    signal: abort.signal,
  })
  abort.abort()
  return status
}

describe('a write from another site', () => {
  const patch = (headers: Record<string, string>) =>
    tilth.api.inject({
      method: 'PATCH',
      url: '/api/zones/midori-zone',
      headers: { host: 'farm.local:8080', cookie: cookies.admin, ...headers },
      payload: { adjustPercent: 5 },
    })

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://farm.local' }], // another port is another origin
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://farm.local:8080' }],
  ])('with %o is refused (B9)', async (headers) => {
    const answer = await patch(headers as Record<string, string>)
    expect([answer.statusCode, answer.json().error]).toEqual([403, 'FORBIDDEN'])
  })

  it.each([
    [{ origin: 'http://farm.local:8080', 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'https://farm.local:8080' }],
    [{}], // a program
  ])('from our own page or a program, with %o, is accepted', async (headers) => {
    expect((await patch(headers as Record<string, string>)).statusCode).toBe(200)
  })

  it('is refused on every route that writes, including sign-in, before any other check (B9)', async () => {
    for (const { method, url } of offered(tilth.api.routes)) {
      if (method === 'GET') continue
      const answer = await tilth.api.inject({
        method: method as Method,
        url: url.replace(':id', 'x'),
        payload: {},
        headers: { host: 'farm.local', origin: 'https://evil.example' },
      })
      const { error, message } = answer.json<{ error: string; message: string }>()
      expect([method, url, answer.statusCode, error]).toEqual([method, url, 403, 'FORBIDDEN'])
      expect(message).toContain('Origin')
    }
  })

  it('a form of another site cannot be read at all (B9)', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const answer = await tilth.api.inject({
        method: 'POST',
        url: '/api/stop',
        headers: { cookie: cookies.admin, 'content-type': type },
        payload: '{"idem":"form-of-another-site"}',
      })
      expect([type, answer.statusCode, answer.json().error]).toEqual([type, 400, 'BAD_REQUEST'])
    }
  })
})
