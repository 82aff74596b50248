/**
 * The file of a profile: which fields of a model are which quantities. Data only; docs/schemas/profile.schema.json is
 * made from it, and docs/device-profiles.md explains it.
 */
import Type, { type Static } from 'typebox'
import { codecNames } from '../codecs/codec.ts'
import { unitNames } from './units.ts'

const Text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description })
const Path = (description: string) =>
  Type.Union([Text(description), Type.Array(Text(description), { minItems: 1, maxItems: 40 })], {
    description: `${description}. A list: the first that a message has, because decoders rename their fields.`,
  })
const closed = { additionalProperties: false }

/** From n = first to last, the entry is repeated with `{n}` in its texts replaced. */
const Repeat = Type.Object(
  { name: Text('the name in braces', 10), from: Type.Integer(), to: Type.Integer({ maximum: 64 }) },
  closed,
)

const Reading = Type.Object(
  {
    quantity: Type.Optional(Text('the quantity; without it, the person who assigns the input says which')),
    path: Path('where the value is'),
    unit: Type.Optional(
      Type.Enum([...unitNames], {
        description: 'of the device, unless its gateway says another; converted to the unit of the quantity',
      }),
    ),
    depth: Type.Optional(
      Type.Union([
        Type.Number({ minimum: 0, maximum: 1000 }),
        Text('`$` and a name that the person answers, cm'),
      ]),
    ),
    instance: Type.Optional(Text('valve or species; `$` and a name for an answer', 40)),
    input: Type.Optional(
      Text('an input that counts only when a person has said what hangs on it; the answer has this name'),
    ),
    factor: Type.Optional(
      Type.Union([Type.Number(), Text('`$` and a name that the person answers, such as litres per pulse')], {
        description: 'multiplies the value',
      }),
    ),
    offset: Type.Optional(Type.Number({ description: 'is added after the factor' })),
    below: Type.Optional(
      Text('`$` and a name: the value is subtracted from the answer (a level from a distance)'),
    ),
    nothing: Type.Optional(
      Type.Array(Type.Union([Type.Number(), Type.String()]), {
        maxItems: 20,
        description: 'values that mean that the sensor gave none',
      }),
    ),
    absent: Type.Optional(
      Type.Array(Type.Union([Type.Number(), Type.String()]), {
        maxItems: 20,
        description: 'values that mean that no sensor is connected: there is no reading',
      }),
    ),
    delta: Type.Optional(Type.Boolean({ description: 'the growth since the last message, not a total' })),
    repeat: Type.Optional(Repeat),
  },
  closed,
)

const Valve = Type.Object(
  {
    valve: Text('the name of the valve', 40),
    path: Path('where the position is'),
    open: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    closed: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    optimisticWith: Type.Optional(
      Text('a field whose repetition shows that the gateway, not the valve, speaks'),
    ),
    repeat: Type.Optional(Repeat),
  },
  closed,
)

export const ProfileFile = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    profile: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{2,59}$',
      description: 'its name, which is the name of the file',
    }),
    version: Type.Integer({ minimum: 1, description: 'rises with every change' }),
    title: Text('maker and model', 80),
    kind: Type.Enum(['probe', 'station', 'gauge', 'trap', 'controller']),
    everyS: Type.Integer({ minimum: 1, maximum: 604_800, description: 'expected interval of messages, s' }),
    match: Type.Object(
      {
        chirpstack: Type.Optional(Text('pattern of the device profile name')),
        'the-things-stack': Type.Optional(
          Type.Object({ brand: Type.Optional(Text('brand')), model: Text('pattern of the model') }, closed),
        ),
        zigbee2mqtt: Type.Optional(Text('pattern of the model in its definition')),
        shelly: Type.Optional(Text('pattern of the source name')),
        integration: Type.Optional(Text('the only profile of this integration', 40)),
        normalized: Type.Optional(Type.Boolean({ description: 'any model whose message is normalised' })),
        fields: Type.Optional(
          Type.Array(Text('names, separated by |, of which the decoded message must have one'), {
            maxItems: 10,
          }),
        ),
      },
      closed,
    ),
    codec: Type.Optional(
      Type.Object(
        { name: Type.Enum([...codecNames]), model: Type.Optional(Text('model of the codec', 40)) },
        closed,
      ),
    ),
    refuse: Type.Optional(
      Type.Array(Type.Object({ fPort: Type.Integer(), reason: Text('why it is put aside') }, closed)),
    ),
    entries: Type.Optional(
      Type.Object(
        { path: Text('a list of measurements'), key: Text('its name in an entry'), value: Text('its value') },
        { ...closed, description: 'a list of named values becomes fields of these names' },
      ),
    ),
    time: Type.Optional(
      Type.Object(
        { path: Text('the time of the measurement, UTC'), unit: Type.Enum(['s', 'ms', 'iso']) },
        { ...closed, description: 'for the integration `generic`; the others know where the time is' },
      ),
    ),
    history: Type.Optional(
      Type.Object(
        {
          each: Text('the entries'),
          time: Type.Object({ path: Text('time of an entry, UTC'), unit: Type.Enum(['s', 'ms']) }, closed),
        },
        closed,
      ),
    ),
    readings: Type.Array(Reading, { maxItems: 60 }),
    inputs: Type.Optional(
      Type.Boolean({ description: 'every field that a person assigns to a quantity is a reading' }),
    ),
    batteries: Type.Optional(
      Type.Array(
        Type.Object(
          {
            path: Path('where it is'),
            unit: Type.Enum(['V', '%', 'mV']),
            of: Type.Optional(Text('the field that it supplies')),
            repeat: Type.Optional(Repeat),
          },
          closed,
        ),
      ),
    ),
    valves: Type.Optional(Type.Array(Valve)),
    runs: Type.Optional(
      Type.Array(
        Type.Object(
          {
            valve: Text('the name of the valve', 40),
            duration: Type.Object(
              { path: Path('how long it ran'), unit: Type.Enum(['s', 'min', 'hh:mm:ss']) },
              closed,
            ),
            litres: Type.Optional(
              Type.Object({ path: Path('what ran through'), unit: Type.Enum(['L', 'm3']) }, closed),
            ),
          },
          closed,
        ),
      ),
    ),
    alarms: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Text('leak, tamper and fraud raise an alert', 40),
            path: Path('where it is'),
            when: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
          },
          closed,
        ),
      ),
    ),
    interval: Type.Optional(
      Type.Object(
        { path: Path('the interval that the device announces'), unit: Type.Enum(['s', 'min']) },
        closed,
      ),
    ),
    ask: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Text('the name after `$`', 40),
            type: Type.Enum(['depth', 'depths', 'height', 'litres', 'valve', 'channel']),
            default: Type.Optional(
              Type.Union([Type.Number(), Type.String(), Type.Array(Type.Number(), { maxItems: 16 })]),
            ),
          },
          closed,
        ),
        { maxItems: 20, description: 'what a person is asked when they assign the device' },
      ),
    ),
    notUsed: Type.Optional(
      Type.Array(Text('a field with a measurement that Tilth does not use'), { maxItems: 60 }),
    ),
    technical: Type.Optional(
      Type.Array(Text('a field that is no measurement: flags, versions, counters; may begin or end with *'), {
        maxItems: 80,
      }),
    ),
    source: Text('where the format is published', 400),
  },
  { ...closed, title: 'Device profile', description: 'Which fields of a model are which quantities.' },
)
export type ProfileFile = Static<typeof ProfileFile>
