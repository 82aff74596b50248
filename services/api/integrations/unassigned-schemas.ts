/** Devices of other makes that nobody has assigned yet, and what assigns one. */
import Type, { type Static } from 'typebox'
import { unitNames } from '../../integrations/profiles/units.ts'
import { integrationKinds } from '../../tables.ts'
import {
  AtMs,
  Form,
  Id,
  Name,
  NonBlankLine,
  Num,
  OneOf,
  OrNull,
  Text,
  ValveName,
} from '../http/validation/schema-primitives.ts'

const DeviceKind = OneOf('probe', 'station', 'trap', 'gauge', 'controller')
const Battery = Type.Object({ value: Num, unit: OneOf('V', '%') })
export const Signal = Type.Object({ rssiDbm: Num, snrDb: OrNull(Num) })

/** A value as a profile reads it. `depthCm` null: the quantity has none, or nobody has answered it yet. */
const ReadValue = Type.Object({ quantity: Text, depthCm: OrNull(Num), value: Num, unit: Text })

/** What a person is asked when they assign the device. */
export const ProfileQuestion = Type.Object({
  name: Text,
  type: OneOf('depth', 'depths', 'height', 'litres', 'valve'),
  default: OrNull(Type.Union([Num, Text, Type.Array(Num)])),
})

/** A field that counts only when a person has named its quantity. `quantity`: the one that its profile gives; null: none. */
const InputField = Type.Object({ name: Text, value: Num, quantity: OrNull(Text) })

/** The messages of a device as a profile reads them. */
export const ProfileFit = Type.Object({
  profile: Text,
  version: Num,
  title: Text,
  kind: DeviceKind,
  values: Type.Array(ReadValue), // the main ones first
  battery: OrNull(Battery),
  valves: Type.Array(Type.Object({ valve: Text, position: OneOf('open', 'closed') })),
  questions: Type.Array(ProfileQuestion),
  inputs: Type.Array(InputField),
  ignored: Type.Array(Text), // fields that are not used
  problem: OrNull(Text), // why a message cannot be read
})
export type ProfileFit = Static<typeof ProfileFit>

/** What identifies a device that nobody has assigned. */
const Address = { integrationId: Id, address: NonBlankLine(256) }

export const UnassignedDevice = Type.Object({
  ...Address,
  integrationName: Text,
  integrationKind: OneOf(...integrationKinds),
  name: OrNull(Text), // at its network server
  model: OrNull(Text),
  messages: Num, // kept
  lastMs: AtMs,
  signal: OrNull(Signal),
  place: OrNull(Type.Object({ latDeg: Num, lonDeg: Num })), // as its network server has it
  fits: Type.Array(ProfileFit), // best first; several: a person chooses by the values
  problem: OrNull(Text), // why its messages cannot be read at all
  isHidden: Type.Boolean(),
})
export type UnassignedDevice = Static<typeof UnassignedDevice>

/** GET /api/unassigned-devices: the newest first. `hidden`: how many are hidden. */
export const UnassignedList = Type.Object({
  devices: Type.Array(UnassignedDevice),
  hidden: Num,
  isWhole: Type.Boolean(), // false: older ones are not in the list
})
export type UnassignedList = Static<typeof UnassignedList>

const ProfileName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{2,59}$' })
/** A field of the device: which quantity it is, and where. */
const InputAnswer = Form({
  quantity: Type.Optional(NonBlankLine(80)),
  depthCm: Type.Optional(OrNull(Type.Number({ minimum: 0, maximum: 1_000 }))),
  unit: Type.Optional(OneOf(...unitNames)),
  instance: Type.Optional(ValveName),
})
const Amount = Type.Number({ minimum: 0, maximum: 100_000 })
/** By the names of the questions and of the fields of the device. */
const Answers = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,80}$' }),
  Type.Union([
    Type.Null(),
    Amount,
    ValveName,
    Type.Array(Amount, { maxItems: 16 }),
    InputAnswer,
    Type.Record(ValveName, Amount, { additionalProperties: false, maxProperties: 16 }),
  ]),
  { additionalProperties: false, maxProperties: 64 },
)

/** POST /api/unassigned-devices/hide */
export const HideAddress = Form({ ...Address, isHidden: Type.Boolean() })

/** GET /api/unassigned-devices/messages: as they came, and as a profile reads them. */
export const ReadAddress = Type.Object({ ...Address, profile: Type.Optional(ProfileName) })
export const AddressRead = Type.Object({
  fit: OrNull(ProfileFit),
  messages: Type.Array(
    Type.Object({
      topic: Text,
      receivedMs: AtMs,
      text: Text, // cut to 2,000 characters
      bytes: Num,
    }),
  ),
})
export type AddressRead = Static<typeof AddressRead>

/** POST /api/unassigned-devices/assign: the address becomes a device. `valves` assigns each valve to a zone. */
export const AssignAddress = Form({
  ...Address,
  profile: ProfileName,
  name: Name,
  fieldId: Type.Optional(OrNull(Id)),
  farmId: Type.Optional(OrNull(Id)),
  answers: Type.Optional(Answers),
  valves: Type.Optional(Type.Record(ValveName, Id, { additionalProperties: false, maxProperties: 64 })),
})

/** POST /api/devices/:id/profile: other answers, or another profile. */
export const ChangeProfile = Form({ profile: ProfileName, answers: Type.Optional(Answers) })

/** GET /api/device-profiles */
export const ProfileList = Type.Array(
  Type.Object({ profile: Text, version: Num, title: Text, kind: DeviceKind }),
)
export type ProfileList = Static<typeof ProfileList>
