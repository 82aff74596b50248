/** A foreign message in a file, with what a person answered and, in a vector, what must come of it. */
import { readFileSync } from 'node:fs'
import Type, { type Static } from 'typebox'
import { jsonParser } from '../../../broker/contract/json.ts'
import type { Result } from '../../../broker/contract/result.ts'
import type { ForeignMessage } from '../../integrations/foreign-message.ts'
import { integrationKinds, type IntegrationKind } from '../../tables/integration.ts'
import { guessIntegration } from '../../integrations/guess-integration.ts'

const Value = Type.Object({
  quantity: Type.String(),
  value: Type.Union([Type.Number(), Type.Null()]),
  depth: Type.Optional(Type.Number()),
  instance: Type.Optional(Type.String()),
  atMs: Type.Optional(Type.Number()),
})
const Battery = Type.Object({ value: Type.Number(), unit: Type.String(), of: Type.Optional(Type.String()) })
const Valve = Type.Object({
  valve: Type.String(),
  pos: Type.String(),
  atMs: Type.Optional(Type.Number()),
  isCurrent: Type.Optional(Type.Boolean()),
  optimistic: Type.Optional(Type.Boolean()),
  by: Type.Optional(Type.String()),
  remainingMs: Type.Optional(Type.Number()),
  boundMs: Type.Optional(Type.Number()),
})

const Expected = Type.Object({
  measurements: Type.Array(Value),
  battery: Type.Optional(Battery),
  batteries: Type.Optional(Type.Array(Battery)),
  valves: Type.Optional(Type.Array(Valve)),
  runs: Type.Optional(
    Type.Array(
      Type.Object({
        valve: Type.String(),
        ranMs: Type.Number(),
        litres: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
      }),
    ),
  ),
  ignored: Type.Optional(Type.Array(Type.String())),
  alarms: Type.Optional(Type.Array(Type.String())),
  heard: Type.Optional(
    Type.Object({
      address: Type.String(),
      name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      model: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      rssi: Type.Optional(Type.Number()),
      snr: Type.Optional(Type.Number()),
      suggestedProfile: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    }),
  ),
  session: Type.Optional(Type.Object({ device: Type.String(), devAddr: Type.String() })),
  deadLetter: Type.Optional(Type.String()),
  everyS: Type.Optional(Type.Number()),
  online: Type.Optional(Type.Boolean()),
  clockOffsetMs: Type.Optional(Type.Number()),
  atMs: Type.Optional(Type.Number()),
  timeFrom: Type.Optional(Type.String()),
  dedupeKey: Type.Optional(Type.String()),
})
export type Expected = Static<typeof Expected>

const MessageFile = Type.Object({
  topic: Type.String({ minLength: 1 }),
  payload: Type.String(),
  receivedAt: Type.Optional(Type.String()),
  retain: Type.Optional(Type.Boolean()),
  integration: Type.Optional(Type.Enum([...integrationKinds])),
  profile: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  assignment: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  definition: Type.Optional(Type.Record(Type.String(), Type.String())),
  previous: Type.Optional(Type.Array(Type.String())),
  state: Type.Optional(Type.Record(Type.String(), Type.Number())),
  expect: Type.Optional(Expected),
})
export type MessageFile = Static<typeof MessageFile>

const parse = jsonParser(MessageFile, 'file')

/** Reads a message file; the error names the field. */
export const readMessageFile = (path: string): Result<MessageFile> => parse(readFileSync(path))

/** The message as it came in, at `nowMs` when the file does not say when. */
export const messageOf = (file: MessageFile, nowMs: number): ForeignMessage => ({
  topic: file.topic,
  payload: Buffer.from(file.payload),
  isRetained: file.retain === true,
  receivedMs: file.receivedAt === undefined ? nowMs : Date.parse(file.receivedAt),
})

/** The integration that the file names, else the one whose topics fit. */
export const integrationOf = ({ integration, topic }: MessageFile): IntegrationKind =>
  integration ?? guessIntegration(topic)
