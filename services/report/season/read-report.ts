/** Reads what a season's report stands on, some fields at a time so that nothing else waits. */
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { inTurns } from '../../runtime/cooperative.ts'
import { zonesOf } from '../../domain/org-time-zone.ts'
import type { State } from '../../ports.ts'
import type { HarvestLoadRow, TreatmentRow } from '../../tables.ts'
import { grouped, slices } from '../../runtime/group-by.ts'
import { readPastYields } from '../yields/past-yields.ts'
import { partOf, type Tell } from '../jobs/progress.ts'
import { seasonReport, type SeasonReport } from './season-report.ts'
import { loadsOf, seasonRecords, type SeasonRecord } from './season-rows.ts'
import { namelessLoad, namelessSpray, sourcesOf, type Source } from './sharing.ts'

export interface Choice {
  org: string
  year: number
  crop: string | null // null: the one with most area
}

/** What there is to choose from. */
export interface Offered {
  years: number[] // newest first
  crops: string[] // of the year, most area first
  timeZone: string
}

export interface ReadReport {
  offered: Offered
  unshared: number // members that let nothing be seen
  report: SeasonReport
  records: SeasonRecord[]
}

// of the time
const RECORDS = 0.45

/** The report, and the records that it is made of; without a year that of the running one. `tell` hears how far it is. */
export async function readReport(
  state: State,
  choice: Omit<Choice, 'year'> & { year: number | null },
  nowMs: AtMs,
  tell?: Tell,
): Promise<ReadReport> {
  const { org } = choice
  const { sources, unshared } = await sourcesOf(state, org, nowMs)
  const timeZone = await zoneOf(state, org, sources)
  const thisYear = Number(dayOf(nowMs, timeZone).slice(0, 4))
  const year = choice.year ?? thisYear
  const offered = { timeZone, ...(await readOffered(state, sources, year)) }
  const crop = choice.crop ?? offered.crops[0] ?? ''
  const records: SeasonRecord[] = []
  const asked = { sources, year, crop, tell: partOf(tell, 0, RECORDS) }
  for await (const record of seasonRecords(state, asked)) {
    const isOver = dayOf(nowMs, record.timeZone) > record.lastDay
    records.push(isOver ? { ...record, forecast: null } : record)
  }
  const past = await readPastYields(state, { sources, year, crop, tell: partOf(tell, RECORDS, 1) })
  const report = await inTurns(seasonReport({ year, crop, thisYear, records, past }))
  return { offered, unshared, report, records }
}

async function readOffered(
  state: State,
  sources: readonly Source[],
  year: number,
): Promise<Omit<Offered, 'timeZone'>> {
  const years = new Set<number>()
  const areas = new Map<string, number>()
  for (const some of slices(sources, SOURCES_AT_ONCE)) {
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
async function zoneOf(state: State, org: string, sources: readonly Source[]): Promise<string> {
  const own = (await zonesOf(state, [org])).get(org)
  if (own !== undefined) return own
  const counts = new Map<string, number>()
  for (const some of slices(sources, SOURCES_AT_ONCE)) {
    const orgs = some.map((source) => source.org)
    for (const zone of (await zonesOf(state, orgs)).values()) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  }
  return [...counts].sort(([a, most], [b, less]) => less - most || (a < b ? -1 : 1))[0]?.[0] ?? 'UTC'
}

const SOURCES_AT_ONCE = 25 // all their seasons are added up in one question
const AT_ONCE = 25

/** One season with the rows that may be seen of it. */
export interface Listed {
  record: SeasonRecord
  loads: HarvestLoadRow[]
  sprays: TreatmentRow[]
}

/** The rows of the sheets that list one by one: loads, and what was sprayed, in the order of the records. */
export async function* readListed(state: State, records: readonly SeasonRecord[]): AsyncGenerator<Listed> {
  for (let from = 0; from < records.length; from += AT_ONCE) {
    const some = records.slice(from, from + AT_ONCE)
    const seasonIds = some.map(({ seasonId }) => seasonId)
    const loads = await loadsOf(state, seasonIds)
    const sprays = await state
      .selectFrom('treatment')
      .selectAll()
      .where('seasonId', 'in', seasonIds)
      .where('state', 'in', ['done', 'recorded'])
      .orderBy('fromMs')
      .orderBy('id')
      .execute()
    const ofSeason = grouped(sprays, ({ seasonId }) => seasonId)
    for (const record of some)
      yield listed(record, loads.get(record.seasonId) ?? [], ofSeason.get(record.seasonId) ?? [])
  }
}

function listed(record: SeasonRecord, loads: HarvestLoadRow[], sprays: TreatmentRow[]): Listed {
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
