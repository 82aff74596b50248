/** Reads the data of a season's report, some fields at a time so that other work is not blocked. */
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { runCooperatively } from '../../runtime/cooperative.ts'
import { orgTimeZones } from '../../domain/org-time-zone.ts'
import type { State } from '../../ports.ts'
import type { HarvestLoadRow, TreatmentRow } from '../../tables.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import { readPastYields } from '../yields/past-yields.ts'
import { subProgress, type ProgressCallback } from '../../runtime/progress.ts'
import { buildSeasonReport, ofOneMember, type SeasonReport } from './season-report.ts'
import { readSeasonRecords } from './season-records.ts'
import { readSources, sharesWithoutName, type Source } from './sharing.ts'
import type { SeasonRecord } from './record.ts'
import { memberId } from './lines.ts'
import { fail } from '../../errors.ts'
import { readLoadsBySeason } from '../yields/read-loads.ts'

export interface ReportSelection {
  org: string
  year: number
  crop: string | null // null: the one with the largest area
}

/** The report of one member alone. NOT_FOUND when the report has no such member. */
export function reportOfMember(read: LoadedReport, farmId: string): LoadedReport {
  const member = read.report.members.find((candidate) => memberId(candidate) === farmId)
  if (!member) fail('NOT_FOUND', `the season ${read.report.year} has no member ${farmId.slice(0, 64)}`)
  const records = read.records.filter((record) => record.farmId === member.farmId)
  return { ...read, unshared: 0, unlisted: 0, records, report: ofOneMember(read.report, member, records) }
}

/** Years and crops that can be selected. */
export interface ReportOptions {
  years: number[] // newest first
  crops: string[] // of the year, largest area first
  timeZone: string
}

export interface LoadedReport {
  options: ReportOptions
  unshared: number // members that share nothing
  unlisted: number // members without a name that are not listed
  report: SeasonReport
  records: SeasonRecord[]
}

// share of the total time
const RECORDS_SHARE = 0.45

/** The report and the records behind it; without a year, of the current one. `onProgress` receives the share done. */
export async function readReport(
  state: State,
  choice: Omit<ReportSelection, 'year'> & { year: number | null },
  nowMs: AtMs,
  onProgress?: ProgressCallback,
): Promise<LoadedReport> {
  const { org } = choice
  const { sources, unshared } = await readSources(state, org, nowMs)
  const timeZone = await readTimeZone(state, org, sources)
  const today = dayOf(nowMs, timeZone)
  const year = choice.year ?? Number(today.slice(0, 4))
  const offered = { timeZone, ...(await readReportOptions(state, sources, year)) }
  const crop = choice.crop ?? offered.crops[0] ?? ''
  const records: SeasonRecord[] = []
  const query = { sources, year, crop, onProgress: subProgress(onProgress, 0, RECORDS_SHARE) }
  for await (const record of readSeasonRecords(state, query)) {
    const isOver = dayOf(nowMs, record.timeZone) > record.lastDay
    records.push(isOver ? { ...record, forecast: null } : record)
  }
  const pastYields = await readPastYields(state, {
    sources,
    year,
    crop,
    onProgress: subProgress(onProgress, RECORDS_SHARE, 1),
  })
  const report = await runCooperatively(buildSeasonReport({ year, crop, today, records, past: pastYields }))
  return { options: offered, unshared, unlisted: countUnlisted(sources, records), report, records }
}

/** Members that share without a name and have no line: they do not grow the crop, or too few of them do. */
function countUnlisted(sources: readonly Source[], records: readonly SeasonRecord[]): number {
  const listed = new Set(records.map(({ org }) => org))
  return sources.filter((source) => sharesWithoutName(source) && !listed.has(source.org)).length
}

/** The crops of a year over all members, largest area first. */
export async function readCrops(
  state: State,
  { org, year }: Pick<ReportSelection, 'org' | 'year'>,
  nowMs: AtMs,
): Promise<string[]> {
  const { sources } = await readSources(state, org, nowMs)
  return (await readReportOptions(state, sources, year)).crops
}

async function readReportOptions(
  state: State,
  sources: readonly Source[],
  year: number,
): Promise<Omit<ReportOptions, 'timeZone'>> {
  const years = new Set<number>()
  const areas = new Map<string, number>()
  for (const batch of chunks(sources, SOURCE_BATCH_SIZE)) {
    const orgs = batch.map((source) => source.org)
    const rows = await state
      .selectFrom('season')
      .innerJoin('field', 'field.id', 'season.fieldId')
      .select(({ fn }) => [
        ...(['season.year', 'season.crop'] as const),
        fn.sum<number>(fn.coalesce('season.fieldM2', 'field.areaM2')).as('areaM2'),
      ])
      .where('season.org', 'in', orgs)
      .groupBy(['season.year', 'season.crop'])
      .execute()
    for (const row of rows) {
      years.add(row.year)
      if (row.year === year) areas.set(row.crop, (areas.get(row.crop) ?? 0) + row.areaM2)
    }
  }
  return {
    years: [...years].sort((a, b) => b - a),
    crops: [...areas]
      .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .map(([crop]) => crop),
  }
}

/** Time zone of the organisation; without own farms, the zone of most of its members. */
export async function readTimeZone(state: State, org: string, sources: readonly Source[]): Promise<string> {
  const ownZone = (await orgTimeZones(state, [org])).get(org)
  if (ownZone !== undefined) return ownZone
  const counts = new Map<string, number>()
  for (const batch of chunks(sources, SOURCE_BATCH_SIZE)) {
    const orgs = batch.map((source) => source.org)
    for (const zone of (await orgTimeZones(state, orgs)).values())
      counts.set(zone, (counts.get(zone) ?? 0) + 1)
  }
  return [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))[0]?.[0] ?? 'UTC'
}

const SOURCE_BATCH_SIZE = 25 // their seasons are summed in one query
const BATCH_SIZE = 25

/** One season with the rows that may be shown. */
export interface DetailRows {
  record: SeasonRecord
  loads: HarvestLoadRow[]
  sprays: TreatmentRow[]
}

/** Rows of the detail sheets: loads and sprays, in the order of the records. */
export async function* readDetailRows(
  state: State,
  records: readonly SeasonRecord[],
): AsyncGenerator<DetailRows> {
  for (let from = 0; from < records.length; from += BATCH_SIZE) {
    const batch = records.slice(from, from + BATCH_SIZE)
    const seasonIds = batch.map(({ seasonId }) => seasonId)
    const loads = await readLoadsBySeason(state, seasonIds)
    const sprays = await state
      .selectFrom('treatment')
      .selectAll()
      .where('seasonId', 'in', seasonIds)
      .where('state', 'in', ['done', 'recorded'])
      .orderBy('fromMs')
      .orderBy('id')
      .execute()
    const ofSeason = groupBy(sprays, ({ seasonId }) => seasonId)
    for (const record of batch)
      yield visibleDetailRows(record, loads.get(record.seasonId) ?? [], ofSeason.get(record.seasonId) ?? [])
  }
}

/** A member without a name has no single loads or sprays: their weights, days and amounts would identify its fields. */
function visibleDetailRows(
  record: SeasonRecord,
  loads: HarvestLoadRow[],
  sprays: TreatmentRow[],
): DetailRows {
  const { withheld, isNamed } = record
  return {
    record,
    loads: !isNamed || withheld.includes('yield') ? [] : loads,
    sprays: !isNamed || withheld.includes('sprays') ? [] : sprays,
  }
}
