/** What a season used and gave, one record a field, read a few fields at a time so that nothing else waits. */
import { sql } from 'kysely'
import { dayOf } from '../../broker/contract/time.ts'
import { cropOf } from '../agronomy/crops.ts'
import { yieldShare } from '../agronomy/yield-response.ts'
import type { State } from '../ports.ts'
import type { FarmRow, FieldRow, IrrigationRow, SeasonRow } from '../tables.ts'

/** One season of one field. Null is unknown, never 0. */
export interface SeasonRecord {
  memberCode: string | null
  farm: string
  field: string
  crop: string
  variety: string | null
  plantedDay: string
  harvestedDay: string | null
  areaM2: number
  days: number // with a daily balance
  waterM3: number | null // known volumes only
  meteredShare: number | null // of waterM3, 0-1
  runs: number | null // null: no zone, so nothing is known of its irrigation
  runsWithoutVolume: number | null
  rainMm: number | null
  rainMissingDays: number
  etMm: number | null // actual, of the crop
  etMissingDays: number
  yieldShare: number | null // of the full yield, 0-1, that the season's water leaves (FAO-56 Eq. 90)
  stressDays: number | null // Ks below 1
  heatSumCd: number | null
  yieldKg: number | null
  yieldBasis: string | null
}

const AT_ONCE = 25

/** In the order of member code, farm, field. */
export async function* seasonRecords(
  state: State,
  { org, year }: { org: string; year: number },
): AsyncGenerator<SeasonRecord> {
  const seasons = await state
    .selectFrom('season')
    .selectAll()
    .where('org', '=', org)
    .where('year', '=', year)
    .execute()
  const fields = await state.selectFrom('field').selectAll().where('org', '=', org).execute()
  const farms = await state.selectFrom('farm').selectAll().where('org', '=', org).execute()
  const fieldById = new Map(fields.map((field) => [field.id, field]))
  const farmById = new Map(farms.map((farm) => [farm.id, farm]))
  const places = seasons
    .flatMap((season) => {
      const field = fieldById.get(season.fieldId)
      const farm = field && farmById.get(field.farmId)
      return field && farm ? [{ season, field, farm }] : []
    })
    .sort(inOrder)
  for (let from = 0; from < places.length; from += AT_ONCE)
    yield* readSome(state, places.slice(from, from + AT_ONCE))
}

interface Place {
  season: SeasonRow
  field: FieldRow
  farm: FarmRow
}

const orderOf = ({ season, field, farm }: Place): string[] => [
  farm.memberCode ?? '\uffff', // members without a code last
  farm.name,
  field.name,
  season.plantedDay,
  season.id,
]

// by code unit, not by locale: the same rows give the same bytes on every machine
function inOrder(a: Place, b: Place): number {
  const [left, right] = [orderOf(a), orderOf(b)]
  const at = left.findIndex((text, i) => text !== right[i])
  return at < 0 ? 0 : left[at]! < right[at]! ? -1 : 1
}

async function* readSome(state: State, places: Place[]): AsyncGenerator<SeasonRecord> {
  const fieldIds = places.map(({ field }) => field.id)
  const balances = await readBalances(
    state,
    places.map(({ season }) => season.id),
  )
  const irrigations = await state
    .selectFrom('irrigation')
    .selectAll()
    .where('fieldId', 'in', fieldIds)
    .execute()
  const zones = await state.selectFrom('zone').select('fieldId').where('fieldId', 'in', fieldIds).execute()
  const hasZone = new Set(zones.map(({ fieldId }) => fieldId))
  for (const { season, field, farm } of places) {
    const balance = balances.get(season.id)
    const own = irrigations.filter((run) => run.fieldId === field.id && isDuring(season, run, farm.timeZone))
    const isKnown = hasZone.has(field.id) || own.length > 0
    yield {
      memberCode: farm.memberCode,
      farm: farm.name,
      field: field.name,
      crop: season.crop,
      variety: season.variety,
      plantedDay: season.plantedDay,
      harvestedDay: season.harvestedDay,
      areaM2: field.areaM2,
      days: Number(balance?.days ?? 0),
      ...(isKnown ? waterOf(own) : unknownWater),
      rainMm: balance?.rainMm ?? null,
      rainMissingDays: Number(balance?.days ?? 0) - Number(balance?.rainDays ?? 0),
      etMm: balance?.etMm ?? null,
      etMissingDays: Number(balance?.days ?? 0) - Number(balance?.etDays ?? 0),
      yieldShare: balance ? yieldShareOf(season, balance) : null,
      stressDays: balance && Number(balance.ksDays) > 0 ? Number(balance.stressDays) : null,
      heatSumCd: balance?.heatSumCd ?? null,
      yieldKg: season.yieldKg,
      yieldBasis: season.yieldBasis,
    }
  }
}

