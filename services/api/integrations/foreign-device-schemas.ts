/** A device of another make, as its page shows it. */
import Type, { type Static } from 'typebox'
import { integrationKinds } from '../../tables.ts'
import { Id, Num, OneOf, OrNull, Text } from '../http/validation/schema-primitives.ts'
import { ProfileQuestion, Signal } from './unassigned-schemas.ts'

export const ForeignDevice = Type.Object({
  integrationId: Id,
  integrationName: Text,
  integrationKind: OneOf(...integrationKinds),
  address: Text,
  profile: Text,
  title: Text, // of the profile: maker and model
  version: OrNull(Num), // null: there is no such profile now
  answers: Type.Record(Text, Type.Unknown()),
  questions: Type.Array(ProfileQuestion), // that these answer
  signal: OrNull(Signal), // of a recent message
  ignored: Type.Array(Text), // fields that came and that nothing uses
})
export type ForeignDevice = Static<typeof ForeignDevice>
