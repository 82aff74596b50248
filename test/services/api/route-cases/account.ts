/** Calls about dead letters, members and notices, and in the end the account of who asks. */
import { PASSWORD } from '../test-api.ts'
import type { RouteCase } from './route-case.ts'

export const account: Record<string, RouteCase> = {
  'POST /api/dead-letters/replay': {
    kind: 'create',
    body: (org) => ({ device: `${org}-station` }),
    refers: {
      device: { with: (_, other) => ({ device: `${other}-probe` }) },
      afterId: 'where the page begins',
    },
  },
  'POST /api/dead-letters/discard': {
    kind: 'create',
    body: (org) => ({ reason: `${org} is not known`, upToId: Number.MAX_SAFE_INTEGER }),
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
  'POST /api/members/:id/password-link': { kind: 'object', id: (org, { member }) => member[org]! },
  'POST /api/password-links/inspect': {
    kind: 'public',
    body: () => ({ code: 'no such code' }),
    unaudited: 'it only looks',
  },
  'POST /api/password-links/accept': {
    kind: 'public',
    body: () => ({ code: 'no such code', password: PASSWORD }),
    unaudited: 'who holds a code need not be signed in; password-links.test.ts shows what is kept of it',
  },
  'DELETE /api/members/:id': { kind: 'object', id: (org, { member }) => member[org]! },
  'POST /api/me/preferences': {
    kind: 'self',
    body: () => ({
      language: 'ja',
      areaUnit: 'tan',
      waterUnit: null,
      tempUnit: null,
      depthUnit: 'mm',
      tensionUnit: 'pf',
      clock: '24',
      firstWeekday: 'monday',
      isSetUp: true,
    }),
  },
  'GET /api/notifications': { kind: 'self' },
  'POST /api/notifications': {
    kind: 'self',
    body: () => ({
      language: 'ja',
      byMail: false,
      urgentPasses: true,
      digestMin: 360,
      modes: { water: 'urgent', weather: 'urgent', pests: 'daily', devices: 'daily', server: 'off' },
      quietHours: { fromMin: 1260, toMin: 360 },
    }),
  },
  'POST /api/notifications/devices': {
    kind: 'self',
    body: (org) => ({
      name: 'x',
      url: `https://push.example/${org}/new`,
      key: `B${'A'.repeat(86)}`,
      auth: 'A'.repeat(22),
    }),
  },
  'POST /api/notifications/devices/renew': {
    kind: 'self',
    body: (org) => ({
      oldUrl: `https://push.example/${org}`,
      url: `https://push.example/${org}/newer`,
      key: `B${'A'.repeat(86)}`,
      auth: 'A'.repeat(22),
    }),
  },
  'DELETE /api/notifications/devices/:id': { kind: 'object', id: (org) => `${org}-phone` },
  'POST /api/notifications/webhook': {
    kind: 'create',
    body: () => ({ url: 'http://127.0.0.1:9/alerts', language: 'en' }), // nobody listens there
  },
  'POST /api/notifications/test': {
    kind: 'create',
    body: () => ({ channel: 'webhook' }),
    refers: { deviceId: { with: (_, other) => ({ channel: 'push', deviceId: `${other}-phone` }) } },
  },
  'DELETE /api/notifications/webhook': { kind: 'self' },
  'POST /api/auth/change-password': {
    kind: 'self',
    body: () => ({ currentPassword: PASSWORD, newPassword: 'mizu-to-kome-2027' }),
  },
  'POST /api/auth/sign-out': { kind: 'self', body: () => ({}) },
}
