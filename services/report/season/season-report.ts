/**
 * The season of one crop over the members of an organisation. Pure, so that every number can be recalculated from the
 * rows. Members with missing data come first, then outliers. Null is unknown, never 0.
 */
import type { CooperativeTask } from '../../runtime/cooperative.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { PastYield } from '../yields/past-yields.ts'
import { correlateYield, type YieldCorrelation } from './yield-correlation.ts'
import { markOutliers } from './outliers.ts'
import { hasEnoughMembers } from './sharing.ts'
import type { YieldBasis } from '../../domain/yield/yield-bases.ts'
import { areaWeighted } from '../../domain/yield/standard-mass.ts'
import { yieldStrips, type Strip } from '../yields/yield-strips.ts'
import type { SeasonRecord, SharedPart } from './record.ts'
import {
  missingKeys,
  type MissingKey,
  type YieldComparison,
  type FieldLine,
  type MemberLine,
  displayId,
} from './lines.ts'
import { sum } from '../../runtime/math.ts'
import { translator, type Lang } from '../text/lang.ts'
import type { Day } from '../../../broker/contract/time.ts'

export interface SeasonReport {
  year: number
  crop: string
  basis: YieldBasis | null // null: no field
  sievesMm: number[] // of the known yields
  members: MemberLine[]
  fields: number
  areaM2: number
  membersToReview: number // members
  mean: YieldComparison & { waterM3Ha: number | null; meteredShare: number | null }
  tooFew: SharedPart[] // parts with too few members to publish a mean
  coverage: { withYield: number; withLoads: number; withWater: number } // fields
  strips: Strip[]
  correlations: YieldCorrelation[] // rank correlations with yield
}

export interface ReportInput {
  year: number
  crop: string
  today: Day // in the organisation's time zone
  records: readonly SeasonRecord[] // of the crop, in the order of members
  past: readonly PastYield[] // the five previous years
}

const YEARS_BACK = 5
// days without weather that the balance may bridge silently. Unconfirmed
const MAX_MISSING_DAYS = 10

/**
 * The report of one member of another report: its lines are unchanged, every total is its own. Means are not
 * suppressed, since there is nobody else in them.
 */
export function ofOneMember(
  report: SeasonReport,
  member: MemberLine,
  records: readonly SeasonRecord[],
): SeasonReport {
  const withYield = records.filter((record) => record.yield.kg !== null)
  const { kgHa, usualKgHa, change, comparedKgHa, compared, waterM3Ha, meteredShare } = member
  return {
    ...report,
    members: [member],
    sievesMm: sievesOf(withYield),
    fields: member.fields.length,
    areaM2: member.areaM2,
    membersToReview: Number(rank(member) < RANK_COMPLETE),
    mean: { kgHa, usualKgHa, change, comparedKgHa, compared, waterM3Ha, meteredShare },
    tooFew: [],
    coverage: coverageOf(records),
    strips: [],
    correlations: [],
  }
}

/** All members as one line, with the means of the report; withheld parts are those of too few members. */
export const wholeLine = (report: SeasonReport, lang: Lang): MemberLine => ({
  ...report.mean,
  org: '',
  isOwn: false,
  isNamed: false,
  withheld: report.tooFew,
  farmId: '',
  memberCode: translator(lang)('All', '全体'),
  name: translator(lang)(`${report.members.length} members`, `${report.members.length}名`),
  areaM2: report.areaM2,
  fields: report.members.flatMap(({ fields }) => fields),
  withYield: report.coverage.withYield,
  withLoads: report.coverage.withLoads,
  diseaseDays: maxKnown(report.members.map(({ diseaseDays }) => diseaseDays)),
  sprays: maxKnown(report.members.map(({ sprays }) => sprays)),
  missing: [],
  outliers: [],
})

