/** Valves of other makes, as the page of their device shows and sets them up. */
import Type, { type Static } from 'typebox'
import { proofGrades } from '../../tables.ts'
import { AtMs, Form, Id, Num, OneOf, OrNull, Text } from '../http/validation/schema-primitives.ts'

/** A way of commanding that fits the device. */
export const ValveDriverChoice = Type.Object({
  driver: Text,
  refused: OrNull(Type.Object({ code: Text, why: Text })), // why it never opens this valve; null: it may
  needs: OrNull(Text), // what the owner must set up, or add
  isTrusted: Type.Boolean(), // false: a meter or a master of another make, or by hand only
  longestMinutes: OrNull(Num),
  outlets: Num, // valves of the device that it can drive, at most
  isSleeping: Type.Boolean(), // class A: an order may be delivered after its expiry, once, for its bounded time
})
export type ValveDriverChoice = Static<typeof ValveDriverChoice>

export const ForeignValveView = Type.Object({
  valve: Text,
  driver: Text,
  refused: OrNull(Type.Object({ code: Text, why: Text })),
  needs: OrNull(Text),
  meterDeviceId: OrNull(Id),
  hasSecondValve: Type.Boolean(),
  wakeS: OrNull(Num),
  testedProof: OrNull(OneOf(...proofGrades)),
  testedAtMs: OrNull(AtMs),
  isTesting: Type.Boolean(),
  test: OrNull(
    Type.Object({
      openedAfterS: OrNull(Num),
      closedAfterS: OrNull(Num),
      proof: OrNull(OneOf(...proofGrades)),
      by: OrNull(OneOf('itself', 'command', 'time')),
      failure: OrNull(Text),
    }),
  ),
  lock: OrNull(Text), // why nothing opens until a person unlocks it
  said: OrNull(OneOf('open', 'closed')), // the last word of the valve
  mayRunLate: Type.Boolean(), // class A: at most one run, bounded in the device, after the expiry of its order
})
export type ForeignValveView = Static<typeof ForeignValveView>

export const ForeignValveList = Type.Object({
  valves: Type.Array(ForeignValveView),
  choices: Type.Array(ValveDriverChoice),
})
export type ForeignValveList = Static<typeof ForeignValveList>

/** Sets up a valve, or changes how it is driven. */
export const ForeignValveForm = Form({
  driver: Type.String({ minLength: 1, maxLength: 60 }),
  outlet: Type.Integer({ minimum: 1, maximum: 200, description: 'its output on the device, from 1' }),
  meterDeviceId: Type.Optional(OrNull(Id)),
  hasSecondValve: Type.Optional(Type.Boolean()),
  wakeS: Type.Optional(OrNull(Type.Integer({ minimum: 1, maximum: 86_400 }))),
  objectId: Type.Optional(
    Type.String({ pattern: '^[\\w-]{1,60}$', description: 'ESPHome: the id of the switch or valve' }),
  ),
  isParallel: Type.Optional(
    Type.Boolean({ description: 'OpenSprinkler: the station is in the parallel group' }),
  ),
})

export const ByValve = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  valve: Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' }),
})
