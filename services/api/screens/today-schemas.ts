/** The first screen: each field in a card, running commands, the next run, alerts. */
import Type, { type Static } from 'typebox'
import { CommandView } from '../irrigation/command-schemas.ts'
import { SkipCondition, UnfinishedRun } from '../irrigation/plan-schemas.ts'
import { ForecastBrief } from '../models/forecast-schemas.ts'
import { OrNull, OneOf, Num, Text, AtMs, Day, Id, Params } from '../http/validation/schema-primitives.ts'
import { FieldStatus, Fresh, ValueView, Message, ServerClock } from '../http/validation/value-schemas.ts'

export const NextRun = Type.Object({
  runId: Id,
  atMs: AtMs,
  mm: Num,
  minutes: Num,
  state: Text,
  rainSkip: OrNull(SkipCondition),
})

export const FieldCard = Type.Object({
  id: Id,
  farmId: Id,
  farmName: Text,
  name: Text,
  crop: Text,
  stage: OrNull(Text),
  kind: OneOf('upland', 'paddy'),
  areaM2: Num,
  status: FieldStatus, // of its water
  verdict: Message,
  // pests and diseases to be treated or looked for now, to be treated first
  pests: Type.Array(
    Type.Object({
      target: Text,
      kind: OneOf('insect', 'disease'),
      action: OneOf('treat', 'scout'),
      fromDay: OrNull(Day),
      toDay: OrNull(Day),
    }),
  ),
  mark: FieldStatus, // as lists and the map show it: its water, unless a pest asks for more
  // upland: the water that the decision compared, mm: left until irrigation is due, of the amount when the soil is full;
  // below 0 the field is drier than its limit. loMm and hiMm hold eight of ten cases
  water: OrNull(
    Type.Object({ leftMm: Num, loMm: Num, hiMm: Num, ofMm: Num, asOfMs: OrNull(AtMs), fresh: Fresh }),
  ),
  level: OrNull(ValueView), // paddy: mm, 0 = soil surface
  targetBandMm: OrNull(Type.Tuple([Num, Num])),
  // paddy below its band: the net water that raises it to the top, with both levels
  fill: OrNull(Type.Object({ mm: Num, fromMm: Num, toMm: Num })),
  pores: OrNull(Num), // paddy: share of its soil that water leaves when the level falls, m3/m3
  next: OrNull(NextRun),
  // what the field shows from the tap that approves `next` until the next response; null: it asks for no approval
  onceApproved: OrNull(Type.Object({ status: FieldStatus, verdict: Message })),
  decisionId: OrNull(Id),
})
export type FieldCard = Static<typeof FieldCard>

export const Alert = Type.Object({
  id: Id,
  cause: Text,
  severity: OneOf('act', 'soon', 'note'),
  params: Params,
  fieldId: OrNull(Id),
  deviceId: OrNull(Id),
  deviceName: OrNull(Text),
  fields: Type.Array(Type.Object({ id: Id, name: Text })), // affected fields: those irrigated by the controller or valve
  zoneIds: Type.Array(Id), // of the valves that it names; empty: the whole device
  sinceMs: AtMs,
})
export type Alert = Static<typeof Alert>

/** The next 24 hours from a full hour of the farm on, one column per hour; null when unknown. */
export const Sky = Type.Object({
  fromMs: AtMs,
  rain: Type.Array(OrNull(Type.Tuple([Num, Num, Num]))), // mm: exceeded 9 times in 10, median, not exceeded 9 times in 10
  windMps: Type.Array(OrNull(Num)), // at 2 m
  showers: Type.Array(Type.Object({ fromMs: AtMs, toMs: AtMs, loMm: Num, midMm: Num, hiMm: Num })),
})
export type Sky = Static<typeof Sky>

export const Today = Type.Object({
  clock: ServerClock,
  asOfMs: AtMs, // of the newest state
  timeZone: Text,
  org: Type.Object({ id: Text, name: Text }),
  counts: Type.Object({ act: Num, soon: Num, ok: Num, wet: Num, unknown: Num }),
  // what needs a person, the most urgent first: one row for each field and each alert (domain/needs-today.ts).
  // dueMs: of a field that still has water, when waiting begins to cost
  needs: Type.Array(
    Type.Object({
      kind: OneOf('field', 'alert'),
      id: Id,
      status: OneOf('act', 'soon'),
      dueMs: OrNull(AtMs),
    }),
  ),
  // what needs nobody yet and is not plainly OK, shown below it with its own count; a field that is OK is in neither
  watched: Type.Array(Type.Object({ kind: OneOf('field', 'alert'), id: Id })),
  fields: Type.Array(FieldCard), // by mark: act, unknown, soon, wet, ok
  running: Type.Array(CommandView),
  nextRun: OrNull(Type.Object({ fieldId: Id, fieldName: Text, run: NextRun })),
  alerts: Type.Array(Alert),
  // ended early, with enough time left for an opening, and not decided yet; newest first
  unfinished: Type.Array(UnfinishedRun),
  forecast: OrNull(ForecastBrief),
  sky: OrNull(Sky), // null: no hourly forecast
  // hours of the next 24 in which the weather allows spraying; null: no hourly forecast
  spray: OrNull(Type.Array(Type.Object({ fromMs: AtMs, toMs: AtMs, verdict: OneOf('allowed', 'marginal') }))),
})
export type Today = Static<typeof Today>
