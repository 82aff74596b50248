/**
 * The data of a season that a report may show: all of the organisation's own farms, and of a member the parts it
 * shares. Withheld values are null and marked, so that they are not taken for missing ones; a member without a name is
 * shown under its alias.
 */
import { createHash } from 'node:crypto'
import type { AtMs, Day } from '../../../broker/contract/time.ts'
import { memberShares, type Share } from '../../domain/consent.ts'
import type { State } from '../../ports.ts'
import type { FarmRow, FieldRow } from '../../tables.ts'
import { type SeasonRecord, sharedParts, type SharedPart } from './record.ts'

/** An organisation whose rows a report may read. `share` null: the report's own organisation. */
export interface Source {
  org: string
  share: Share | null
}

/** The organisation and the members that share something at this instant, and the number that share nothing. */
export async function readSources(
  state: State,
  org: string,
  atMs: AtMs,
): Promise<{ sources: Source[]; unshared: number }> {
  const shares = await memberShares(state, org, atMs)
  const open = shares.filter((share) => withheldBy(share).length < sharedParts.length)
  return {
    sources: [{ org, share: null }, ...open.map((share) => ({ org: share.org, share }))],
    unshared: shares.length - open.length,
  }
}

/** The parts that a member withholds. */
export function withheldBy(share: Share | null): SharedPart[] {
  if (share === null) return []
  const consents: Record<SharedPart, boolean> = {
    yield: share.seesYield,
    water: share.seesWater,
    sprays: share.seesSprays,
  }
  return sharedParts.filter((part) => !consents[part])
}

/** The sources that share a part. */
export const sourcesSharing = (sources: readonly Source[], part: SharedPart): Source[] =>
  sources.filter(({ share }) => !withheldBy(share).includes(part))

/** Display names of the farms and fields of a source, by id. Fields under an alias are numbered. */
export function displayNames(
  { share }: Source,
  farms: readonly FarmRow[],
  fields: readonly FieldRow[],
): { farms: Map<string, string>; fields: Map<string, string> } {
  if (share === null || share.isNamed)
    return {
      farms: new Map(farms.map(({ id, name }) => [id, name])),
      fields: new Map(fields.map(({ id, name }) => [id, name])),
    }
  const numbered = (rows: readonly { id: string }[], nameOf: (n: number) => string) =>
    new Map(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ id }, index) => [id, nameOf(index + 1)]))
  return {
    farms: numbered(farms, (n) => (farms.length === 1 ? share.alias : `${share.alias}.${n}`)),
    fields: numbered(fields, (n) => `${share.alias}-${n}`),
  }
}

/** The record without its withheld parts; of a member without a name with rounded areas and days. */
export function withoutWithheld(exact: SeasonRecord): SeasonRecord {
  const record = exact.isNamed ? exact : blurred(exact)
  const { withheld } = record
  return withheld.length === 0
    ? record
    : {
        ...record,
        ...(withheld.includes('yield') ? withoutYield(record) : {}),
        ...(withheld.includes('water') ? noWater : {}),
        ...(withheld.includes('sprays') ? noSprays : {}),
      }
}

const withoutYield = ({ yield: { basis }, areaM2 }: SeasonRecord) => ({
  harvestedDay: null,
  harvestPlannedDay: null,
  yieldShare: null,
  forecast: null,
  yield: {
    from: null,
    basis,
    kg: null,
    lowKg: null,
    loads: null,
    lacking: {},
    sieveMm: null,
    areaM2,
    hullShare: null,
    entered: null,
  },
})
const noWater = {
  days: null,
  waterM3: null,
  meteredShare: null,
  runs: null,
  runsWithoutVolume: null,
  runsUnconfirmed: null,
  rainMm: null,
  rainMissingDays: null,
  etMm: null,
  etMissingDays: null,
  yieldShare: null,
  stressDays: null,
  heatSumCd: null,
}
const noSprays = { diseaseDays: null, diseaseUnknownDays: null, sprays: null, spraysUnrecorded: null }

/** Whether a report of `org` includes a farm, or the alias of a member without a name. */
export async function isInReport(
  state: State,
  { org, farmId, year }: { org: string; farmId: string; year: number },
  atMs: AtMs,
): Promise<boolean> {
  const sources = withAliasesOf((await readSources(state, org, atMs)).sources, year)
  const farm = await state.selectFrom('farm').select('org').where('id', '=', farmId).executeTakeFirst()
  return sources.some((source) =>
    source.share === null || source.share.isNamed
      ? source.org === farm?.org
      : farmId === source.share.alias || farmId.startsWith(`${source.share.alias}.`),
  )
}

export const sharesWithoutName = ({ share }: Source): boolean => share !== null && !share.isNamed

/**
 * The sources of a year's reports. A member without a name goes by an alias of that year, so that neither the order of
 * the lines nor another year's report leads to it; the alias of its membership is never shown.
 */
export const withAliasesOf = (sources: readonly Source[], year: number): Source[] =>
  sources.map(({ org, share }) =>
    share === null || share.isNamed
      ? { org, share }
      : { org, share: { ...share, alias: aliasOf(share, year) } },
  )

const aliasOf = ({ alias, membershipId }: Share, year: number): string =>
  `M-${createHash('sha256').update([membershipId, alias, year].join(' ')).digest('hex').slice(0, 6).toUpperCase()}`

// a field in steps of 10 a, a day as the first of ten
const AREA_STEP_M2 = 1_000
const DAY_STARTS = ['01', '11', '21']

/** The area of a field of a member without a name, rounded so that the register of fields does not identify it. */
export const roundedArea = (areaM2: number): number =>
  Math.max(AREA_STEP_M2, AREA_STEP_M2 * Math.round(areaM2 / AREA_STEP_M2))
/** The first day of the ten days (the Japanese jun) that a day belongs to. */
export const roundedDay = (day: Day): Day =>
  `${day.slice(0, 8)}${DAY_STARTS.findLast((start) => start <= day.slice(8)) ?? '01'}`

/**
 * A record of a member without a name: areas and days rounded, its amounts in proportion, so that every value per area
 * is exact and none gives the area away.
 */
function blurred(record: SeasonRecord): SeasonRecord {
  const areaM2 = roundedArea(record.areaM2)
  const scale = areaM2 / record.areaM2
  const scaled = (amount: number | null) => (amount === null ? null : amount * scale)
  const { yield: harvest } = record
  return {
    ...record,
    areaM2,
    plantedDay: roundedDay(record.plantedDay),
    harvestedDay: record.harvestedDay === null ? null : roundedDay(record.harvestedDay),
    harvestPlannedDay: record.harvestPlannedDay === null ? null : roundedDay(record.harvestPlannedDay),
    waterM3: scaled(record.waterM3),
    yield: {
      ...harvest,
      kg: scaled(harvest.kg),
      lowKg: scaled(harvest.lowKg),
      areaM2: harvest.areaM2 * scale,
      entered: null,
    },
  }
}

/** Minimum number of members behind an aggregate of several. */
export const MIN_MEMBERS = 5

/**
 * Whether an aggregate of these farms may be shown. An organisation may always see its own, and its own do not count
 * towards the minimum: it could subtract them. A member with several farms counts as one.
 */
export function hasEnoughMembers(farms: readonly { isOwn: boolean; org: string }[]): boolean {
  const members = new Set(farms.filter(({ isOwn }) => !isOwn).map(({ org }) => org)).size
  return members === 0 || members >= MIN_MEMBERS
}
