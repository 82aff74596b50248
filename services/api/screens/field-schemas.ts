/** One field: its charts, its pests and diseases, its sensors and its log. */
import Type, { type Static } from 'typebox'
import { Cmd } from '../irrigation/command-schemas.ts'
import { ComparisonView } from '../irrigation/comparison-schemas.ts'
import { ModelBrief } from '../models/model-schemas.ts'
import { OrNull, OneOf, Num, Text, AtMs, Day, Id, ModelId } from '../http/schema-primitives.ts'
import { FieldCard } from './today-schemas.ts'
import { Val, Message, ServerClock, RiskLevel, Column } from '../http/value-schemas.ts'
import { ZoneView } from '../farms/zone-schemas.ts'

/** A limit of the soil, m³/m³: that of its texture, entered for the field, or learned by its probes from so many events. */
export const SoilLimit = Type.Object({
  v: Num,
  sd: Num,
  from: OneOf('texture', 'entered', 'learned'),
  events: Num,
})
export type SoilLimit = Static<typeof SoilLimit>

/** Everything of one field for one span; at most 300 points a series, cut on the server. */
export const FieldDetail = Type.Object({
  clock: ServerClock,
  timeZone: Text,
  field: FieldCard,
  variety: OrNull(Text),
  plantedDay: OrNull(Day),
  zones: Type.Array(ZoneView),
  running: Type.Array(Cmd),
  fromMs: AtMs,
  toMs: AtMs, // the right end of the charts: what is predicted is included
  // water left (as FieldCard.left) over the span, then ahead: estimated up to and with nowIndex, predicted after it
  // as if neither rain nor irrigation came; null is a gap
  water: OrNull(Type.Object({ atMs: Type.Array(Num), left: Column, lo: Column, hi: Column, nowIndex: Num })),
  levels: OrNull(Type.Object({ fullMm: Num, refillMm: Num, stressMm: Num })), // of water left
  paddy: OrNull(Type.Object({ atMs: Type.Array(Num), levelMm: Column, aimLoMm: Column, aimHiMm: Column })),
  // bars by day; a day that is absent is not known
  rain: Type.Array(Type.Object({ day: Day, atMs: AtMs, mm: Num, countedMm: OrNull(Num) })),
  irrigation: Type.Array(
    Type.Object({
      atMs: AtMs,
      runId: Id,
      plannedMm: OrNull(Num),
      confirmedMm: OrNull(Num),
      meteredMm: OrNull(Num),
      minutes: Num,
      state: Text,
    }),
  ),
  heat: OrNull(
    Type.Object({
      sumCd: Num,
      next: OrNull(Type.Object({ stage: Text, needCd: Num, fromDay: Day, toDay: Day })),
    }),
  ),
  pests: Type.Array(
    Type.Object({
      subject: Text,
      // null: traps count it, nobody sums its heat
      biofixDay: OrNull(Day),
      sumCd: OrNull(Num),
      throughDay: OrNull(Day),
      missingDays: Num,
      next: OrNull(Type.Object({ key: Text, needCd: Num, fromDay: Day, toDay: Day })),
      confirmed: Type.Boolean(), // false: at least one of its figures needs a second source
      source: Text,
      outlook: OrNull(
        Type.Object({
          key: Text,
          fromDay: Day,
          midDay: Day,
          toDay: Day,
          from: OneOf('sum', 'catches', 'both'),
        }),
      ),
      threshold: OrNull(
        Type.Object({ count: Num, perDays: Num, caught: OrNull(Num), isReached: OrNull(Type.Boolean()) }),
      ),
      catches: Type.Array(Type.Object({ day: Day, count: Num })),
    }),
  ),
  diseases: Type.Array(
    Type.Object({
      disease: Text,
      level: RiskLevel,
      value: OrNull(Num),
      unit: Text,
      why: Message, // of an unknown level: what is missing, and since when
      wetness: OneOf('measured', 'estimated', 'none'),
      throughDay: Day,
      days: Type.Array(Type.Object({ day: Day, level: RiskLevel })), // the last fortnight
      confirmed: Type.Boolean(),
      source: Text,
    }),
  ),
  // limits of the root zone that the water curve stands on
  soil: OrNull(Type.Object({ fieldCapacity: SoilLimit, wiltingPoint: SoilLimit })),
  // the season's shortage of water so far and the share of the full yield it leaves, if it went on so (FAO-56 Eq. 90)
  comparison: OrNull(ComparisonView),
  waterYield: OrNull(
    Type.Object({ ky: Num, etaMm: Num, etcMm: Num, share: Num, missingDays: Num }), // share: 0-1
  ),
  models: Type.Array(ModelBrief),
  sensors: Type.Array(
    Type.Object({
      // what its model, or what it stepped back to, says of the days ahead
      ahead: OrNull(
        Type.Object({
          atMs: Type.Array(Num),
          mid: Type.Array(Num),
          lo: Type.Array(Num),
          hi: Type.Array(Num),
          method: Type.Array(OneOf('model', 'physics', 'persistence')), // of each instant: who was best so far ahead
          modelId: OrNull(ModelId),
        }),
      ),
      quantity: Text,
      unit: Text,
      depthCm: OrNull(Num),
      device: Text,
      latest: Val,
      suspect: Type.Boolean(), // quality control doubts the latest: the balance leaves it out
      atMs: Type.Array(Num),
      mean: Column,
    }),
  ),
  // true: the series store does not answer, and what rests on it (sensors, paddy, catches) is unknown, not none
  seriesAway: Type.Optional(Type.Boolean()),
  // what the figures of the span rest on: each kind of note as it was last said, and on how many days it was
  notes: Type.Array(Type.Object({ message: Message, days: Num, lastDay: Day })),
  // newest first; the keys are in services/api/http/message-keys.ts. `day`: no more than the day is known
  log: Type.Array(Type.Object({ atMs: AtMs, day: Type.Optional(Day), message: Message })),
})
export type FieldDetail = Static<typeof FieldDetail>

/** GET /api/fields/:id/history?year=2026: what was done on a field, by day, the newest first. */
export const FieldHistory = Type.Object({
  year: Num,
  days: Type.Array(
    Type.Object({
      day: Day,
      lines: Type.Array(
        Type.Object({
          what: OneOf('irrigation', 'spray', 'work', 'load'),
          id: Id,
          atMs: OrNull(AtMs), // null: no more than the day is known
          message: Message,
        }),
      ),
    }),
  ),
})

/** GET /api/fields/:id/series: one quantity as columns, at most 300 points each; null is a gap. */
export const SeriesColumns = Type.Object({
  series: Type.Array(
    Type.Object({ device: Text, depthCm: OrNull(Num), atMs: Type.Array(Num), value: Column }),
  ),
})
