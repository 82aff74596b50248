/** Valves of other makes, as the page of their device shows and sets them up. */
import Type, { type Static } from 'typebox'
import { needKeys, refusalKeys } from '../../drivers/message-keys.ts'
import { lockReasons, proofGrades } from '../../tables.ts'
import { AtMs, Form, Id, Num, OneOf, OrNull, Params, Text } from '../http/validation/schema-primitives.ts'

const keysOf = <Key extends string>(keys: Record<Key, unknown>) => OneOf(...(Object.keys(keys) as Key[]))
/** Why a driver never opens the valve: a message key of section `valve-refused`. */
const Refused = OrNull(Type.Object({ code: Text, why: keysOf(refusalKeys) }))
const Need = OrNull(keysOf(needKeys))

/** A way of commanding that fits the device. */
export const ValveDriverChoice = Type.Object({
  driver: Text,
  refused: Refused, // null: it may open this valve
  needs: Need, // what the owner must set up, or add
  isTrusted: Type.Boolean(), // false: a meter or a master of another make, or by hand only
  longestMinutes: OrNull(Num),
  outlets: Num, // valves of the device that it can drive, at most
  isSleeping: Type.Boolean(), // class A: an order may be delivered after its expiry, once, for its bounded time
})
export type ValveDriverChoice = Static<typeof ValveDriverChoice>

export const ForeignValveView = Type.Object({
  valve: Text,
  driver: Text,
  refused: Refused,
  needs: Need,
  isTrusted: Type.Boolean(), // false: a meter or a master of another make, or by hand only
  isSleeping: Type.Boolean(), // it may receive a message only after it has sent one
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
      failure: OrNull(Type.Object({ code: Text, params: Params })), // a message key of section `valve-failure`
    }),
  ),
  lock: OrNull(OneOf(...lockReasons)), // why nothing opens until a person unlocks it
  said: OrNull(OneOf('open', 'closed')), // the last word of the valve
  mayRunLate: Type.Boolean(), // class A: at most one run, bounded in the device, after the expiry of its order
})
export type ForeignValveView = Static<typeof ForeignValveView>

export const ForeignValveList = Type.Object({
  valves: Type.Array(ForeignValveView),
  choices: Type.Array(ValveDriverChoice),
  meters: Type.Array(Type.Object({ id: Id, name: Text })), // devices that have sent a flow of late
})
export type ForeignValveList = Static<typeof ForeignValveList>

const settings = {
  meterDeviceId: Type.Optional(OrNull(Id)),
  hasSecondValve: Type.Optional(Type.Boolean()),
  wakeS: Type.Optional(
    OrNull(Type.Integer({ minimum: 1, maximum: 86_400, description: 'class A; null: it receives at once' })),
  ),
}

/** Changes what is known of a valve. */
export const ForeignValvePatch = Form(settings, { minProperties: 1 })

/** Sets up a valve, or changes how it is driven. */
export const ForeignValveForm = Form({
  driver: Type.String({ minLength: 1, maxLength: 60 }),
  outlet: Type.Integer({ minimum: 1, maximum: 200, description: 'its output on the device, from 1' }),
  ...settings,
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
