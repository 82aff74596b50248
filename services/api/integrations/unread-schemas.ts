/** Messages of devices of other makes that their profile could not read. */
import Type, { type Static } from 'typebox'
import { AtMs, Id, Num, Text } from '../http/validation/schema-primitives.ts'

/** Those of one device, with one reason. */
export const UnreadMessages = Type.Object({
  deviceId: Id,
  deviceName: Text,
  profile: Text,
  version: Num,
  reason: Text, // "moisture: expected a number, got "ERR""
  count: Num,
  sinceMs: AtMs,
  lastMs: AtMs,
})
export type UnreadMessages = Static<typeof UnreadMessages>

/** POST /api/devices/:id/read-again: how many messages go through the profile of now. */
export const ReadAgain = Type.Object({ messages: Num })
