/**
 * Inputs and results of a season, one record per field, read a few fields at a time so that other work is not blocked.
 */
import { DAY_MS, dayOf, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { yieldShare } from '../../agronomy/crops/yield-response.ts'
import type { State } from '../../ports.ts'
import { isInSeason, readLastDays } from '../../domain/season-span.ts'
import type { FarmRow, FieldRow, IrrigationRow, SeasonRow } from '../../tables.ts'
import type { ProgressCallback } from '../../runtime/progress.ts'
import { readYieldForecasts } from './yield-forecasts.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import { readBalances, readDiseaseDays, readSprays } from './season-sums.ts'
import { seasonYield } from '../../domain/yield/season-yield.ts'
import { readWaterRecordStart } from './water-records-since.ts'
import {
  displayNames,
  MIN_MEMBERS,
  sharesWithoutName,
  withAliasesOf,
  withheldBy,
  withoutWithheld,
  type Source,
} from './sharing.ts'
import type { SeasonRecord } from './record.ts'
import { readYieldLoadsBySeason } from '../yields/read-loads.ts'
import { sum } from '../../runtime/math.ts'

const BATCH_SIZE = 25

/** In the order of member code, farm, field. `crop`: only this one; `onProgress` receives the share read. */
export async function* readSeasonRecords(
  state: State,
  {
    sources,
    year,
    crop,
    onProgress,
  }: { sources: readonly Source[]; year: number; crop?: string; onProgress?: ProgressCallback },
): AsyncGenerator<SeasonRecord> {
  const all: SeasonPlace[] = []
  for (const batch of chunks(withAliasesOf(sources, year), BATCH_SIZE))
    all.push(...(await readSeasonPlaces(state, batch, year, crop)))
  const places = withoutSmallClasses(all).sort(comparePlaces)
  let read = 0
  for (const batch of chunks(places, BATCH_SIZE)) {
    yield* readRecordBatch(state, batch)
    onProgress?.((read += batch.length) / places.length)
  }
}

interface SeasonPlace {
  season: SeasonRow
  field: FieldRow
  farm: FarmRow
  source: Source
}

/** The seasons of a year with their fields and farms, under the display names of each source. */
async function readSeasonPlaces(
  state: State,
  sources: readonly Source[],
  year: number,
  crop: string | undefined,
): Promise<SeasonPlace[]> {
  const orgs = sources.map(({ org }) => org)
  let query = state.selectFrom('season').selectAll().where('org', 'in', orgs).where('year', '=', year)
  if (crop !== undefined) query = query.where('crop', '=', crop)
  const seasons = groupBy(await query.execute(), ({ org }) => org)
  const fields = groupBy(
    await state.selectFrom('field').selectAll().where('org', 'in', orgs).execute(),
    ({ org }) => org,
  )
  const farms = groupBy(
    await state.selectFrom('farm').selectAll().where('org', 'in', orgs).execute(),
    ({ org }) => org,
  )
  return sources.flatMap((source) => {
    const ownFields = fields.get(source.org) ?? []
    const ownFarms = farms.get(source.org) ?? []
    const names = displayNames(source, ownFarms, ownFields)
    const fieldById = new Map(ownFields.map((field) => [field.id, field]))
    const farmById = new Map(ownFarms.map((farm) => [farm.id, farm]))
    return (seasons.get(source.org) ?? []).flatMap((season) => {
      const field = fieldById.get(season.fieldId)
      const farm = field && farmById.get(field.farmId)
      if (!field || !farm) return []
      return [
        {
          season,
          source,
          field: { ...field, name: names.fields.get(field.id)! },
          farm: { ...farm, name: names.farms.get(farm.id)!, memberCode: memberCodeOf(source, farm) },
        },
      ]
    })
  })
}

/**
 * Without members that go by an alias where fewer than five of them grow the crop: the others of a small class have
 * names, and so its members would have one too. The same holds for a variety, which is left out.
 */
function withoutSmallClasses(places: readonly SeasonPlace[]): SeasonPlace[] {
  const nameless = places.filter(({ source }) => sharesWithoutName(source))
  const isSmall = (ofClass: readonly SeasonPlace[]): boolean =>
    new Set(ofClass.map(({ source }) => source.org)).size < MIN_MEMBERS
  const classesOf = (keyOf: (place: SeasonPlace) => string) =>
    new Set([...groupBy(nameless, keyOf)].filter(([, ofClass]) => isSmall(ofClass)).map(([key]) => key))
  const varietyKey = ({ season }: SeasonPlace) => `${season.crop} ${season.variety}`
  const crops = classesOf(({ season }) => season.crop)
  const varieties = classesOf(varietyKey)
  return places.flatMap((place) => {
    if (!sharesWithoutName(place.source)) return [place]
    if (crops.has(place.season.crop)) return []
    return [
      varieties.has(varietyKey(place)) ? { ...place, season: { ...place.season, variety: null } } : place,
    ]
  })
}

/** The code that the co-operative has given a member; null for a member without a name. */
function memberCodeOf({ share }: Source, farm: FarmRow): string | null {
  if (share === null) return farm.memberCode
  return share.isNamed ? share.memberCode : null
}

const sortKeysOf = ({ season, field, farm }: SeasonPlace): string[] => [
  farm.memberCode ?? '\uffff', // members without a code last
  farm.name,
  field.name,
  season.plantedDay,
  season.id,
]

// by code unit, not by locale: the same rows give the same bytes on every machine
function comparePlaces(a: SeasonPlace, b: SeasonPlace): number {
  const [left, right] = [sortKeysOf(a), sortKeysOf(b)]
  const index = left.findIndex((text, i) => text !== right[i])
  return index < 0 ? 0 : left[index]! < right[index]! ? -1 : 1
}

async function* readRecordBatch(state: State, places: SeasonPlace[]): AsyncGenerator<SeasonRecord> {
  const fieldIds = places.map(({ field }) => field.id)
  const seasonIds = places.map(({ season }) => season.id)
  const balances = await readBalances(state, seasonIds)
  const diseases = await readDiseaseDays(state, seasonIds)
  const loads = await readYieldLoadsBySeason(state, seasonIds)
  const sprays = await readSprays(state, seasonIds)
  const forecasts = await readYieldForecasts(
    state,
    places.map(({ season }) => season),
  )
  const lastDays = await readLastDays(state, seasonIds)
  const firstDay = places.map(({ season }) => season.plantedDay).reduce((a, b) => (a < b ? a : b))
  const irrigations = groupBy(await readRunsSince(state, fieldIds, firstDay), ({ fieldId }) => fieldId)
  const writtenFrom = await readWaterRecordStart(state, fieldIds)
  for (const { season, field, farm, source } of places) {
    const balance = balances.get(season.id)
    const disease = diseases.get(season.id)
    const spray = sprays.get(season.id)
    const assessedDays = Number(disease?.judgedDays ?? 0)
    const runs = irrigations.get(field.id) ?? []
    const { plantedDay } = season
    const lastDay = lastDays.get(season.id)!
    const ownRuns = runs.filter((run) => isInSeason({ plantedDay, lastDay, timeZone: farm.timeZone }, run))
    const isBefore = (atMs: AtMs): boolean => dayOf(atMs, farm.timeZone) <= lastDay
    const fromMs = writtenFrom.get(field.id)
    const areaM2 = season.fieldM2 ?? field.areaM2
    const harvest = seasonYield(season, { areaM2, timeZone: farm.timeZone }, loads.get(season.id) ?? [])
    const isToCome = harvest.from === null && season.harvestedDay === null
    yield withoutWithheld({
      org: source.org,
      isOwn: source.share === null,
      isNamed: source.share?.isNamed ?? true,
      withheld: withheldBy(source.share),
      seasonId: season.id,
      fieldId: field.id,
      farmId: farm.id,
      timeZone: farm.timeZone,
      memberCode: farm.memberCode,
      farm: farm.name,
      field: field.name,
      crop: season.crop,
      variety: season.variety,
      plantedDay,
      harvestedDay: season.harvestedDay,
      harvestPlannedDay: season.harvestPlannedDay,
      lastDay,
      areaM2,
      days: Number(balance?.days ?? 0),
      ...(fromMs !== undefined && isBefore(fromMs) ? waterTotals(ownRuns) : unknownWater),
      rainMm: balance?.rainMm ?? null,
      rainMissingDays: Number(balance?.days ?? 0) - Number(balance?.rainDays ?? 0),
      etMm: balance?.etMm ?? null,
      etMissingDays: Number(balance?.days ?? 0) - Number(balance?.etDays ?? 0),
      yieldShare: balance ? yieldShareOf(season, balance) : null,
      stressDays: balance && Number(balance.ksDays) > 0 ? Number(balance.stressDays) : null,
      // without the weather of any day the sum is unknown, not 0
      heatSumCd: balance && Number(balance.etDays) > 0 ? balance.heatSumCd : null,
      yield: harvest,
      forecast: isToCome ? (forecasts.get(season.id) ?? null) : null,
      diseaseDays: assessedDays === 0 ? null : Number(disease!.highDays),
      diseaseUnknownDays: Number(disease?.days ?? 0) - assessedDays,
      ...(spray || isBefore(farm.createdAtMs)
        ? { sprays: Number(spray?.sprays ?? 0), spraysUnrecorded: Number(spray?.unrecorded ?? 0) }
        : { sprays: null, spraysUnrecorded: null }),
    })
  }
}

type Run = Pick<
  IrrigationRow,
  'fieldId' | 'openedAtMs' | 'commandedAtMs' | 'litres' | 'volumeSource' | 'confirmedAtMs'
>

// a run on the first day, in any time zone, was commanded no earlier than this
const REQUEST_MARGIN_MS = 2 * DAY_MS

const readRunsSince = (state: State, fieldIds: string[], firstDay: Day): Promise<Run[]> =>
  state
    .selectFrom('irrigation')
    .select(['fieldId', 'openedAtMs', 'commandedAtMs', 'litres', 'volumeSource', 'confirmedAtMs'])
    .where('fieldId', 'in', fieldIds)
    .where('commandedAtMs', '>=', startOfDay(firstDay, 'UTC') - REQUEST_MARGIN_MS)
    .where('voidedAtMs', 'is', null)
    .execute()

// of a season's days must have ET, or the sum is not representative. Unconfirmed
const MIN_ET_SHARE = 0.8

function yieldShareOf(
  season: SeasonRow,
  balance: { days: number; etDays: number; etMm: number | null; etcMm: number | null },
): number | null {
  const ky = cropOf(season.crop)?.ky
  const isEnough = Number(balance.etDays) >= MIN_ET_SHARE * Number(balance.days)
  if (ky == null || !isEnough || balance.etMm === null || balance.etcMm === null) return null
  return yieldShare(ky, balance.etMm, balance.etcMm)
}

type Water = Pick<SeasonRecord, 'waterM3' | 'meteredShare' | 'runs' | 'runsWithoutVolume' | 'runsUnconfirmed'>
const unknownWater: Water = {
  waterM3: null,
  meteredShare: null,
  runs: null,
  runsWithoutVolume: null,
  runsUnconfirmed: null,
}

/** Metered volumes, otherwise by the zone's rate. A run of unknown volume is counted, not estimated. */
function waterTotals(runs: readonly Run[]): Water {
  const withVolume = runs.filter(({ litres, volumeSource }) => litres !== null && volumeSource !== 'unknown')
  const total = sum(withVolume.map(({ litres }) => litres!))
  const metered = sum(
    withVolume.filter(({ volumeSource }) => volumeSource === 'metered').map(({ litres }) => litres!),
  )
  return {
    waterM3: withVolume.length === 0 && runs.length > 0 ? null : total / 1000,
    meteredShare: total > 0 ? metered / total : null,
    runs: runs.length,
    runsWithoutVolume: runs.length - withVolume.length,
    runsUnconfirmed: runs.filter(({ confirmedAtMs }) => confirmedAtMs == null).length,
  }
}
