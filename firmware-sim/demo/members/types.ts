/** What the members of the demonstration are made from, and the rows that they become. */
import type { Insertable } from 'kysely'
import type { Day } from '../../../broker/contract/time.ts'
import type { Tables } from '../../../services/tables.ts'

export interface MembersOptions {
  coop: string // organisation of the co-operative
  members: number // 1-500
  fields: number // at least one a member
  year: number // of the newest season
  yearsBack: number // seasons before it; only the first of them has more than its harvest
  /** nothing later has happened yet; absent: the newest season is over */
  throughDay?: Day
  /** of the weather of the plain; absent: the co-operative's name */
  seed?: string
}

export type Row<T extends keyof Tables> = Insertable<Tables[T]>

/** In the order in which they are written. */
export interface MemberRows {
  farm: Row<'farm'>[]
  field: Row<'field'>[]
  zone: Row<'zone'>[]
  season: Row<'season'>[]
  harvestLoad: Row<'harvestLoad'>[]
  irrigation: Row<'irrigation'>[]
  treatment: Row<'treatment'>[]
  fieldDay: Row<'fieldDay'>[]
  diseaseDay: Row<'diseaseDay'>[]
  consent: Row<'consent'>[]
  membership: Row<'membership'>[]
}

/** One irrigation run as its row. */
export type Run = MemberRows['irrigation'][number]

export interface PlainWeatherDay {
  day: Day
  tempMinC: number
  tempMaxC: number
  rainMm: number
  et0Mm: number
}

/** The days of a year that have passed, from its May on. */
export type PlainWeather = (year: number) => readonly PlainWeatherDay[]

/** What is drawn: field `f` of member `m`, `back` years before the newest season. */
export interface FieldSeasonInput {
  of: MembersOptions
  sky: PlainWeather
  base: { org: string; farmId: string; fieldId: string }
  m: number
  f: number
  areaM2: number
  back: number
  isBare: boolean // nothing was entered but the planting
  hasZone: boolean
}
