/** The runs of a day, and the reasons of a decision. */
import Type, { type Static } from 'typebox'
import { OrNull, OneOf, Num, Text, AtMs, Day, Id, Params } from '../http/schema-primitives.ts'
import { Fresh, Message, ServerClock } from '../http/value-schemas.ts'

/** "skips if 5 mm by 17:30"; once it was judged the key says what became of it, and `measuredMm` how much fell. */
export const SkipCondition = Type.Object({ key: Text, mm: Num, byMs: AtMs, measuredMm: OrNull(Num) })

/** A run that ended early, with enough time left for an opening, and not decided yet. */
export const UnfinishedRun = Type.Object({
  runId: Id,
  day: Day,
  fieldId: Id,
  fieldName: Text,
  atMs: AtMs,
  minutes: Num,
  ranMinutes: Num,
  restMinutes: Num,
  endReason: OrNull(Text),
})
export type UnfinishedRun = Static<typeof UnfinishedRun>

export const PlanView = Type.Object({
  clock: ServerClock,
  timeZone: Text,
  day: Day,
  pumps: Type.Array(
    Type.Object({
      id: Id,
      name: Text,
      capacityLpm: Num,
      dailyM3: OrNull(Num),
      plannedM3: Num,
      usedM3: Num, // of the day's runs that are over, and of water by hand: without what flows now
      unknownRuns: Num, // of which nobody knows how much they gave; `usedM3` holds all that can have flowed
    }),
  ),
  runs: Type.Array(
    Type.Object({
      id: Id,
      fieldId: Id,
      fieldName: Text,
      zoneId: Id,
      zoneName: Text,
      atMs: AtMs,
      minutes: Num,
      netMm: Num,
      grossMm: Num,
      state: Text,
      cause: OneOf('balance', 'paddy', 'manual'),
      isTest: Type.Boolean(), // somebody saw whether the valve opens
      rainSkip: OrNull(SkipCondition),
      endReason: OrNull(Text),
      // how long it was open in all, and how much flowed; null: it has not ended, or nobody knows
      ranMinutes: OrNull(Num),
      isRanBound: Type.Boolean(), // at most so long
      litres: OrNull(Num),
      volumeSource: OrNull(OneOf('metered', 'rate', 'unknown')),
      restMinutes: OrNull(Num), // of a run that was cut short: offered to a person, and opened by nobody else
      // side by side: as planned, as long as it was open, as the meter says; null: nobody knows, or not yet
      plannedLitres: Num,
      confirmedLitres: OrNull(Num),
      meteredLitres: OrNull(Num),
      decisionId: OrNull(Id),
    }),
  ),
})
export type PlanView = Static<typeof PlanView>

export const WhyView = Type.Object({
  id: Id,
  fieldId: Id,
  fieldName: Text,
  timeZone: Text,
  atMs: AtMs,
  verdict: Message,
  after: OrNull(Message), // what became of its condition: a key of 'skip'
  terms: Type.Array(
    Type.Object({
      key: Text,
      mm: OrNull(Num),
      lo: Type.Optional(Num),
      hi: Type.Optional(Num),
      params: Type.Optional(Params),
    }),
  ),
  inputs: Type.Array(
    Type.Object({
      key: Text,
      value: OrNull(Num),
      unit: Text,
      atMs: OrNull(AtMs),
      depthCm: Type.Optional(Num),
      device: Type.Optional(Text),
      kind: OneOf('measured', 'estimated', 'predicted', 'entered'),
      fresh: Fresh,
      method: Type.Optional(Text),
    }),
  ),
  counterfactuals: OrNull(Message),
  compare: Type.Optional(OrNull(Message)), // beside the old timer, as it stands now: a key of 'compare'
  history: Type.Array(Type.Object({ id: Id, atMs: AtMs, verdict: Message })), // earlier decisions, newest first
})
export type WhyView = Static<typeof WhyView>
