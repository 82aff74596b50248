/**
 * The messages on the wire, version 1: schemas, and for each a parser that returns a value or an error.
 * Version 1 only grows: parsers ignore unknown keys. A message has a budget of 1 KiB (telemetry with
 * several depths may take more, up to MAX_PAYLOAD_BYTES).
 */
import Type, { type Static } from 'typebox'
import { MAX_BOOT, MAX_MONO_MS, MAX_RUN_MS, MAX_SEQ } from './bounds.ts'
import { jsonParser } from './json.ts'

export const MAX_PAYLOAD_BYTES = 65_536

const Name = Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' })
const Counter = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Ms = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const MonoMs = Type.Number({
  minimum: 0,
  maximum: MAX_MONO_MS,
  description: 'ms since boot, on the monotonic clock of the device',
})
const Session = Type.String({ minLength: 1, maxLength: 64 })
const Mac = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: 'first 16 bytes of HMAC-SHA-256 under the command key, hex',
})
// null: the sensor has no value; it is never 0
const Value = Type.Union([Type.Number(), Type.Null()])
const V1 = Type.Literal(1)

/** One element of `measurements`: The Things Stack's normalized payload, and Tilth's own under `tilth`. */
export const Measurement = Type.Object({
  soil: Type.Optional(
    Type.Object({
      depth: Type.Optional(Type.Number({ minimum: 0, maximum: 1000, description: 'cm' })),
      moisture: Type.Optional(Value),
      temperature: Type.Optional(Value),
      ec: Type.Optional(Value),
    }),
  ),
  air: Type.Optional(
    Type.Object({
      location: Type.Optional(Type.String()),
      temperature: Type.Optional(Value),
      relativeHumidity: Type.Optional(Value),
      pressure: Type.Optional(Value),
    }),
  ),
  wind: Type.Optional(Type.Object({ speed: Type.Optional(Value), direction: Type.Optional(Value) })),
  rain: Type.Optional(Type.Object({ cumulative: Type.Optional(Value) })),
  metering: Type.Optional(
    Type.Object({ water: Type.Optional(Type.Object({ total: Type.Optional(Value) })) }),
  ),
  tilth: Type.Optional(
    Type.Object({
      solarRadiation: Type.Optional(Value),
      leafWetness: Type.Optional(Value),
      waterLevel: Type.Optional(Value),
      soilTension: Type.Optional(Value),
      soilPermittivity: Type.Optional(Value),
      soilRaw: Type.Optional(Value),
      flow: Type.Optional(Value),
      valve: Type.Optional(Name),
      trap: Type.Optional(Type.Object({ species: Name, count: Value })),
    }),
  ),
})
export type Measurement = Static<typeof Measurement>

export const Telemetry = Type.Object({
  v: V1,
  n: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'kept in flash, never used twice',
  }),
  boot: Type.Integer({ minimum: 0, maximum: MAX_BOOT }),
  monoMs: MonoMs,
  time: Type.Optional(Type.String({ description: 'RFC 3339, UTC' })),
  measurements: Type.Array(Measurement, { minItems: 1, maxItems: 64 }),
  battery: Type.Optional(Value),
})
export type Telemetry = Static<typeof Telemetry>

export const Online = Type.Object({ on: Type.Union([Type.Literal(0), Type.Literal(1)]), sess: Session })
export type Online = Static<typeof Online>

const closeReasons = ['timer', 'litres', 'command', 'lease', 'cap', 'sensor', 'local', 'power'] as const
const rejectReasons = [
  'expired',
  'sess',
  'seq',
  'busy',
  'interlock',
  'mac',
  'valve',
  'retained',
  'flash',
] as const

/** One run in the journal of the device. `ranMs` and `litres` are upper bounds if `why` is power. */
export const JournalEntry = Type.Object({
  valve: Name,
  seq: Counter,
  ranMs: Ms,
  litres: Type.Optional(Value),
  why: Type.String({ maxLength: 20 }),
})
export type JournalEntry = Static<typeof JournalEntry>

