/** Commands to valves: requests, and their outcome. */
import Type, { type Static } from 'typebox'
import {
  Form,
  OrNull,
  OneOf,
  Num,
  Text,
  AtMs,
  Id,
  IdempotencyKey,
  FutureInstant,
} from '../http/validation/schema-primitives.ts'

/**
 * One valve command as shown: sent, gateway (the device acknowledged), confirmed, unconfirmed, refused,
 * ended.
 */
export const CommandView = Type.Object({
  id: Id,
  runId: OrNull(Id),
  zoneId: Id,
  fieldId: Id,
  fieldName: Text,
  zoneName: Text,
  valve: Text,
  do: OneOf('open', 'close'),
  state: OneOf('waiting', 'sent', 'gateway', 'confirmed', 'unconfirmed', 'refused', 'ended'),
  atMs: AtMs,
  confirmedAtMs: OrNull(AtMs),
  endsAtMs: OrNull(AtMs),
  boundMs: OrNull(AtMs), // closed at the latest by then
  litres: OrNull(Num),
  flowLpm: OrNull(Num),
  reason: OrNull(Text), // message key of the end or the refusal
})
export type CommandView = Static<typeof CommandView>

/** When the person pressed Start, by the farm's time on the phone: a STOP that was pressed later wins. */
const pressedAtMs = Type.Optional(FutureInstant)

/**
 * A request of a phone. `idem` is its idempotency key: the same key twice is one request. `undoesStop`: the key of the
 * STOP that the person withdraws; without it a start within two seconds after a STOP is refused.
 */
export const StartRequest = Form({
  idem: IdempotencyKey,
  zoneId: Id,
  minutes: Type.Number({ minimum: 1, maximum: 1440 }),
  pressedAtMs,
  undoesStop: Type.Optional(IdempotencyKey),
})

/** POST /api/zones/:id/test */
export const TestRequest = Form({ idem: IdempotencyKey, pressedAtMs })

export const StopRequest = Form({
  idem: IdempotencyKey,
  zoneId: Type.Optional(Id), // absent: every valve of the organisation
})

export const RequestResult = Type.Object({
  id: Id,
  state: OneOf('new', 'accepted', 'refused'),
  reason: OrNull(Text),
  command: OrNull(CommandView),
})
export type RequestResult = Static<typeof RequestResult>

/** POST /api/runs/:id/skip; without `idem` each call is a new request. */
export const RunRequest = Form({ idem: Type.Optional(IdempotencyKey) })

/**
 * POST /api/runs/:id/approve. `seen`: the run as the person saw it; a changed run is not approved. `saidMs`:
 * the instant of an offline approval that waited on the phone: it is valid until the planned start, and void
 * after a later STOP.
 */
export const ApproveRequest = Form({
  idem: Type.Optional(IdempotencyKey),
  seen: Type.Optional(Form({ startMs: FutureInstant, minutes: Type.Number({ minimum: 0, maximum: 1440 }) })),
  decidedOfflineAtMs: Type.Optional(FutureInstant),
})

/** `alertId`: the alert whose fault the person has fixed; no other fault is cleared. */
export const ClearRequest = Form({ idem: Type.Optional(IdempotencyKey), alertId: Type.Optional(Id) })
