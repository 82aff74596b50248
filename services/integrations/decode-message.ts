/**
 * From a foreign message to values: its integration reads the envelope, the profile of its device reads the fields.
 * Pure: the same message, profile and memory give the same result.
 */
import { quantities, withInstance, type QuantityName } from '../../broker/contract/quantities.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { decodeFrame } from './codecs/codec.ts'
import { readDecimal } from './decimal.ts'
import type {
  Assignment,
  Envelope,
  Fields,
  ForeignMessage,
  ForeignValue,
  ProfileReading,
} from './foreign-message.ts'
import type { IntegrationKind } from '../tables/integration.ts'
import { readEnvelope, type EnvelopeOptions } from './envelopes/read-envelope.ts'
import { isClockSet, messageTime, parseInstant } from './message-time.ts'
import { answersOf, numberAnswer } from './profiles/answers.ts'
import { applyProfile } from './profiles/apply-profile.ts'
import { valueAt, parseFieldPath } from './profiles/field-path.ts'
import { hasFields } from './profiles/match-profile.ts'
import { profileReason } from './profiles/profile-faults.ts'
import type { Profile } from './profiles/read-profile.ts'

/** A device to which a person has assigned an address. */
export interface AssignedDevice {
  profile: Profile
  assignment: Assignment
  /** the fields of the message before; only integrations that repeat old values need them */
  previous: Fields | null
}

/** A message after decoding. */
export type DecodedMessage =
  /** no message of a device */
  | { kind: 'nothing' }
  /** of an address that nobody has assigned */
  | { kind: 'unassigned'; envelope: Envelope }
  /** of an assigned device; without values it is a join, a status, or a frame without a quantity */
  | { kind: 'read'; envelope: Envelope; reading: ProfileReading }
  /** cannot be read; kept with the reason, and replayed with a corrected profile */
  | { kind: 'unreadable'; address: string | null; reason: string }

/** A message of an integration; `deviceAt` finds the device of an address, or null. */
export function decodeMessage(
  kind: IntegrationKind,
  message: ForeignMessage,
  deviceAt: (address: string) => AssignedDevice | null,
  options: EnvelopeOptions = {},
): DecodedMessage {
  const read = readEnvelope(kind, message, options)
  if (!read.ok) return { kind: 'unreadable', address: null, reason: read.error }
  if (read.value === null) return { kind: 'nothing' }
  const device = deviceAt(read.value.address)
  return device === null
    ? { kind: 'unassigned', envelope: read.value }
    : readAssigned(kind, read.value, device, message)
}

/** The message of an assigned device, whose envelope has been read. */
export function readAssigned(
  kind: IntegrationKind,
  opened: Envelope,
  device: AssignedDevice,
  message: ForeignMessage,
): DecodedMessage {
  const envelope = withOwnTime(kind, opened, device.profile, message)
  const reading = readWithProfile(envelope, device, message)
  if (!reading.ok)
    return {
      kind: 'unreadable',
      address: envelope.address,
      reason: profileReason(device.profile, reading.error),
    }
  const { historyAtMs } = reading.value
  const times = historyAtMs === null ? {} : { atMs: historyAtMs, timeFrom: 'payload' as const }
  return { kind: 'read', envelope: { ...envelope, ...times }, reading: reading.value }
}

const NOTHING_READ: ProfileReading = {
  values: [],
  batteries: [],
  valves: [],
  runs: [],
  alarms: [],
  alarmsOver: [],
  ignored: [],
  everyS: null,
  historyAtMs: null,
}

function readWithProfile(
  envelope: Envelope,
  device: AssignedDevice,
  message: ForeignMessage,
): Result<ProfileReading> {
  const { profile, assignment } = device
  const refusal = envelope.frame === null ? undefined : profile.refuse.get(envelope.frame.fPort)
  if (refusal !== undefined) return err(refusal)
  const fields = fieldsOf(envelope, profile)
  if (!fields.ok) return fields
  const own = { batteries: envelope.batteries, valves: envelope.valves }
  const normalized = envelope.normalized.flatMap((entry) => normalizedValues(entry, profile, assignment))
  if (fields.value === null) return ok({ ...NOTHING_READ, ...own, values: normalized })
  const applied = applyProfile(profile, fields.value, {
    receivedMs: message.receivedMs,
    assignment,
    definition: envelope.units,
    previous: device.previous,
  })
  if (!applied.ok) return applied
  const { values, batteries, valves } = applied.value
  const current =
    normalized.length > 0 ? [...normalized, ...values.filter(({ atMs }) => atMs !== null)] : values
  return ok({
    ...applied.value,
    // a retained message has no time: its state may be taken, its values never
    values: message.isRetained ? [] : current,
    // the network server has named every field already
    ignored: normalized.length > 0 ? [] : applied.value.ignored,
    batteries: [...own.batteries, ...batteries],
    valves: [...own.valves, ...valves],
  })
}

/**
 * The fields that the profile reads: decoded by the network server if they have the names that it wants, else by our
 * codec from the bytes; null: the message has no fields, as a join has none.
 */
function fieldsOf({ fields, frame, normalized }: Envelope, profile: Profile): Result<Fields | null> {
  if (
    fields !== null &&
    (frame === null || hasFields(fields, profile.match.fields) || profile.codec === null)
  )
    return ok(fields)
  if (frame === null || frame.bytes.length === 0) return ok(fields)
  if (profile.codec === null)
    return normalized.length > 0
      ? ok(null)
      : err('not decoded at the network server, and the profile has no codec')
  const decoded = decodeFrame(profile.codec.name, profile.codec.model, frame.fPort, frame.bytes)
  return decoded.ok || fields === null ? decoded : ok(fields)
}

/** Values in the schema of The Things Stack, which has the names and units of Tilth's own telemetry. */
function normalizedValues(entry: Fields, profile: Profile, assignment: Assignment): ForeignValue[] {
  const answers = answersOf(profile, assignment)
  const soil = entry.soil as Fields | undefined
  const ownDepth = readDecimal(soil?.depth)
  const depthCm = typeof ownDepth === 'number' ? ownDepth : numberAnswer('$depthCm', answers, null)
  return (Object.keys(quantities) as QuantityName[]).flatMap((name): ForeignValue[] => {
    const path = parseFieldPath(quantities[name].wire.join('.'))
    const value = path.ok ? readDecimal(valueAt(entry, path.value)) : undefined
    if (value === undefined || name.startsWith('device.')) return []
    const isSoil = name.startsWith('soil.')
    const instance = name === 'water.total' ? 'V1' : null
    return [
      {
        quantity: withInstance(name, instance),
        depthCm: isSoil ? depthCm : null,
        value,
        atMs: null,
        isGrowth: false,
      },
    ]
  })
}

/** The envelope with the time that a profile of the farm's own names; other integrations know theirs. */
export function withOwnTime(
  kind: IntegrationKind,
  envelope: Envelope,
  { time }: Profile,
  { receivedMs }: ForeignMessage,
): Envelope {
  if (kind !== 'generic' || time === null || envelope.fields === null) return envelope
  const value = valueAt(envelope.fields, time.path)
  const number = readDecimal(value)
  const ownMs =
    time.unit === 'iso'
      ? parseInstant(value)
      : typeof number === 'number'
        ? number * (time.unit === 's' ? 1000 : 1)
        : null
  if (ownMs === null) return envelope
  return {
    ...envelope,
    ...messageTime(ownMs, receivedMs, 'payload'),
    // of a clock that has not been set the arrival counts
    ...(isClockSet(ownMs) ? { dedupeKey: `${envelope.address}:${ownMs}` } : {}),
  }
}