/** Builds the report; a cooperative task that can pause between two fields or members. */
export function* buildSeasonReport(facts: ReportInput): CooperativeTask<SeasonReport> {
  const { year, crop, today, records, past: pastYields } = facts
  const isDue = harvestIsDue(records, { today, isOver: year < Number(today.slice(0, 4)) })
  const pastOf = groupBy(pastYields, ({ fieldId }) => fieldId)
  const lines: FieldLine[] = []
  for (const record of records) {
    lines.push(fieldLine(record, pastOf.get(record.fieldId) ?? [], year, isDue))
    yield
  }
  const members: MemberLine[] = []
  for (const indexes of groupBy(records.keys(), (index) => records[index]!.farmId).values()) {
    members.push(
      memberLine(
        indexes.map((index) => records[index]!),
        indexes.map((index) => lines[index]!),
      ),
    )
    yield
  }
  markOutliers(members)
  const first = members.toSorted((a, b) => rank(a) - rank(b)) // stable: keeps the order within a rank
  const withYield = records.filter((record) => record.yield.kg !== null)
  return {
    year,
    crop,
    basis: records[0]?.yield.basis ?? null,
    sievesMm: sievesOf(withYield),
    members: first,
    fields: records.length,
    areaM2: sum(records.map(({ areaM2 }) => areaM2)),
    membersToReview: members.filter((member) => rank(member) < RANK_COMPLETE).length,
    ...meanOfMembers(members, lines, records),
    coverage: coverageOf(records),
    strips: yieldStrips(members),
    correlations: correlateYield(records, lines),
  }
}

const sievesOf = (withYield: readonly SeasonRecord[]): number[] =>
  [...new Set(withYield.flatMap((record) => record.yield.sieveMm ?? []))].sort((a, b) => a - b)

const coverageOf = (records: readonly SeasonRecord[]): SeasonReport['coverage'] => ({
  withYield: records.filter((record) => record.yield.kg !== null).length,
  withLoads: records.filter((record) => record.yield.from === 'loads').length,
  withWater: records.filter(({ waterM3 }) => waterM3 !== null).length,
})

/**
 * A yield is due once the field is harvested, its planned harvest has passed, most fields are harvested, or the year is
 * over.
 */
function harvestIsDue(
  records: readonly SeasonRecord[],
  { today, isOver }: { today: Day; isOver: boolean },
): (record: SeasonRecord) => boolean {
  const stated = records.filter((record) => record.yield.from !== null).length
  const isLate = isOver || 2 * stated >= records.length
  return ({ harvestedDay, harvestPlannedDay }) =>
    isLate || harvestedDay !== null || (harvestPlannedDay !== null && harvestPlannedDay < today)
}

function fieldLine(
  record: SeasonRecord,
  pastYields: readonly PastYield[],
  year: number,
  isDue: (record: SeasonRecord) => boolean,
): FieldLine {
  const { yield: harvest } = record
  const kgHa = perHa(harvest.kg, harvest.areaM2)
  const years = pastYields
    .filter((pastYield) => pastYield.year < year && pastYield.year >= year - YEARS_BACK)
    .flatMap((pastYield) => {
      const then = perHa(pastYield.kg, pastYield.areaM2)
      return then === null ? [] : [{ year: pastYield.year, kgHa: then }]
    })
    .sort((a, b) => a.year - b.year)
  const usualKgHa = years.length === 0 ? null : sum(years.map((entry) => entry.kgHa)) / years.length
  const isCompared = kgHa !== null && usualKgHa !== null
  return {
    isOwn: record.isOwn,
    isNamed: record.isNamed,
    withheld: record.withheld,
    seasonId: record.seasonId,
    fieldId: record.fieldId,
    field: record.field,
    variety: record.variety,
    areaM2: record.areaM2,
    harvestedM2: harvest.areaM2,
    loads: harvest.loads,
    lowKg: harvest.lowKg,
    forecast: record.forecast,
    kgHa,
    usualKgHa,
    years,
    change: changeOf(kgHa, usualKgHa),
    comparedKgHa: isCompared ? kgHa : null,
    compared: Number(isCompared),
    waterM3Ha: perHa(record.waterM3, record.areaM2),
    meteredShare: record.meteredShare,
    diseaseDays: record.diseaseDays,
    sprays: record.sprays,
    missing: missingKeysOf(record, isDue(record)),
  }
}

function missingKeysOf(record: SeasonRecord, isDue: boolean): MissingKey[] {
  const isMissing: Record<MissingKey, boolean> = {
    yield: record.yield.from === null && isDue && !record.withheld.includes('yield'),
    basis: record.yield.from !== null && record.yield.kg === null,
    volume: (record.runsWithoutVolume ?? 0) > 0,
    weather: (record.etMissingDays ?? 0) > MAX_MISSING_DAYS,
    record: (record.spraysUnrecorded ?? 0) > 0,
  }
  return missingKeys.filter((key) => isMissing[key])
}

