/** The signed-in person. */
import Type, { type Static } from 'typebox'
import { Id, OneOf, OrNull, Text } from '../http/validation/schema-primitives.ts'
import { PersonPreferences } from './person-schemas.ts'

export const Me = Type.Object({
  user: Type.Object({ id: Id, name: Text, email: Text }),
  org: Type.Object({ id: Text, name: Text }),
  role: OneOf('viewer', 'operator', 'agronomist', 'admin'),
  can: Type.Object({
    openValve: Type.Boolean(),
    stop: Type.Boolean(),
    approve: Type.Boolean(),
    admin: Type.Boolean(),
  }),
  demo: Type.Boolean(),
  preferences: OrNull(PersonPreferences), // null: none yet
})
export type Me = Static<typeof Me>

/** GET /api/session. */
export const OpenSession = Type.Object({
  me: OrNull(Me), // null: signed out
  supportPhone: OrNull(Text), // for people who cannot sign in; null: none is set
})
export type OpenSession = Static<typeof OpenSession>
