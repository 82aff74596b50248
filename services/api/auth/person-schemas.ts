/** What a person chose for themselves, as the dashboard keeps it. */
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
import { Form, OneOf, OrNull, Text } from '../http/schema-primitives.ts'

/** POST /api/me/choices: all of them at once. Null: as is usual in the language. */
export const PersonChoices = Form({
  language: OrNull(Type.String({ pattern: '^[a-z]{2,3}$' })),
  areaUnit: OrNull(OneOf(...areaUnits)),
  waterUnit: OrNull(OneOf(...waterUnits)),
  tempUnit: OrNull(OneOf(...tempUnits)),
  depthUnit: OrNull(OneOf(...depthUnits)),
  tensionUnit: OrNull(OneOf(...tensionUnits)),
  clock: OrNull(OneOf(...clocks)),
  firstWeekday: OrNull(OneOf(...firstWeekdays)),
  isSetUp: Type.Boolean(), // through with the first run, or left it
})
export type PersonChoices = Static<typeof PersonChoices>

/** GET /api/desk: whom to call who cannot sign in. */
export const SupportContact = Type.Object({ phone: OrNull(Text) })
export type SupportContact = Static<typeof SupportContact>