/** The complete state of a controller's outputs: as hello after connecting, on every change, and every 60 s. */
export const State = Type.Object({
  v: V1,
  sess: Session,
  sv: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'counts the changes of state',
  }),
  monoMs: MonoMs,
  last: Type.Record(Type.String(), Counter, {
    description: 'highest sequence number consumed, by valve; refused when absurdly ahead (bounds.ts)',
  }),
  valves: Type.Array(
    Type.Object({
      id: Name,
      pos: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
      fb: Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Null()]),
      seq: Counter,
      ranMs: Ms,
      litres: Type.Optional(Value),
      why: Type.String({ maxLength: 20 }),
      kind: Type.Optional(
        Type.String({
          maxLength: 20,
          description:
            'what the output drives where it is no water valve: siren, fan, puffer; a water valve when absent',
        }),
      ),
    }),
    { maxItems: 64 },
  ),
  jr: Type.Array(JournalEntry, { maxItems: 64 }),
  capMs: Type.Number({
    minimum: 1_000,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'longest opening that the controller allows',
  }),
  fw: Type.String({ maxLength: 40 }),
  utcOk: Type.Boolean(),
  fault: Type.Optional(Type.Union([Type.String({ maxLength: 20 }), Type.Null()])),
  faultNo: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'faults latched so far, kept in flash; absent: a fault is cleared at the device alone',
    }),
  ),
  class: Type.Optional(
    Type.Enum(['leased', 'timed'], {
      description: 'timed: holds no lease, so only its duration ends a run; leased when absent',
    }),
  ),
})
export type State = Static<typeof State>

export const Heartbeat = Type.Object({ sess: Session, n: Counter, monoMs: MonoMs })
export type Heartbeat = Static<typeof Heartbeat>

export const Lease = Type.Object({ sess: Session, n: Counter, mac: Mac })
export type Lease = Static<typeof Lease>

export const OpenCommand = Type.Object({
  op: Type.Literal('open'),
  id: Type.String({ minLength: 8, maxLength: 64 }),
  valve: Name,
  seq: Type.Integer({ minimum: 1, exclusiveMaximum: MAX_SEQ }),
  durMs: Type.Number({ exclusiveMinimum: 0, maximum: MAX_RUN_MS }),
  litres: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  sess: Session,
  n: Counter,
  expMonoMs: Ms,
  mac: Mac,
})
export type OpenCommand = Static<typeof OpenCommand>

export const CloseCommand = Type.Object({
  op: Type.Literal('close'),
  valve: Type.String({ description: 'a valve, or * with force for the emergency stop' }),
  seq: Type.Optional(Counter),
  of: Type.Optional(Counter),
  force: Type.Optional(Type.Boolean()),
  sess: Session,
  mac: Mac,
})
export type CloseCommand = Static<typeof CloseCommand>

/** The server has stored these journal entries; the device may forget them. */
export const JournalAck = Type.Object({
  op: Type.Literal('journal-ack'),
  sess: Session,
  entries: Type.Array(Type.Object({ valve: Name, seq: Counter }), { maxItems: 64 }),
  mac: Mac,
})
export type JournalAck = Static<typeof JournalAck>

/** A person has inspected and repaired: clears the fault with this number, and no later one. */
export const ClearCommand = Type.Object({
  op: Type.Literal('clear'),
  of: Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'faultNo of the state that the person saw',
  }),
  sess: Session,
  mac: Mac,
})
export type ClearCommand = Static<typeof ClearCommand>

export const Command = Type.Union([OpenCommand, CloseCommand, JournalAck, ClearCommand])
export type Command = Static<typeof Command>

export const Ack = Type.Object({
  sess: Session,
  valve: Type.String({ maxLength: 40 }),
  seq: Counter,
  st: Type.Enum(['running', 'done', 'aborted', 'rejected', 'dup']),
  why: Type.Optional(Type.Enum([...closeReasons, ...rejectReasons])),
  ranMs: Ms,
  litres: Type.Optional(Value),
  last: Counter,
  jr: Type.Array(JournalEntry, { maxItems: 64 }),
  sv: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
})
export type Ack = Static<typeof Ack>

/** Versioned configuration; safe to replay. Every key is optional: without it the device uses its own default. */
export const Config = Type.Object({
  v: V1,
  version: Counter,
  sampleS: Type.Optional(Type.Number({ minimum: 1, maximum: 86_400 })),
  capMs: Type.Optional(Ms),
  heartbeatIdleMs: Type.Optional(Ms),
  heartbeatOpenMs: Type.Optional(Ms),
  leaseMs: Type.Optional(Ms),
  stateMs: Type.Optional(Ms),
})
export type Config = Static<typeof Config>

/** The schemas by kind of topic, as published for device makers. */
export const schemas = {
  telemetry: Telemetry,
  online: Online,
  state: State,
  heartbeat: Heartbeat,
  command: Command,
  lease: Lease,
  ack: Ack,
  config: Config,
} as const

export const parseTelemetry = jsonParser(Telemetry)
export const parseOnline = jsonParser(Online)
export const parseState = jsonParser(State)
export const parseHeartbeat = jsonParser(Heartbeat)
export const parseCommand = jsonParser(Command)
export const parseLease = jsonParser(Lease)
export const parseAck = jsonParser(Ack)
export const parseConfig = jsonParser(Config)
