/** Lines of a season report: one per field, and one per member. */
import type { YieldForecast } from './yield-forecasts.ts'
import type { SharedPart } from './record.ts'

/**
 * Data that a field can lack: its yield, a yield on the basis, a run's volume, days of weather, the record of a spray.
 */
export const missingKeys = ['yield', 'basis', 'volume', 'weather', 'record'] as const
export type MissingKey = (typeof missingKeys)[number]
export type Outlier = 'yield-low' | 'yield-high' | 'water-low' | 'water-high'

/** Yield compared with the previous years, like with like. kg/ha on the basis. */
export interface YieldComparison {
  kgHa: number | null
  usualKgHa: number | null // mean of the known ones of the five previous years, of the compared fields
  change: number | null // of the compared fields, 0.04: 4 % more
  comparedKgHa: number | null // yield of the compared fields
  compared: number // fields with a yield and a previous one; both sides of the change are of these
}

export interface FieldLine extends YieldComparison {
  isOwn: boolean
  isNamed: boolean // false: the ids are never shown
  withheld: readonly SharedPart[]
  seasonId: string
  fieldId: string
  field: string
  variety: string | null
  areaM2: number
  harvestedM2: number
  loads: number | null
  lowKg: number | null
  forecast: YieldForecast | null
  years: { year: number; kgHa: number }[] // the five previous years, where known
  waterM3Ha: number | null
  meteredShare: number | null
  diseaseDays: number | null
  sprays: number | null
  missing: MissingKey[]
}

export interface MemberLine extends YieldComparison {
  org: string // never shown
  isOwn: boolean // false: of a member, which shares what it consents to
  isNamed: boolean
  withheld: readonly SharedPart[]
  farmId: string
  memberCode: string | null
  name: string
  areaM2: number
  fields: FieldLine[]
  withYield: number // fields
  withLoads: number
  waterM3Ha: number | null
  meteredShare: number | null
  diseaseDays: number | null // the maximum of one field
  sprays: number | null // the maximum of one field
  missing: { key: MissingKey; fields: { id: string; name: string }[] }[]
  outliers: Outlier[]
}

/** Of a record too: whether it belongs to the member with this id; null: to any. */
export const isOfMember = (
  { isNamed, farmId: ownId, farm }: { isNamed: boolean; farmId: string; farm: string },
  farmId: string | null,
): boolean => farmId === null || (isNamed ? ownId : farm) === farmId

/** A member without a name is identified by its alias only. */
export const displayId = ({ isNamed, fieldId, field }: FieldLine): string => (isNamed ? fieldId : field)

/** The id of a member in the API. A member without a name is identified by its alias only. */
export const memberId = ({
  isNamed,
  farmId,
  name,
}: Pick<MemberLine, 'isNamed' | 'farmId' | 'name'>): string => (isNamed ? farmId : name)
