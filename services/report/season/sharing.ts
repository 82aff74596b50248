/**
 * The data of a season that a report may show: all of the organisation's own farms, and of a member the parts it
 * shares. Withheld values are null and marked, so that they are not taken for missing ones; a member without a name is
 * shown under its alias.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import { memberShares, type Share } from '../../domain/consent.ts'
import type { State } from '../../ports.ts'
import type { FarmRow, FieldRow, HarvestLoadRow, SprayRecord, TreatmentRow } from '../../tables.ts'
import { readSprayRecord, readTreatmentPlan, toJson } from '../../tables.ts'
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

/** The record without its withheld parts. */
export function withoutWithheld(record: SeasonRecord): SeasonRecord {
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

/** A load without anything that identifies the person or member. */
export const namelessLoad = (load: HarvestLoadRow): HarvestLoadRow => ({
  ...load,
  ticket: null,
  meter: null,
  enteredBy: '',
  voidedBy: null,
  voidReason: null,
})

/** A spray without its operator and exact place; its record names the field by alias only. */
export function namelessSpray(spray: TreatmentRow, fieldName: string): TreatmentRow {
  const nameless = (record: SprayRecord): SprayRecord => ({
    ...record,
    operator: '',
    operatorCertificate: null,
    certifiedBy: null,
    customer: null,
    equipment: null,
    lot: null,
    field: { ...record.field, id: fieldName, name: fieldName, latDeg: null, lonDeg: null },
    part: null,
    weather: record.weather && { ...record.weather, device: '' },
  })
  return {
    ...spray,
    plan: toJson({ ...readTreatmentPlan(spray.plan), operator: '', part: null }),
    record: spray.record === null ? null : toJson(nameless(readSprayRecord(spray.record))),
    createdBy: '',
    confirmedBy: null,
    recordedBy: null,
    voidedBy: null,
    voidReason: null,
  }
}

/** Whether a report of `org` includes a farm, or the alias of a member without a name. */
export async function isInReport(
  state: State,
  { org, farmId }: { org: string; farmId: string },
  atMs: AtMs,
): Promise<boolean> {
  const { sources } = await readSources(state, org, atMs)
  const farm = await state.selectFrom('farm').select('org').where('id', '=', farmId).executeTakeFirst()
  return sources.some((source) =>
    source.share === null || source.share.isNamed
      ? source.org === farm?.org
      : farmId === source.share.alias || farmId.startsWith(`${source.share.alias}.`),
  )
}

/** Minimum number of members behind an aggregate of several. */
export const MIN_MEMBERS = 5

/**
 * Whether an aggregate of these farms may be shown. An organisation may always see its own; a member with several farms
 * counts as one.
 */
export const hasEnoughMembers = (
  farms: readonly { isOwn: boolean; org: string; farmId: string }[],
): boolean =>
  farms.every(({ isOwn }) => isOwn) ||
  new Set(farms.map(({ isOwn, org, farmId }) => (isOwn ? farmId : org))).size >= MIN_MEMBERS
