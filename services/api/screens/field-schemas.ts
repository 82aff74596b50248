/** One field: its charts, its pests and diseases, its sensors and its log. */
import Type, { type Static } from 'typebox'
import { CommandView } from '../irrigation/command-schemas.ts'
import { ComparisonView } from '../irrigation/comparison-schemas.ts'
import { ModelBrief } from '../models/model-schemas.ts'
import { OrNull, OneOf, Num, Text, AtMs, Day, Id, ModelId } from '../http/validation/schema-primitives.ts'
import { RecordPhoto } from '../photos/photo-schemas.ts'
import { FieldCard } from './today-schemas.ts'
import { ValueView, Message, ServerClock, RiskLevel, Column } from '../http/validation/value-schemas.ts'
import { ZoneView } from '../farms/zone-schemas.ts'

/**
 * A soil limit, m³/m³: from the texture, entered for the field, or calibrated by its probes from a number of
 * events.
 */
export const SoilLimit = Type.Object({
  v: Num,
  sd: Num,
  from: OneOf('texture', 'entered', 'learned'),
  events: Num,
})
export type SoilLimit = Static<typeof SoilLimit>

/** All data of one field for one span; at most 300 points a series, downsampled on the server. */
export const FieldDetail = Type.Object({
  clock: ServerClock,
  timeZone: Text,
  field: FieldCard,
  variety: OrNull(Text),
  plantedDay: OrNull(Day),
  zones: Type.Array(ZoneView),
  running: Type.Array(CommandView),
  fromMs: AtMs,
  toMs: AtMs, // the right end of the charts, including forecasts
  // water left (as FieldCard.left) over the span, then ahead: estimated up to and including nowIndex,
  // predicted after it
  // without rain or irrigation; null is a gap
  water: OrNull(Type.Object({ atMs: Type.Array(Num), left: Column, lo: Column, hi: Column, nowIndex: Num })),
  levels: OrNull(Type.Object({ fullMm: Num, refillMm: Num })), // as `water`: full, and the limit of the decision
  paddy: OrNull(
    Type.Object({ atMs: Type.Array(Num), levelMm: Column, targetLoMm: Column, targetHiMm: Column }),
  ),
  // bars by day; an absent day is unknown
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
      // null: counted by traps, without degree days
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
      reason: Message, // of an unknown level: the missing input, and since when
      wetness: OneOf('measured', 'estimated', 'none'),
      throughDay: Day,
      days: Type.Array(Type.Object({ day: Day, level: RiskLevel })), // the last fortnight
      confirmed: Type.Boolean(),
      source: Text,
    }),
  ),
  // the root zone limits behind the water curve
  soil: OrNull(Type.Object({ fieldCapacity: SoilLimit, wiltingPoint: SoilLimit })),
  // the season's water shortage so far and the relative yield if it continues (FAO-56 Eq. 90)
  comparison: OrNull(ComparisonView),
  waterYield: OrNull(
    Type.Object({ ky: Num, etaMm: Num, etcMm: Num, share: Num, missingDays: Num }), // share: 0-1
  ),
  models: Type.Array(ModelBrief),
  sensors: Type.Array(
    Type.Object({
      // the forecast of its model, or of its fallback
      ahead: OrNull(
        Type.Object({
          atMs: Type.Array(Num),
          mid: Type.Array(Num),
          lo: Type.Array(Num),
          hi: Type.Array(Num),
          method: Type.Array(OneOf('model', 'physics', 'persistence')), // per instant: the best method at that lead
          modelId: OrNull(ModelId),
        }),
      ),
      quantity: Text,
      unit: Text,
      depthCm: OrNull(Num),
      device: Text,
      deviceName: Text,
      latest: ValueView,
      suspect: Type.Boolean(), // quality control flags the latest value: the balance excludes it
      atMs: Type.Array(Num),
      mean: Column,
    }),
  ),
  // true: the series store does not respond, and sensors, paddy and catches are unknown, not none
  seriesUnavailable: Type.Optional(Type.Boolean()),
  // data quality notes of the span: each kind in its latest wording, with its number of days
  notes: Type.Array(Type.Object({ message: Message, days: Num, lastDay: Day })),
  // newest first; keys in services/api/http/message-keys.ts. `day`: only the day is known
  log: Type.Array(
    Type.Object({
      atMs: AtMs,
      day: Type.Optional(Day),
      message: Message,
      photos: Type.Optional(Type.Array(RecordPhoto)), // of a note that has some
    }),
  ),
})
export type FieldDetail = Static<typeof FieldDetail>

/** GET /api/fields/:id/history?year=2026: the records of a field by day, newest first. */
export const FieldHistory = Type.Object({
  year: Num,
  days: Type.Array(
    Type.Object({
      day: Day,
      lines: Type.Array(
        Type.Object({
          what: OneOf('irrigation', 'spray', 'work', 'load'),
          id: Id,
          atMs: OrNull(AtMs), // null: only the day is known
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