function memberLine(records: readonly SeasonRecord[], fields: FieldLine[]): MemberLine {
  const { org, isOwn, isNamed, withheld, farmId, memberCode, farm } = records[0]!
  return {
    org,
    isOwn,
    isNamed,
    withheld,
    farmId,
    memberCode,
    name: farm,
    fields,
    ...compareYields(fields),
    ...waterTotals(records),
    areaM2: sum(fields.map(({ areaM2 }) => areaM2)),
    withYield: fields.filter(({ kgHa }) => kgHa !== null).length,
    withLoads: fields.filter(({ loads }) => (loads ?? 0) > 0).length,
    diseaseDays: maxKnown(fields.map(({ diseaseDays }) => diseaseDays)),
    sprays: maxKnown(fields.map(({ sprays }) => sprays)),
    missing: missingKeys.flatMap((key) => {
      const without = fields.filter(({ missing }) => missing.includes(key))
      return without.length === 0
        ? []
        : [{ key, fields: without.map((line) => ({ id: displayId(line), name: line.field })) }]
    }),
    outliers: [],
  }
}

/** Means of all members; null when a single member could be inferred from them. */
function meanOfMembers(
  members: readonly MemberLine[],
  lines: readonly FieldLine[],
  records: readonly SeasonRecord[],
): Pick<SeasonReport, 'mean' | 'tooFew'> {
  const isReported = (valueOf: (member: MemberLine) => number | null) =>
    hasEnoughMembers(members.filter((member) => valueOf(member) !== null))
  const hasYield = isReported(({ kgHa }) => kgHa)
  const hasWater = isReported(({ waterM3Ha }) => waterM3Ha)
  return {
    mean: {
      ...(hasYield ? compareYields(lines) : noYields),
      ...(hasWater ? waterTotals(records) : { waterM3Ha: null, meteredShare: null }),
    },
    tooFew: [...(hasYield ? [] : ['yield' as const]), ...(hasWater ? [] : ['water' as const])],
  }
}

const noYields: YieldComparison = {
  kgHa: null,
  usualKgHa: null,
  change: null,
  comparedKgHa: null,
  compared: 0,
}

/** Area-weighted; both sides of the change are of the same fields. Without any yield the previous years stand alone. */
function compareYields(fields: readonly FieldLine[]): YieldComparison {
  const comparable = fields.filter(({ kgHa, usualKgHa }) => kgHa !== null && usualKgHa !== null)
  const mean = (fieldLines: readonly FieldLine[], key: 'kgHa' | 'usualKgHa') =>
    areaWeighted(
      fieldLines.map((line) => ({
        amount: line[key] === null ? null : (line[key] * line.harvestedM2) / 10_000,
        areaM2: line.harvestedM2,
      })),
    )
  const kgHa = mean(fields, 'kgHa')
  const comparedKgHa = mean(comparable, 'kgHa')
  const usualKgHa = mean(kgHa === null ? fields : comparable, 'usualKgHa')
  return {
    kgHa,
    usualKgHa,
    change: changeOf(comparedKgHa, usualKgHa),
    comparedKgHa,
    compared: comparable.length,
  }
}

function waterTotals(records: readonly SeasonRecord[]): Pick<MemberLine, 'waterM3Ha' | 'meteredShare'> {
  const m3 = sum(records.map(({ waterM3 }) => waterM3 ?? 0))
  const metered = sum(records.map(({ waterM3, meteredShare }) => (waterM3 ?? 0) * (meteredShare ?? 0)))
  return {
    waterM3Ha: areaWeighted(records.map(({ waterM3, areaM2 }) => ({ amount: waterM3, areaM2 }))),
    meteredShare: m3 > 0 ? metered / m3 : null,
  }
}

function maxKnown(values: readonly (number | null)[]): number | null {
  const knownValues = values.filter((value) => value !== null)
  return knownValues.length === 0 ? null : Math.max(...knownValues)
}

const RANK_COMPLETE = 2
const rank = ({ missing, outliers }: MemberLine): number =>
  missing.length > 0 ? 0 : outliers.length > 0 ? 1 : RANK_COMPLETE

const perHa = (amount: number | null, areaM2: number): number | null =>
  amount === null || !(areaM2 > 0) ? null : (10_000 * amount) / areaM2
const changeOf = (now: number | null, average: number | null): number | null =>
  now === null || average === null || !(average > 0) ? null : now / average - 1