async function readBalances(state: State, seasonIds: string[]) {
  const rows = await state
    .selectFrom('season')
    .innerJoin('fieldDay', (join) =>
      join
        .onRef('fieldDay.fieldId', '=', 'season.fieldId')
        .onRef('fieldDay.day', '>=', 'season.plantedDay')
        .on(
          sql<boolean>`${sql.ref('fieldDay.day')} <= coalesce(${sql.ref('season.harvestedDay')}, '9999-12-31')`,
        ),
    )
    .select(({ fn }) => [
      'season.id as seasonId',
      fn.countAll<number>().as('days'),
      fn.count<number>('fieldDay.rainMm').as('rainDays'),
      fn.sum<number | null>('fieldDay.rainMm').as('rainMm'),
      fn.count<number>('fieldDay.etaMm').as('etDays'),
      fn.sum<number | null>('fieldDay.etaMm').as('etMm'),
      sql<
        number | null
      >`sum(case when ${sql.ref('fieldDay.etaMm')} is null then null else ${sql.ref('fieldDay.etcMm')} end)`.as(
        'etcMm',
      ),
      fn.count<number>('fieldDay.ks').as('ksDays'),
      sql<number>`sum(case when ${sql.ref('fieldDay.ks')} < 1 then 1 else 0 end)`.as('stressDays'),
      fn.max<number | null>('fieldDay.heatSumCd').as('heatSumCd'), // it only grows
    ])
    .where('season.id', 'in', seasonIds)
    .groupBy('season.id')
    .execute()
  return new Map(rows.map((row) => [row.seasonId, row]))
}

// of a season's days must be known, else the sum speaks of another season. Unconfirmed
const ENOUGH_ET = 0.8

function yieldShareOf(
  season: SeasonRow,
  balance: { days: number; etDays: number; etMm: number | null; etcMm: number | null },
): number | null {
  const ky = cropOf(season.crop)?.ky
  const isEnough = Number(balance.etDays) >= ENOUGH_ET * Number(balance.days)
  if (ky == null || !isEnough || balance.etMm === null || balance.etcMm === null) return null
  return yieldShare(ky, balance.etMm, balance.etcMm)
}

function isDuring(season: SeasonRow, run: IrrigationRow, timeZone: string): boolean {
  const day = dayOf(run.openedAtMs ?? run.commandedAtMs, timeZone)
  return day >= season.plantedDay && (season.harvestedDay === null || day <= season.harvestedDay)
}

type Water = Pick<SeasonRecord, 'waterM3' | 'meteredShare' | 'runs' | 'runsWithoutVolume'>
const unknownWater: Water = { waterM3: null, meteredShare: null, runs: null, runsWithoutVolume: null }

/** Volumes as metered, else by the zone's rate; a run whose volume nobody knows is counted, not guessed. */
function waterOf(runs: IrrigationRow[]): Water {
  const known = runs.filter(({ litres, volumeSource }) => litres !== null && volumeSource !== 'unknown')
  const total = sum(known.map(({ litres }) => litres!))
  const metered = sum(
    known.filter(({ volumeSource }) => volumeSource === 'metered').map(({ litres }) => litres!),
  )
  return {
    waterM3: known.length === 0 && runs.length > 0 ? null : total / 1000,
    meteredShare: total > 0 ? metered / total : null,
    runs: runs.length,
    runsWithoutVolume: runs.length - known.length,
  }
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
