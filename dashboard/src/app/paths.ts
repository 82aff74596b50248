/**
 * The screen of each path, by the name of its file, the texts that it shows, and the requests that it sends first. The build
 * writes them into preload.json (preload-manifest.ts), from which the server sends preload links with the page.
 */
import type { TextPart } from '../i18n/text-parts.ts'

export interface ScreenPath {
  pattern: RegExp // its group is the name in the path
  screen: ScreenName
  requests?: string[] // in addition to the session and Today; `$1`: the name in the path
}

/** The parts of the catalogue that each screen shows, in addition to `common`. */
export const textsOfScreen = {
  Today: [],
  Fields: ['field'],
  Field: ['field', 'pests'],
  Water: ['water'],
  Pests: ['pests'],
  Devices: ['devices'],
  Onboarding: ['devices'],
  Settings: ['account'],
  People: ['people'],
  Audit: ['people'],
  Reports: ['reports'],
  More: ['account'],
  Setup: ['account'],
  Join: ['account'],
  Verify: ['reports', 'account'],
  SignIn: ['account'],
  Trust: ['trust', 'account'],
  NotFound: [],
} as const satisfies Record<string, readonly TextPart[]>
export type ScreenName = keyof typeof textsOfScreen

export const screenPaths: readonly ScreenPath[] = [
  { pattern: /^\/$/, screen: 'Today' },
  { pattern: /^\/fields$/, screen: 'Fields' },
  { pattern: /^\/fields\/([^/]+)$/, screen: 'Field', requests: ['/api/fields/$1?range=30d'] },
  { pattern: /^\/water$/, screen: 'Water', requests: ['/api/plan'] },
  { pattern: /^\/pests$/, screen: 'Pests', requests: ['/api/pests'] },
  { pattern: /^\/devices$/, screen: 'Devices', requests: ['/api/devices'] },
  {
    pattern: /^\/begin$/,
    screen: 'Onboarding',
    requests: ['/api/devices', '/api/notifications', '/api/farms'],
  },
  { pattern: /^\/settings$/, screen: 'Settings' },
  {
    pattern: /^\/people$/,
    screen: 'People',
    requests: ['/api/members', '/api/invitations', '/api/memberships'],
  },
  {
    pattern: /^\/audit$/,
    screen: 'Audit',
    requests: ['/api/audit?&limit=50', '/api/audit/verify'],
  },
  { pattern: /^\/reports$/, screen: 'Reports', requests: ['/api/reports/season', '/api/reports'] },
  { pattern: /^\/more$/, screen: 'More' },
]

/** Screens for people who are not signed in. */
export const publicPaths: readonly ScreenPath[] = [
  { pattern: /^\/setup$/, screen: 'Setup' },
  { pattern: /^\/join$/, screen: 'Join' },
  { pattern: /^\/verify$/, screen: 'Verify' },
  { pattern: /^\/trust$/, screen: 'Trust' },
]

/** The screen of a path; undefined for an unknown path. */
export const pathFor = (path: string): ScreenPath | undefined =>
  [...screenPaths, ...publicPaths].find(({ pattern }) => pattern.test(path))
