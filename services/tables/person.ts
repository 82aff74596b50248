/** What people chose for themselves, and their way back in. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export const areaUnits = ['ha', 'a', 'tan'] as const
export const waterUnits = ['l', 'm3'] as const
export const tempUnits = ['c', 'f'] as const
export const depthUnits = ['cm', 'mm'] as const
export const tensionUnits = ['kpa', 'pf'] as const
export const clocks = ['24', '12'] as const
export const firstWeekdays = ['monday', 'saturday', 'sunday'] as const

/** How a person reads numbers and times, whatever their language. Null: as is usual in it. */
export interface PersonChoices {
  language: string | null
  areaUnit: (typeof areaUnits)[number] | null
  waterUnit: (typeof waterUnits)[number] | null // of what a meter counts; decisions are in mm
  tempUnit: (typeof tempUnits)[number] | null
  depthUnit: (typeof depthUnits)[number] | null
  tensionUnit: (typeof tensionUnits)[number] | null
  clock: (typeof clocks)[number] | null
  firstWeekday: (typeof firstWeekdays)[number] | null
  isSetUp: boolean // they have been through the first run, or have left it
}

/** The choices of one person in one organisation. Without a row everything is as usual. */
export interface PersonRow {
  org: string
  userId: string
  choices: Json<PersonChoices>
}

/** The one link with which this person chooses another password. It is gone when it has been used. */
export interface PasswordLinkRow {
  userId: string
  codeHash: string
  memberships: string // where they belonged, and as what, when it was made: it counts only while that is so
  actor: string // who made it: an administrator, or 'console'
  expiresMs: AtMs
}
