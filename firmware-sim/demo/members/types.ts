/** The options for the members of the demonstration, and their rows. */
import type { Insertable } from 'kysely'
import type { Day } from '../../../broker/contract/time.ts'
import type { Tables } from '../../../services/tables.ts'

export interface MembersOptions {
  coop: string // organisation of the co-operative
  members: number // 1-500
  fields: number // at least one a member
  year: number // of the newest season
  yearsBack: number // earlier seasons; only the latest of them has more than its harvest
  /** the last day with data; absent: the newest season is complete */
  throughDay?: Day
  /** seed of the weather of the plain; absent: the co-operative's name */
  seed?: string
  language?: 'en' | 'ja' // of the names; absent: English
}

export type Row<T extends keyof Tables> = Insertable<Tables[T]>

/** In insertion order. */
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

/** Field `f` of member `m`, `back` years before the newest season. */
export interface FieldSeasonInput {
  of: MembersOptions
  sky: PlainWeather
  base: { org: string; farmId: string; fieldId: string }
  m: number
  f: number
  areaM2: number
  back: number
  isBare: boolean // only the planting is recorded
  hasZone: boolean
}
