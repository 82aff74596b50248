/** Personal settings, and password reset links. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export const areaUnits = ['ha', 'a', 'tan'] as const
export const waterUnits = ['l', 'm3'] as const
export const tempUnits = ['c', 'f'] as const
export const depthUnits = ['cm', 'mm'] as const
export const tensionUnits = ['kpa', 'pf'] as const
export const clocks = ['24', '12'] as const
export const firstWeekdays = ['monday', 'saturday', 'sunday'] as const

/** Number and time formats of a person. Null: the default of the language. */
export interface PersonPreferences {
  language: string | null
  areaUnit: (typeof areaUnits)[number] | null
  waterUnit: (typeof waterUnits)[number] | null // for metered volumes; decisions are in mm
  tempUnit: (typeof tempUnits)[number] | null
  depthUnit: (typeof depthUnits)[number] | null
  tensionUnit: (typeof tensionUnits)[number] | null
  clock: (typeof clocks)[number] | null
  firstWeekday: (typeof firstWeekdays)[number] | null
  isSetUp: boolean // onboarding completed or skipped
}

/** The settings of one person in one organisation. Without a row: defaults. */
export interface PersonRow {
  org: string
  userId: string
  preferences: Json<PersonPreferences>
}

/** The password reset link of a person; deleted on use. */
export interface PasswordLinkRow {
  userId: string
  codeHash: string
  memberships: string // memberships and roles at creation: the link is void once they change
  actor: string // creator: an administrator, or 'console'
  expiresMs: AtMs
}
