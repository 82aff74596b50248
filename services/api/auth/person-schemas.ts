/** The display preferences of a person. */
import Type, { type Static } from 'typebox'
import {
  areaUnits,
  clocks,
  depthUnits,
  firstWeekdays,
  tempUnits,
  tensionUnits,
  waterUnits,
} from '../../tables.ts'
import { Form, OneOf, OrNull } from '../http/validation/schema-primitives.ts'

/** POST /api/me/preferences: all preferences at once. Null: the default of the language. */
export const PersonPreferences = Form({
  language: OrNull(Type.String({ pattern: '^[a-z]{2,3}$' })),
  areaUnit: OrNull(OneOf(...areaUnits)),
  waterUnit: OrNull(OneOf(...waterUnits)),
  tempUnit: OrNull(OneOf(...tempUnits)),
  depthUnit: OrNull(OneOf(...depthUnits)),
  tensionUnit: OrNull(OneOf(...tensionUnits)),
  clock: OrNull(OneOf(...clocks)),
  firstWeekday: OrNull(OneOf(...firstWeekdays)),
  isSetUp: Type.Boolean(), // finished or skipped the onboarding
})
export type PersonPreferences = Static<typeof PersonPreferences>
