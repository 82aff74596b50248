/** Forms for setting up farms, fields and pumps. */
import Type, { type Static } from 'typebox'
import {
  Form,
  Line,
  OrNull,
  OneOf,
  NonBlankLine,
  Id,
  Name,
  Vwc,
  Positive,
  AreaM2,
} from '../http/validation/schema-primitives.ts'
import { FeedsFrom, PumpScheduleForm } from './schedule-schemas.ts'
import { Outline } from './shape-schemas.ts'

const Elevation = Type.Number({ minimum: -450, maximum: 6000, description: 'm above the sea' })

export const NewFarm = Form({
  name: Name,
  memberCode: Type.Optional(OrNull(Line(40))),
  timeZone: NonBlankLine(60), // IANA, Asia/Tokyo
  latDeg: Type.Number({ minimum: -90, maximum: 90 }),
  lonDeg: Type.Number({ minimum: -180, maximum: 180 }),
  // absent: sea level, as for a place of unknown elevation
  elevationM: Type.Optional(Elevation),
})

/** The place of a farm as corrected; the time zone stays, as the days on record are its days. */
export const FarmPatch = Form(
  {
    name: Type.Optional(Name),
    latDeg: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
    lonDeg: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
    elevationM: Type.Optional(Elevation),
  },
  { minProperties: 1 },
)

/**
 * POST /api/farms/:id/weather-thresholds: an absent threshold has its default (services/domain/weather-thresholds.ts).
 */
export const WeatherThresholdsForm = Form({
  frostC: Type.Optional(OrNull(Type.Number({ minimum: -10, maximum: 10 }))),
  gustMps: Type.Optional(OrNull(Type.Number({ minimum: 5, maximum: 60 }))),
  rainMm: Type.Optional(OrNull(Type.Number({ minimum: 5, maximum: 500 }))),
})
export type WeatherThresholdsForm = Static<typeof WeatherThresholdsForm>

/** To rock or a hard pan, where roots end; null: deep. */
const SoilDepth = Type.Number({ minimum: 0.1, maximum: 5, description: 'm' })

export const NewField = Form({
  farmId: Id,
  name: Name,
  kind: OneOf('upland', 'paddy'),
  areaM2: AreaM2,
  soilTexture: NonBlankLine(40),
  // absent: the middle of the texture's range; wiltingPoint < fieldCapacity < saturation
  fieldCapacity: Type.Optional(Vwc),
  wiltingPoint: Type.Optional(Vwc),
  saturation: Type.Optional(Vwc),
  soilDepthM: Type.Optional(OrNull(SoilDepth)),
  stationId: Type.Optional(OrNull(Id)),
  geojson: Type.Optional(Outline),
})

/** A new texture brings its limits, except those entered by a person; null: the value of the texture. */
const SoilLimitPatch = Type.Optional(OrNull(Vwc))

export const FieldPatch = Form(
  {
    name: Type.Optional(Name),
    areaM2: Type.Optional(AreaM2),
    soilTexture: Type.Optional(NonBlankLine(40)),
    fieldCapacity: SoilLimitPatch,
    wiltingPoint: SoilLimitPatch,
    saturation: SoilLimitPatch,
    soilDepthM: Type.Optional(OrNull(SoilDepth)),
  },
  { minProperties: 1 },
)
export type FieldPatch = Static<typeof FieldPatch>

export const NewPump = Form({
  farmId: Id,
  name: Name,
  capacityLpm: Positive(1e6),
  dailyM3: Type.Optional(OrNull(Positive(1e9))),
  maxOpenValves: Type.Integer({ minimum: 1, maximum: 64 }),
  feedsFromId: Type.Optional(FeedsFrom),
  schedule: Type.Optional(OrNull(PumpScheduleForm)),
})
