/**
 * Who may do what. Every route names what it needs; a role either includes it or not. Opening a valve is a need of
 * its own. Stopping is everyone's who can sign in: STOP stands on every screen and asks no question, a closed valve
 * harms nobody at once, and whoever sees water where it should not be must not be told that he only looks on. Who did it
 * is in the audit.
 */
export const roles = ['viewer', 'operator', 'agronomist', 'admin'] as const
export type Role = (typeof roles)[number]

export const needs = [
  'public', // no sign-in: health, the dashboard's files, sign-in itself
  'read',
  'stop',
  'openValve',
  'approve', // let a proposed run go, or skip a run
  'tune', // pause a zone, adjust its depth
  'record', // enter what was harvested
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

export const may = (role: Role, need: Need): boolean => needsByRole[role].has(need)

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)
