/** Totals that the database computes by season: sprays, disease days and the daily balance. */
import { sql } from 'kysely'
import type { State } from '../../ports.ts'
import { sqlDialect } from '../../runtime/sql-dialect.ts'
import { seasonSpans } from '../../domain/season-span.ts'

/** Sprays by season, and how many of them have no confirmed record yet. */
export async function readSprays(state: State, seasonIds: string[]) {
  const rows = await state
    .selectFrom('treatment')
    .select(({ fn }) => [
      'seasonId',
      fn.countAll<number>().as('sprays'),
      sql<number>`sum(case when ${sql.ref('state')} = 'done' then 1 else 0 end)`.as('unrecorded'),
    ])
    .where('seasonId', 'in', seasonIds)
    .where('state', 'in', ['done', 'recorded'])
    .groupBy('seasonId')
    .execute()
  return new Map(rows.map((row) => [row.seasonId, row]))
}

/** By season: days from the first to the last on record, days with at least one disease assessed, and days with one at high risk. */
export async function readDiseaseDays(state: State, seasonIds: string[]) {
  const { daysBetween } = sqlDialect(state)
  const day = sql.ref('diseaseDay.day')
  const dayIf = (condition: ReturnType<typeof sql>) =>
    sql<number>`count(distinct case when ${condition} then ${day} end)`
  const level = sql.ref('diseaseDay.level')
  const rows = await state
    .selectFrom(seasonSpans(state, seasonIds).as('span'))
    .innerJoin('diseaseDay', (join) =>
      join
        .onRef('diseaseDay.fieldId', '=', 'span.ofField')
        .onRef('diseaseDay.day', '>=', 'span.firstDay')
        .onRef('diseaseDay.day', '<=', 'span.lastDay'),
    )
    .select([
      'span.seasonId',
      // a gap without weather has a row on its last day only
      sql<number>`${daysBetween(sql`min(${day})`, sql`max(${day})`)} + 1`.as('days'),
      dayIf(sql`${level} <> 'unknown'`).as('judgedDays'),
      dayIf(sql`${level} = 'high'`).as('highDays'),
    ])
    .groupBy('span.seasonId')
    .execute()
  return new Map(rows.map((row) => [row.seasonId, row]))
}

/** Totals of water and heat by season, and the number of days with each. */
export async function readBalances(state: State, seasonIds: string[]) {
  const rows = await state
    .selectFrom(seasonSpans(state, seasonIds).as('span'))
    .innerJoin('fieldDay', (join) =>
      join
        .onRef('fieldDay.fieldId', '=', 'span.ofField')
        .onRef('fieldDay.day', '>=', 'span.firstDay')
        .onRef('fieldDay.day', '<=', 'span.lastDay'),
    )
    .select(({ fn }) => [
      'span.seasonId',
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
      fn.max<number | null>('fieldDay.heatSumCd').as('heatSumCd'), // cumulative: the maximum is the latest
    ])
    .groupBy('span.seasonId')
    .execute()
  return new Map(rows.map((row) => [row.seasonId, row]))
}
