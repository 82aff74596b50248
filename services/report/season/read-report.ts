/** Reads what a season's report stands on, some fields at a time so that nothing else waits. */
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { runCooperatively } from '../../runtime/cooperative.ts'
import { orgTimeZones } from '../../domain/org-time-zone.ts'
import type { State } from '../../ports.ts'
import type { HarvestLoadRow, TreatmentRow } from '../../tables.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import { readPastYields } from '../yields/past-yields.ts'
import { subProgress, type ProgressCallback } from '../jobs/progress.ts'
import { buildSeasonReport, type SeasonReport } from './season-report.ts'
import { readLoadsBySeason, readSeasonRecords, type SeasonRecord } from './season-records.ts'
import { namelessLoad, namelessSpray, readSources, type Source } from './sharing.ts'

export interface ReportSelection {
  org: string
  year: number
  crop: string | null // null: the one with most area
}

/** What there is to choose from. */
export interface ReportOptions {
  years: number[] // newest first
  crops: string[] // of the year, most area first
  timeZone: string
}

export interface LoadedReport {
  options: ReportOptions
  unshared: number // members that let nothing be seen
  report: SeasonReport
  records: SeasonRecord[]
}

// of the time
const RECORDS_SHARE = 0.45

/** The report, and the records that it is made of; without a year that of the running one. `tell` hears how far it is. */
export async function readReport(
  state: State,
  choice: Omit<ReportSelection, 'year'> & { year: number | null },
  nowMs: AtMs,
  tell?: ProgressCallback,
): Promise<LoadedReport> {
  const { org } = choice
  const { sources, unshared } = await readSources(state, org, nowMs)
  const timeZone = await readTimeZone(state, org, sources)
  const thisYear = Number(dayOf(nowMs, timeZone).slice(0, 4))
  const year = choice.year ?? thisYear
  const offered = { timeZone, ...(await readReportOptions(state, sources, year)) }
  const crop = choice.crop ?? offered.crops[0] ?? ''
  const records: SeasonRecord[] = []
  const asked = { sources, year, crop, tell: subProgress(tell, 0, RECORDS_SHARE) }
  for await (const record of readSeasonRecords(state, asked)) {
    const isOver = dayOf(nowMs, record.timeZone) > record.lastDay
    records.push(isOver ? { ...record, forecast: null } : record)
  }
  const past = await readPastYields(state, { sources, year, crop, tell: subProgress(tell, RECORDS_SHARE, 1) })
  const report = await runCooperatively(buildSeasonReport({ year, crop, thisYear, records, past }))
  return { options: offered, unshared, report, records }
}

async function readReportOptions(
  state: State,
  sources: readonly Source[],
  year: number,
): Promise<Omit<ReportOptions, 'timeZone'>> {
  const years = new Set<number>()
  const areas = new Map<string, number>()
  for (const some of chunks(sources, SOURCE_BATCH_SIZE)) {
    const orgs = some.map((source) => source.org)
    const found = await state
      .selectFrom('season')
      .innerJoin('field', 'field.id', 'season.fieldId')
      .select(({ fn }) => [
        ...(['season.year', 'season.crop'] as const),
        fn.sum<number>(fn.coalesce('season.fieldM2', 'field.areaM2')).as('areaM2'),
      ])
      .where('season.org', 'in', orgs)
      .groupBy(['season.year', 'season.crop'])
      .execute()
    for (const row of found) {
      years.add(row.year)
      if (row.year === year) areas.set(row.crop, (areas.get(row.crop) ?? 0) + row.areaM2)
    }
  }
  return {
    years: [...years].sort((a, b) => b - a),
    crops: [...areas].sort(([a, most], [b, less]) => less - most || (a < b ? -1 : 1)).map(([crop]) => crop),
  }
}

/** Of the organisation itself; one without farms lives where most of its members do. */
async function readTimeZone(state: State, org: string, sources: readonly Source[]): Promise<string> {
  const own = (await orgTimeZones(state, [org])).get(org)
  if (own !== undefined) return own
  const counts = new Map<string, number>()
  for (const some of chunks(sources, SOURCE_BATCH_SIZE)) {
    const orgs = some.map((source) => source.org)
    for (const zone of (await orgTimeZones(state, orgs)).values())
      counts.set(zone, (counts.get(zone) ?? 0) + 1)
  }
  return [...counts].sort(([a, most], [b, less]) => less - most || (a < b ? -1 : 1))[0]?.[0] ?? 'UTC'
}

const SOURCE_BATCH_SIZE = 25 // all their seasons are added up in one question
const BATCH_SIZE = 25

/** One season with the rows that may be seen of it. */
export interface DetailRows {
  record: SeasonRecord
  loads: HarvestLoadRow[]
  sprays: TreatmentRow[]
}

/** The rows of the sheets that list one by one: loads, and what was sprayed, in the order of the records. */
export async function* readDetailRows(
  state: State,
  records: readonly SeasonRecord[],
): AsyncGenerator<DetailRows> {
  for (let from = 0; from < records.length; from += BATCH_SIZE) {
    const some = records.slice(from, from + BATCH_SIZE)
    const seasonIds = some.map(({ seasonId }) => seasonId)
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
    for (const record of some)
      yield visibleDetailRows(record, loads.get(record.seasonId) ?? [], ofSeason.get(record.seasonId) ?? [])
  }
}

function visibleDetailRows(
  record: SeasonRecord,
  loads: HarvestLoadRow[],
  sprays: TreatmentRow[],
): DetailRows {
  const { withheld, isNamed, field } = record
  const seen = {
    loads: withheld.includes('yield') ? [] : loads,
    sprays: withheld.includes('sprays') ? [] : sprays,
  }
  return isNamed
    ? { record, ...seen }
    : {
        record,
        loads: seen.loads.map(namelessLoad),
        sprays: seen.sprays.map((spray) => namelessSpray(spray, field)),
      }
}
