/**
 * The screen of each path, by the name of its file, and the requests that the screen sends first. The build writes both
 * into preload.json (preload-manifest.ts), from which the server sends preload links with the page.
 */
export interface ScreenPath {
  pattern: RegExp // its group is the name in the path
  screen: string
  requests?: string[] // in addition to the session and Today; `$1`: the name in the path
}

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
]

/** The screen of a path; undefined for an unknown path. */
export const pathFor = (path: string): ScreenPath | undefined =>
  [...screenPaths, ...publicPaths].find(({ pattern }) => pattern.test(path))
