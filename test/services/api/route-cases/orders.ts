/** Calls that move water: valves, runs, a paddy, outputs other than valves, and tasks for a person. */
import { type RouteCase, taken } from './route-case.ts'

export const orders: Record<string, RouteCase> = {
  'POST /api/start': {
    kind: 'create',
    body: (org) => ({ idem: `${org}-start`, zoneId: `${org}-zone`, minutes: 10 }),
    refers: {
      zoneId: { with: (_, other) => ({ idem: 'another-start', zoneId: `${other}-zone`, minutes: 10 }) },
      idem: taken((own) => ({ zoneId: `${own}-zone`, minutes: 10 })),
    },
  },
  'POST /api/zones/:id/test': {
    kind: 'object',
    id: (org) => `${org}-zone`,
    body: (org) => ({ idem: `${org}-test-1` }),
    refers: { idem: taken(() => ({})) },
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
    kind: 'object',
    id: (org) => `${org}-run`,
    body: () => ({}),
    refers: { idem: taken(() => ({})) },
  },
  'POST /api/runs/:id/skip': {
    kind: 'object',
    id: (org) => `${org}-run`,
    body: () => ({}),
    refers: { idem: taken(() => ({})) },
  },
  'POST /api/runs/:id/dismiss-remainder': { kind: 'object', id: (org) => `${org}-failed-run` },
  'POST /api/zones/:id/unlock': {
    kind: 'object',
    id: (org) => `${org}-zone`,
    body: () => ({}),
    refers: { idem: taken(() => ({})) },
  },
  'POST /api/devices/:id/clear-fault': {
    kind: 'object',
    id: (org) => `${org}-controller`,
    body: () => ({}),
    refers: {
      alertId: { with: (_, other) => ({ alertId: `${other}-alert` }) },
      idem: taken(() => ({})),
    },
  },
  'GET /api/fields/:id/paddy': { kind: 'object', id: (org) => `${org}-paddy` },
  'PATCH /api/fields/:id/paddy': {
    kind: 'object',
    id: (org) => `${org}-paddy`,
    body: () => ({ herbicideDay: '2026-07-22' }),
  },
  'GET /api/fields/:id/outputs': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/fields/:id/outputs': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: (org) => ({ name: 'x', deviceId: `${org}-controller`, valve: 'S2' }),
    refers: {
      deviceId: { with: (_, other) => ({ name: 'x', deviceId: `${other}-controller`, valve: 'S2' }) },
    },
  },
  'PATCH /api/outputs/:id': {
    kind: 'object',
    id: (org) => `${org}-output`,
    body: () => ({ everyMinutes: 20 }),
  },
  'POST /api/outputs/:id/off': { kind: 'object', id: (org) => `${org}-output` },
  'DELETE /api/outputs/:id': { kind: 'object', id: (org) => `${org}-spare-output` },
  'GET /api/tasks': { kind: 'list' },
  'POST /api/tasks/:id/done': { kind: 'object', id: (org) => `${org}-spare-task` },
  'POST /api/tasks/:id/not-done': { kind: 'object', id: (org) => `${org}-done-task` },
}
