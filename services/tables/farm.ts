/** Farms, their fields and the seasons of fields. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { jsonColumn, type Json } from './json.ts'
import { WaterPrice } from './strategy.ts'

export interface FarmRow {
  id: string
  org: string
  name: string
  memberCode: string | null
  timeZone: string
  latDeg: number
  lonDeg: number
  elevationM: number
  createdAtMs: AtMs
  waterPrice?: Json<WaterPrice> | null | undefined // used where a pump has no price
  weatherThresholds?: Json<Partial<WeatherThresholds>> | null | undefined // absent values: defaults (weather-thresholds.ts)
}

/** Thresholds for the weather warnings of a farm. */
const WeatherThresholds = Type.Object({
  frostC: Type.Number(), // air temperature at 2 m, at or below
  gustMps: Type.Number(),
  rainMm: Type.Number(), // within a day
})
export type WeatherThresholds = Static<typeof WeatherThresholds>

export const readFarmWaterPrice = jsonColumn('farm.waterPrice', WaterPrice)
export const readWeatherThresholds = jsonColumn('farm.weatherThresholds', Type.Partial(WeatherThresholds))

/** One crop, one soil, one season. */
export interface FieldRow {
  id: string
  org: string
  farmId: string
  name: string
  kind: 'upland' | 'paddy'
  areaM2: number
  soilTexture: string // a texture of FAO-56 Table 19, 'loam' and so on
  fieldCapacity: number // m3/m3
  wiltingPoint: number // m3/m3
  saturation: number // m3/m3
  soilDepthM?: number | null | undefined // to rock or a pan, where roots end; null: deep
  stationId: string | null // assigned weather station; null: the nearest of its farm, then of its organisation
  geojson: Json<unknown> | null
  endedDay?: Day | null | undefined // split or merged: the field does not exist from this day on
}

/** A GeoJSON geometry, of which each reader checks what it needs. */
export const readFieldGeojson = jsonColumn('field.geojson', Type.Unknown())

/** Origin of a field created by a split or merge: all or a share of another field. */
export interface FieldLineageRow {
  fieldId: string
  fromFieldId: string // the ended field
  org: string
  day: Day
  share: number // of the ended field's area, 0-1
}

export interface SeasonRow {
  id: string
  org: string
  fieldId: string
  year: number // crop year
  crop: string // a crop of services/agronomy/crops/catalogue.ts
  variety: string | null
  plantedDay: Day // sowing, transplanting or bud break
  initialVwc?: number | null | undefined // soil water on that day, m3/m3; null: unknown
  harvestPlannedDay: Day | null // as planned by the grower; null: unknown
  harvestedDay: Day | null
  /** a person has seen the crop live after the frosts up to this day; null: none was doubted */
  survivedFrostDay?: Day | null | undefined
  yieldKg: number | null
  yieldBasis: string | null // 'brown rice, 15 % moisture'
  harvestedM2?: number | null | undefined // null: the whole field
  fieldM2?: number | null | undefined // of the field in this season, if it was corrected since; null: the field's own
  hullShare?: number | null | undefined // brown from rough rice by mass, measured; null: as stated in report/yields/yield-bases.ts
}
