/** The runs of a day, and the explanation of a decision. */
import Type, { type Static } from 'typebox'
import { OrNull, OneOf, Num, Text, AtMs, Day, Id, Params } from '../http/validation/schema-primitives.ts'
import { Fresh, Message, ServerClock } from '../http/validation/value-schemas.ts'

/** "skips if 5 mm by 17:30"; after its evaluation the key states the outcome, and `measuredMm` the rain. */
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

/** Water that flowed in a span, by all means, with the part of runs that cross its edge; the most water first. */
const WaterGiven = Type.Object({
  fromMs: AtMs,
  toMs: AtMs,
  litres: Num,
  unknownRuns: Num, // of unknown amount: not in `litres`
  fields: Type.Array(Type.Object({ fieldId: Id, fieldName: Text, litres: Num })),
})

/** `unknownRuns`: of unknown amount, not in `litres`. */
const PumpWater = Type.Object({ litres: Num, unknownRuns: Num })

export const PlanView = Type.Object({
  clock: ServerClock,
  timeZone: Text,
  day: Day,
  night: WaterGiven, // before this day, from 18:00 to 08:00
  eveningLitres: Num, // the part of the night's that is before midnight, so not in `given`
  given: WaterGiven, // of the day, from midnight to midnight
  noPump: PumpWater, // the part of `given` that no pump of `pumps` gave
  pumps: Type.Array(
    Type.Object({
      id: Id,
      name: Text,
      capacityLpm: Num,
      dailyM3: OrNull(Num),
      given: PumpWater, // the part of the day's `given` that it gave
      aheadM3: Num, // of the day's runs that are not over, without what they gave
      usedM3: Num, // against its limit: of runs that began on the day, and water by hand, without open valves
      unknownRuns: Num, // of unknown volume; `usedM3` includes their upper bound
    }),
  ),
  // of the day, and those of the day before that water on it
  runs: Type.Array(
    Type.Object({
      id: Id,
      day: Day,
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
      isTest: Type.Boolean(), // a valve test by a person
      rainSkip: OrNull(SkipCondition),
      endReason: OrNull(Text),
      // it ended before its planned time: when, after how much water, and by whom. Null: it did not, or not known
      cutAtMs: OrNull(AtMs),
      cutMm: OrNull(Num),
      cutBy: OrNull(Text), // the person who pressed STOP
      // total open time and volume; null: not ended, or unknown
      ranMinutes: OrNull(Num),
      isRanBound: Type.Boolean(), // ranMinutes is an upper bound
      litres: OrNull(Num),
      volumeSource: OrNull(OneOf('metered', 'rate', 'unknown')),
      restMinutes: OrNull(Num), // of a run that ended early: offered to a person, never opened automatically
      // planned, by open time, and metered; null: unknown, or not yet
      plannedLitres: Num,
      confirmedLitres: OrNull(Num),
      meteredLitres: OrNull(Num),
      decisionId: OrNull(Id),
    }),
  ),
})
export type PlanView = Static<typeof PlanView>

export const DecisionView = Type.Object({
  id: Id,
  fieldId: Id,
  fieldName: Text,
  timeZone: Text,
  atMs: AtMs,
  verdict: Message,
  after: OrNull(Message), // the outcome of its rain condition: a key of 'skip'
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
  compare: Type.Optional(OrNull(Message)), // against the previous fixed schedule, now: a key of 'compare'
  history: Type.Array(Type.Object({ id: Id, atMs: AtMs, verdict: Message })), // earlier decisions, newest first
})
export type DecisionView = Static<typeof DecisionView>
