/** Personal settings, and password reset links. */
import Type, { type Static } from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

export const areaUnits = ['ha', 'a', 'tan'] as const
export const waterUnits = ['l', 'm3'] as const
export const tempUnits = ['c', 'f'] as const
export const depthUnits = ['cm', 'mm'] as const
export const tensionUnits = ['kpa', 'pf'] as const
export const clocks = ['24', '12'] as const
export const firstWeekdays = ['monday', 'saturday', 'sunday'] as const

/** Number and time formats of a person. Null: the default of the language. */
const PersonPreferences = Type.Object({
  language: OrNull(Type.String()),
  areaUnit: OrNull(Type.Enum(areaUnits)),
  waterUnit: OrNull(Type.Enum(waterUnits)), // for metered volumes; decisions are in mm
  tempUnit: OrNull(Type.Enum(tempUnits)),
  depthUnit: OrNull(Type.Enum(depthUnits)),
  tensionUnit: OrNull(Type.Enum(tensionUnits)),
  clock: OrNull(Type.Enum(clocks)),
  firstWeekday: OrNull(Type.Enum(firstWeekdays)),
  isSetUp: Type.Boolean(), // onboarding completed or skipped
})
export type PersonPreferences = Static<typeof PersonPreferences>
export const readPersonPreferences = jsonColumn('person.preferences', PersonPreferences)

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
