/**
 * Who may do what. Every route names what it needs; a role either includes it or not. Opening a valve is a need of
 * its own, and stopping is open to every role that works in the field.
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

const viewer: Need[] = ['public', 'read']
const operator: Need[] = [...viewer, 'stop', 'openValve', 'approve', 'tune', 'record']
const agronomist: Need[] = [...operator, 'configure']
const granted: Record<Role, ReadonlySet<Need>> = {
  viewer: new Set(viewer),
  operator: new Set(operator),
  agronomist: new Set(agronomist),
  admin: new Set(needs),
}

export const may = (role: Role, need: Need): boolean => granted[role].has(need)

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)
