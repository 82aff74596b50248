/** Calls that show: who asks, and everything that a screen reads. */
import { PASSWORD } from '../test-api.ts'
import type { RouteCase } from './route-case.ts'

/** A file of one member: not of another organisation's. */
const ofOneMember: RouteCase['refers'] = {
  farmId: { with: (_, other) => ({ year: '2026', farmId: `${other}-farm` }) },
}

export const watching: Record<string, RouteCase> = {
  'GET /healthz': { kind: 'public' },
  'GET /readyz': { kind: 'public' },
  'GET /metrics': { kind: 'public' },
  'GET /api/trust': { kind: 'public' },
  'GET /api/trust/check': { kind: 'public' },
  'GET /api/trust/authority.crt': { kind: 'public' },
  'GET /api/trust/authority.pem': { kind: 'public' },
  'GET /api/trust/tilth.mobileconfig': { kind: 'public' },
  'GET /api/trust/qr.svg': { kind: 'public' },
  'POST /api/setup': {
    kind: 'public',
    body: (org) => ({
      token: 'no-longer-valid',
      name: 'x',
      email: 'x@y.example',
      password: PASSWORD,
      orgName: 'x',
      orgId: org,
    }),
    refers: { orgId: 'the first run: nobody and no organisation is there yet' },
    unaudited: 'once somebody is there it is refused',
  },
  'POST /api/auth/sign-in/email': {
    kind: 'public',
    body: (org) => ({ email: `admin@${org}.example`, password: PASSWORD }),
  },
  'GET /api/me': { kind: 'self' },
  'GET /api/session': { kind: 'public' },
  'GET /api/report-seal': { kind: 'public' },
  'POST /api/auth/organization/set-active': {
    kind: 'self',
    body: (org) => ({ orgId: org }),
    refers: { orgId: { with: (_, other) => ({ orgId: other }), status: 403 } },
  },
  'GET /api/today': { kind: 'list' },
  'GET /ngsi-ld/v1/entities': { kind: 'list', query: '?type=AgriParcel' },
  'GET /ngsi-ld/v1/entities/:id': { kind: 'object', id: (org) => `urn:ngsi-ld:AgriParcel:${org}-field` },
  'GET /api/plan': { kind: 'list' },
  'GET /api/devices': { kind: 'list' },
  'GET /api/farms': { kind: 'list' },
  'GET /api/members': { kind: 'list' },
  'GET /api/audit': { kind: 'list', refers: { device: 'a filter over the own lines' } },
  'GET /api/audit.csv': { kind: 'list', refers: { device: 'a filter over the own lines' } },
  'GET /api/audit/verify': { kind: 'self' },
  'GET /api/dead-letters': { kind: 'list', refers: { afterId: 'where the page begins' } },
  'GET /api/dead-letters/reasons': { kind: 'list' },
  'GET /api/export': { kind: 'list' },
  'GET /api/reports/season': {
    kind: 'list',
    query: '?year=2026&crop=soybean',
    refers: {
      farmId: { with: (_, other) => ({ year: '2026', farmId: `${other}-farm` }) },
    },
  },
  'GET /api/reports/yields': {
    kind: 'list',
    query: '?year=2026&crop=soybean',
    refers: {
      farmId: { with: (_, other) => ({ year: '2026', farmId: `${other}-farm` }) },
    },
  },
  'GET /api/reports/season.csv': {
    kind: 'list',
    query: '?year=2026',
    refers: ofOneMember,
  },
  'GET /api/reports/season.xlsx': {
    kind: 'list',
    query: '?year=2026&lang=ja&unit=kg/10a',
    refers: ofOneMember,
  },
  'GET /api/reports/season.pdf': {
    kind: 'list',
    query: '?year=2026&lang=ja&unit=kg/10a',
    refers: ofOneMember,
  },
  'GET /api/reports/season.geojson': {
    kind: 'list',
    query: '?year=2026',
    refers: ofOneMember,
  },
  'GET /api/reports/season.adapt': {
    kind: 'list',
    query: '?year=2026',
    refers: ofOneMember,
  },
  'GET /api/reports/season.spring': {
    kind: 'list',
    query: '?year=2026',
    refers: ofOneMember,
  },
  'GET /api/reports/season.work': {
    kind: 'list',
    query: '?year=2026',
    refers: ofOneMember,
  },
  'GET /api/reports/season.sprays': {
    kind: 'list',
    query: '?year=2026&scheme=eu',
    refers: { farmId: { with: (_, other) => ({ year: '2026', scheme: 'eu', farmId: `${other}-farm` }) } },
  },
  'POST /api/reports': {
    kind: 'create',
    body: () => ({ format: 'geojson', year: '2026' }),
    refers: {
      farmId: { with: (_, other) => ({ format: 'pdf', year: '2026', farmId: `${other}-farm` }) },
    },
  },
  'GET /api/reports': { kind: 'list' },
  'GET /api/reports/:id/file': { kind: 'object', id: (org) => `${org}-report` },
  'GET /api/fields/:id/drainage.pdf': { kind: 'object', id: (org) => `${org}-paddy`, query: '?year=2026' },
  'GET /api/fields/:id/drainage.json': { kind: 'object', id: (org) => `${org}-paddy`, query: '?year=2026' },
  'GET /api/fields/:id/loads': { kind: 'object', id: (org) => `${org}-field` },
  'GET /api/models': {
    kind: 'list',
    refers: { fieldId: { with: (_, other) => ({ fieldId: `${other}-field` }) } },
  },
  'GET /api/events': { kind: 'list' },
  'GET /api/fields/:id': { kind: 'object', id: (org) => `${org}-field` },
  'GET /api/fields/:id/series': {
    kind: 'object',
    id: (org) => `${org}-field`,
    query: '?quantity=soil.moisture&from=0&to=1000',
  },
  'GET /api/models/:id': { kind: 'object', id: (org) => `soil-moisture:${org}-probe@30` },
  'GET /api/decisions/:id': { kind: 'object', id: (org) => `${org}-why` },
  'GET /api/requests/:id': { kind: 'object', id: (org) => `${org}-request` },
  'GET /api/commands/:id': { kind: 'object', id: (org) => `${org}-command` },
}
