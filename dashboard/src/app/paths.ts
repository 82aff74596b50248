/**
 * Which screen a path opens, by the name of its file, and what that screen asks of the server first. The build tells it to
 * the server too (preload-manifest.ts), which names with the page what will be wanted.
 */
import type { WordPart } from '../i18n/languages.ts'

export interface ScreenPath {
  pattern: RegExp // its group is the name in the path
  screen: string
  words?: WordPart // beside the first
  asks?: string[] // beside who is signed in, and Today; `$1`: the name in the path
}

export const screenPaths: readonly ScreenPath[] = [
  { pattern: /^\/$/, screen: 'Today' },
  { pattern: /^\/fields$/, screen: 'Fields', words: 'daily' },
  { pattern: /^\/fields\/([^/]+)$/, screen: 'Field', words: 'daily', asks: ['/api/fields/$1?range=30d'] },
  { pattern: /^\/water$/, screen: 'Water', words: 'daily', asks: ['/api/plan'] },
  { pattern: /^\/pests$/, screen: 'Pests', words: 'daily', asks: ['/api/pests'] },
  { pattern: /^\/devices$/, screen: 'Devices', words: 'daily', asks: ['/api/devices'] },
  {
    pattern: /^\/begin$/,
    screen: 'Onboarding',
    words: 'rest',
    asks: ['/api/devices', '/api/notifications', '/api/farms'],
  },
  { pattern: /^\/settings$/, screen: 'Settings', words: 'rest' },
  {
    pattern: /^\/people$/,
    screen: 'People',
    words: 'rest',
    asks: ['/api/members', '/api/invitations', '/api/memberships'],
  },
  {
    pattern: /^\/audit$/,
    screen: 'Audit',
    words: 'rest',
    asks: ['/api/audit?&limit=50', '/api/audit/verify'],
  },
  { pattern: /^\/reports$/, screen: 'Reports', words: 'rest', asks: ['/api/reports/season', '/api/reports'] },
  { pattern: /^\/more$/, screen: 'More', words: 'daily' },
]

/** Opened by who is not signed in, or not yet. */
export const publicPaths: readonly ScreenPath[] = [
  { pattern: /^\/setup$/, screen: 'Setup' },
  { pattern: /^\/join$/, screen: 'Join', words: 'rest' },
]

/** Of a path the screen that it opens; undefined for one that we do not have. */
export const pathFor = (path: string): ScreenPath | undefined =>
  [...screenPaths, ...publicPaths].find(({ pattern }) => pattern.test(path))
