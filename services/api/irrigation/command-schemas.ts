/** Orders to valves: what a person asks for, and what became of it. */
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
} from '../http/schema-primitives.ts'

/** One order to a valve as a person sees it: sent, gateway (the device answered), confirmed, unconfirmed, refused, ended. */
export const Cmd = Type.Object({
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
  boundMs: OrNull(AtMs), // shut at the latest by then
  litres: OrNull(Num),
  flowLpm: OrNull(Num),
  why: OrNull(Text), // catalogue key of how it ended or why it was refused
})
export type Cmd = Static<typeof Cmd>

/** What a phone asks for. `idem` is its own key: the same key twice is one request. */
export const StartRequest = Form({
  idem: IdempotencyKey,
  zoneId: Id,
  minutes: Type.Number({ minimum: 1, maximum: 1440 }),
})

/** POST /api/zones/:id/test */
export const TestRequest = Form({ idem: IdempotencyKey })

export const StopRequest = Form({
  idem: IdempotencyKey,
  zoneId: Type.Optional(Id), // absent: every valve of the organisation
})

export const RequestResult = Type.Object({
  id: Id,
  state: OneOf('new', 'accepted', 'refused'),
  reason: OrNull(Text),
  cmd: OrNull(Cmd),
})
export type RequestResult = Static<typeof RequestResult>

/** POST /api/runs/:id/skip; without `idem` each call is a request of its own. */
export const RunRequest = Form({ idem: Type.Optional(IdempotencyKey) })

/**
 * POST /api/runs/:id/approve. `seen`: the run as the person saw it; one that has become another is not approved. `decidedOfflineAtMs`: of a
 * yes that has waited on a phone: it counts until the run was to begin, and not after a STOP that it could not know of.
 */
export const ApproveRequest = Form({
  idem: Type.Optional(IdempotencyKey),
  seen: Type.Optional(Form({ startMs: FutureInstant, minutes: Type.Number({ minimum: 0, maximum: 1440 }) })),
  decidedOfflineAtMs: Type.Optional(FutureInstant),
})

/** `alertId`: what the person has seen and put right; nothing else is cleared with it. */
export const ClearRequest = Form({ idem: Type.Optional(IdempotencyKey), alertId: Type.Optional(Id) })
