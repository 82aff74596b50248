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
}

export interface SeasonRow {
  id: string
  org: string
  fieldId: string
  year: number // crop year
  crop: string // a crop of services/agronomy/crops.ts
  variety: string | null
  plantedDay: Day // sowing, transplanting or bud break
  harvestPlannedDay: Day | null // as the grower means it; null: unknown
  harvestedDay: Day | null
  yieldKg: number | null
  yieldBasis: string | null // 'brown rice, 15 % moisture'
}
