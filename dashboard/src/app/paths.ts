/**
 * Which screen a path opens, by the name of its file, and what that screen asks of the server first. The build tells it to
 * the server too (early-files.ts), which names with the page what will be wanted.
 */
export interface ScreenPath {
  pattern: RegExp // its group is the name in the path
  screen: string
  asks?: string[] // beside who is signed in, and Today; `$1`: the name in the path
}

export const screenPaths: readonly ScreenPath[] = [
  { pattern: /^\/$/, screen: 'Today' },
  { pattern: /^\/fields$/, screen: 'Fields' },
  { pattern: /^\/fields\/([^/]+)$/, screen: 'Field', asks: ['/api/fields/$1?range=30d'] },
  { pattern: /^\/water$/, screen: 'Water' },
  { pattern: /^\/pests$/, screen: 'Pests', asks: ['/api/pests'] },
  { pattern: /^\/devices$/, screen: 'Devices', asks: ['/api/devices'] },
  { pattern: /^\/begin$/, screen: 'Begin', asks: ['/api/devices', '/api/notices', '/api/farms'] },
  { pattern: /^\/settings$/, screen: 'Settings' },
  { pattern: /^\/people$/, screen: 'People', asks: ['/api/members', '/api/invitations', '/api/memberships'] },
  { pattern: /^\/audit$/, screen: 'Audit', asks: ['/api/audit?&limit=50'] },
  { pattern: /^\/reports$/, screen: 'Reports' },
  { pattern: /^\/more$/, screen: 'More' },
]

/** Opened by who is not signed in, or not yet. */
export const doorPaths: readonly ScreenPath[] = [
  { pattern: /^\/setup$/, screen: 'Setup' },
  { pattern: /^\/join$/, screen: 'Join' },
]
