/**
 * Roles and permissions. Every route declares its need; a role either includes it or not. Opening a valve is
 * a need of its own. Everyone who can sign in may stop: STOP is on every screen without confirmation, closing
 * a valve causes no immediate harm, and a person who sees water in the wrong place must not be refused. The
 * audit records who did it.
 */
export const roles = ['viewer', 'operator', 'agronomist', 'admin'] as const
export type Role = (typeof roles)[number]

export const needs = [
  'public', // no sign-in: health, the dashboard's files, sign-in itself
  'read',
  'stop',
  'openValve',
  'approve', // approve or skip a run
  'tune', // pause a zone, adjust its depth
  'record', // enter harvests and field records
  'configure', // modes, windows, fields, seasons, zones
  'admin', // people, devices, farms, export, erasure
] as const
export type Need = (typeof needs)[number]

const viewer: Need[] = ['public', 'read', 'stop']
const operator: Need[] = [...viewer, 'openValve', 'approve', 'tune', 'record']
const agronomist: Need[] = [...operator, 'configure']
const needsByRole: Record<Role, ReadonlySet<Need>> = {
  viewer: new Set(viewer),
  operator: new Set(operator),
  agronomist: new Set(agronomist),
  admin: new Set(needs),
}

/** Each role in the order of `roles` includes the needs of the roles before it. */
export const may = (role: Role, need: Need): boolean => needsByRole[role].has(need)

/** Of a stored text: a membership with another role gives no access. */
export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)
