/** The record of a season, which every form of a report is built from, and the parts that a member may withhold. */
import type { Day } from '../../../broker/contract/time.ts'
import type { YieldForecast } from './yield-forecasts.ts'
import type { SeasonYield } from '../../domain/yield/season-yield.ts'

/** One season of one field. Null is unknown, or withheld by the member, never 0. */
export interface SeasonRecord {
  org: string // internal: owner, never shown
  isOwn: boolean // of the organisation's own farms; ids of others are never shown
  isNamed: boolean // false: farm and field are shown under an alias
  withheld: readonly SharedPart[] // parts that the member withholds
  seasonId: string
  fieldId: string
  farmId: string
  timeZone: string
  memberCode: string | null
  farm: string
  field: string
  crop: string
  variety: string | null
  plantedDay: string
  harvestedDay: string | null
  harvestPlannedDay: string | null
  lastDay: Day // see `season-span.ts`; never shown
  areaM2: number
  days: number | null // with a daily balance
  waterM3: number | null // known volumes only
  meteredShare: number | null // of waterM3, 0-1
  runs: number | null // null: its irrigation is not recorded
  runsWithoutVolume: number | null
  runsUnconfirmed: number | null // not confirmed by a person
  rainMm: number | null
  rainMissingDays: number | null
  etMm: number | null // actual crop ET
  etMissingDays: number | null
  yieldShare: number | null // share of the potential yield that the season's water allows, 0-1 (FAO-56 Eq. 90)
  stressDays: number | null // Ks below 1
  heatSumCd: number | null
  yield: SeasonYield
  forecast: YieldForecast | null // of a future harvest; null once there is a yield
  diseaseDays: number | null // with a high risk of a disease; null: none could be assessed
  diseaseUnknownDays: number | null // without an assessment
  sprays: number | null // null: the season ended before the farm joined, and none was entered later
  spraysUnrecorded: number | null // applied, but the record is not confirmed
}

export const sharedParts = ['yield', 'water', 'sprays'] as const
export type SharedPart = (typeof sharedParts)[number]
