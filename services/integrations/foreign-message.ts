/**
 * Messages of devices that do not speak Tilth's own topics, and what an integration and a profile read from them. An
 * integration knows an ecosystem: topics, identity, time, repeats. A profile knows a model: which field is which
 * quantity.
 */
import type { AtMs } from '../../broker/contract/time.ts'

/** A message exactly as it came. For HTTP the topic is the method and the path: `GET /jc`. */
export interface ForeignMessage {
  topic: string
  payload: Uint8Array
  isRetained: boolean
  receivedMs: AtMs
}

/**
 * A message as it was kept. `url` of its integration: one that was retained at another broker is of an unknown time; one
 * that a gateway sends to ours is fresh, and its flag only asks to keep it.
 */
export const keptMessage = (message: ForeignMessage, url: string | null): ForeignMessage => ({
  ...message,
  isRetained: message.isRetained && url !== null,
})

/** Fields of a decoded message, as JSON gives them. */
export type Fields = Readonly<Record<string, unknown>>

/** What determines when a value was measured: the network server, the device, its gateway, or only its arrival. */
export type TimeSource = 'server' | 'payload' | 'gateway' | 'received'

/** The battery of a device, or of one of its parts. A percentage is never turned into volts. */
export interface Battery {
  value: number
  unit: 'V' | '%'
  /** the field that this battery supplies; null: the device itself */
  of: string | null
}

/** What a foreign device reports about one of its valves. */
export interface ValveReport {
  valve: string
  position: 'open' | 'closed'
  /** its own time; null: that of the message */
  atMs: AtMs | null
  /** false: from its history, so it is not the position now */
  isCurrent: boolean
  /** the gateway repeats what it has commanded; the valve itself may not have moved */
  isOptimistic: boolean
  /** opened or closed at the device by a person */
  isLocal: boolean
  /** how long the device itself will keep it open, ms; null: not said */
  remainingMs: number | null
  /** the longest time after which the device itself closes it, ms; null: not said */
  boundMs: number | null
}

/** A report with nothing but the position. */
export const valveReport = (valve: string, position: 'open' | 'closed'): ValveReport => ({
  valve,
  position,
  atMs: null,
  isCurrent: true,
  isOptimistic: false,
  isLocal: false,
  remainingMs: null,
  boundMs: null,
})

/** What identifies a model, before a person has chosen a profile. */
export interface ModelHints {
  /** the name of the model or of its device profile at the network server */
  model: string | null
  brand: string | null
}

export interface Place {
  latDeg: number
  lonDeg: number
}

/** What the integration reads from a message, before any profile. */
export interface Envelope {
  /** unique within the integration: `lw:24e124126a148401`, `z2m:north-valve` */
  address: string
  /** the name at its network server; null: none */
  name: string | null
  hints: ModelHints
  /** of the gateway that received it best; null: not stated */
  signal: { rssiDbm: number; snrDb: number | null } | null
  /** where the device is, as its network server has it; null: not stated */
  place: Place | null
  atMs: AtMs
  timeFrom: TimeSource
  /** equal for two copies of one message */
  dedupeKey: string
  /** a join: the frame counter begins again under this address */
  session: { deviceAddress: string } | null
  /** the frame counter of LoRaWAN; null elsewhere */
  counter: number | null
  /** the bytes as the device sent them, where the network server forwards them */
  frame: { fPort: number; bytes: Uint8Array } | null
  /** decoded by the network server, or as the device published them */
  fields: Fields | null
  /** the unit of a field where the message or its gateway states it, by the path of the field */
  units: Readonly<Record<string, string>>
  /** in the schema of The Things Stack, which has Tilth's own names and units */
  normalized: readonly Fields[]
  /** the device is simulated at its network server */
  isSimulated: boolean
  batteries: Battery[]
  valves: ValveReport[]
  /** whether the device is connected; null: not said */
  isOnline: boolean | null
  /** its clock minus the time of arrival, where it tells its own clock */
  clockOffsetMs: number | null
}

/** An envelope with nothing but its identity and time. */
export const envelope = (
  identity: Pick<Envelope, 'address' | 'atMs' | 'timeFrom' | 'dedupeKey'>,
): Envelope => ({
  name: null,
  hints: { model: null, brand: null },
  signal: null,
  place: null,
  session: null,
  counter: null,
  frame: null,
  fields: null,
  units: {},
  normalized: [],
  isSimulated: false,
  batteries: [],
  valves: [],
  isOnline: null,
  clockOffsetMs: null,
  ...identity,
})

/** An envelope of a message that carries no time and no key of its own. */
export const receivedEnvelope = ({ topic, receivedMs }: ForeignMessage, address: string): Envelope =>
  envelope({
    address,
    dedupeKey: `mqtt:${topic}:${receivedMs}`,
    atMs: receivedMs,
    timeFrom: 'received',
  })

/** A value in Tilth's own quantity and unit (broker/contract/quantities.ts). */
export interface ForeignValue {
  quantity: string // with instance
  depthCm: number | null
  value: number | null // null: the sensor gave no value
  atMs: AtMs | null // its own time, from the history of the device; null: that of the message
  isGrowth: boolean // of a counter: the growth since the last message, not the total
}

/** A run that the device reports after it has ended. */
export interface RunReport {
  valve: string
  ranMs: number
  litres: number | null
}

/** What a person answered when they assigned the device: depths, litres per pulse, what hangs on an input. */
export type Assignment = Readonly<Record<string, unknown>>

/** What a profile reads from the fields of a message. */
export interface ProfileReading {
  values: ForeignValue[]
  batteries: Battery[]
  valves: ValveReport[]
  runs: RunReport[]
  alarms: string[]
  /** alarms of which the message states that they are over */
  alarmsOver: string[]
  /** fields that came and that nothing uses */
  ignored: string[]
  /** the interval that the device itself announces, s; null: not said */
  everyS: number | null
  /** the time of the newest history entry when the message holds nothing else; null: the time of the message counts */
  historyAtMs: AtMs | null
}
