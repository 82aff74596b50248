/** Farms, their fields, and what grows on a field in a season. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'
import type { WaterPrice } from './strategy.ts'

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
  waterPrice?: Json<WaterPrice> | null | undefined // where its pump has none
  warnAt?: Json<Partial<WeatherThresholds>> | null | undefined // what is not there is as usual (weather-thresholds.ts)
}

/** From what on a farm is warned of the night and the weather ahead. */
export interface WeatherThresholds {
  frostC: number // of the air at 2 m: this cold or colder
  gustMps: number
  rainMm: number // within a day
}

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
  stationId: string | null // the weather station this field follows; null: the nearest of its farm, then of its org
  geojson: Json<unknown> | null
  endedDay?: Day | null | undefined // divided, or put together with others: from this day on it is no more
}

/** That a field came of another on a day: all of what it was, or a share of it. */
export interface FieldLineageRow {
  fieldId: string
  fromFieldId: string // which has ended
  org: string
  day: Day
  share: number // of the area of the one that ended, 0-1
}

export interface SeasonRow {
  id: string
  org: string
  fieldId: string
  year: number // crop year
  crop: string // a crop of services/agronomy/crops/catalogue.ts
  variety: string | null
  plantedDay: Day // sowing, transplanting or bud break
  harvestPlannedDay: Day | null // as the grower means it; null: unknown
  harvestedDay: Day | null
  yieldKg: number | null
  yieldBasis: string | null // 'brown rice, 15 % moisture'
  harvestedM2?: number | null | undefined // null: the whole field
  fieldM2?: number | null | undefined // of the field while this grew, where it was put right since; null: the field's own
  hullShare?: number | null | undefined // brown from rough rice by mass, as measured; null: as stated in report/yield-bases.ts
}
