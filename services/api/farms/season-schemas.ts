/** Seasons with their yield, and degree-day trackers. */
import Type from 'typebox'
import { Form, Line, OrNull, NonBlankLine, Day, Id, Year } from '../http/validation/schema-primitives.ts'

/** Soil water on the planting day; null: unknown. */
const InitialVwc = Type.Number({ minimum: 0.01, maximum: 0.6, description: 'm3/m3' })

export const NewSeason = Form({
  fieldId: Id,
  year: Year,
  crop: NonBlankLine(40),
  variety: Type.Optional(OrNull(Line(80))),
  plantedDay: Day,
  initialVwc: Type.Optional(OrNull(InitialVwc)),
})

/** For a season that is not harvested; the crop year moves with the day. */
export const SeasonPatch = Form(
  {
    crop: Type.Optional(NonBlankLine(40)),
    variety: Type.Optional(OrNull(Line(80))),
    plantedDay: Type.Optional(Day),
    initialVwc: Type.Optional(OrNull(InitialVwc)),
  },
  { minProperties: 1 },
)

/** The yield and its basis: 'brown rice, 15 % moisture, 1.85 mm sieve'. */
export const Yield = Form({
  kg: Type.Number({ minimum: 0, maximum: 1e9 }),
  basis: NonBlankLine(120),
  harvestedDay: Type.Optional(Day),
})

/** The last day whose frost the crop has survived. */
export const FrostSurvived = Form({ day: Day })

/** Degree days of one pest from its biofix; the same subject again moves the biofix. */
export const NewDegreeDayTracker = Form({
  subject: NonBlankLine(40),
  biofixDay: Day,
})
