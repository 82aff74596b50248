/** The water of a field compared with Tilth's plan and the previous fixed schedule. */
import Type, { type Static } from 'typebox'
import { Form, OrNull, OneOf, Num, Text, Day } from '../http/validation/schema-primitives.ts'
import { Message } from '../http/validation/value-schemas.ts'

const SpanWater = Type.Object({ m3: Num, runs: Num, stressDays: Num, drainedMm: Num })

/** Water applied, by Tilth and by the fixed schedule, from the same balance; texts of section 'compare'. */
export const ComparisonView = Type.Object({
  throughDay: Day,
  fixedSchedule: Type.Object({ mm: Num, days: Num }),
  waterPricePerM3: OrNull(Num),
  currency: OrNull(Text),
  spans: Type.Array(
    Type.Object({
      key: OneOf('week', 'season'),
      fromDay: Day,
      throughDay: Day,
      days: Num,
      missingDays: Num,
      actual: Type.Intersect([SpanWater, Type.Object({ isMetered: Type.Boolean() })]),
      tilth: SpanWater,
      fixedSchedule: SpanWater,
    }),
  ),
  messages: Type.Array(Message),
})
export type ComparisonView = Static<typeof ComparisonView>

/** POST /api/fields/:id/habit: the previous fixed schedule of a field, and the price of its water. */
export const FixedScheduleForm = Form({
  depthMm: Type.Number({ minimum: 1, maximum: 200 }),
  everyDays: Type.Integer({ minimum: 1, maximum: 60 }),
  waterPricePerM3: Type.Optional(OrNull(Type.Number({ minimum: 0, maximum: 1e6 }))),
  currency: Type.Optional(OrNull(Type.String({ pattern: '^[A-Z]{3}$' }))), // ISO 4217
})
