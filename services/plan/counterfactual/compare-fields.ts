/**
 * Brings the comparison of every field in season up to its last closed day, once a day, one field after
 * another.
 */
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { addDays, dayOf, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { Logger, State } from '../../ports.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import { toJson, type ForecastDayRow, type SeasonRow } from '../../tables.ts'
import { rowBy } from '../group-rows.ts'
import { readFarms, type FarmSnapshot } from '../snapshot.ts'
import { compareWater } from './comparison.ts'
import { simulateDays, type SimulatedDay, type ReplayDay, type WaterRule } from './replay.ts'
import { tilthRule } from './tilth-rule.ts'

/** Compares all fields whose last day is missing. Returns the fields that changed. */
export async function compareFields(
  { state, log }: { state: State; log: Logger },
  nowMs: AtMs,
): Promise<{ org: string; fieldId: string }[]> {
  const seasons = await state
    .selectFrom('season')
    .innerJoin('field', 'field.id', 'season.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .selectAll('season')
    .select(['farm.id as farmId', 'farm.timeZone'])
    .where('season.harvestedDay', 'is', null)
    .where('field.kind', '=', 'upland')
    .orderBy('farm.id')
    .execute()
  const compared = await state.selectFrom('waterComparison').select(['fieldId', 'throughDay']).execute()
  const through = new Map(compared.map((row) => [row.fieldId, row.throughDay]))
  const changed: { org: string; fieldId: string }[] = []
  let farm: FarmSnapshot | null = null
  for (const season of seasons) {
    const yesterday = addDays(dayOf(nowMs, season.timeZone), -1)
    if ((through.get(season.fieldId) ?? '') >= yesterday) continue
    try {
      if (farm?.farm.id !== season.farmId) {
        const [snapshot] = await readFarms(state, { org: season.org, farmIds: [season.farmId] }, nowMs)
        farm = snapshot ?? null
      }
      if (farm && (await compareField(state, farm, season, nowMs))) changed.push(season)
    } catch (error) {
      log.error({ error, field: season.fieldId }, 'the water of a field could not be compared')
    }
  }
  return changed.map(({ org, fieldId }) => ({ org, fieldId }))
}

async function compareField(
  state: State,
  farm: FarmSnapshot,
  season: SeasonRow,
  nowMs: AtMs,
): Promise<boolean> {
  const { fieldId, org, plantedDay } = season
  const [days, zones, fixedSchedule, forecastOn] = await Promise.all([
    state
      .selectFrom('fieldDay')
      .select(['day', 'kc', 'etcMm', 'rainMm', 'runoffMm', 'capillaryMm', 'irrigationMm'])
      .select(['irrigationSource', 'depletionMm', 'depletionSdMm', 'tawMm', 'rawMm'])
      .select(['rootDepthM', 'ageD'])
      .where('fieldId', '=', fieldId)
      .where('day', '>=', plantedDay)
      .orderBy('day')
      .execute(),
    state.selectFrom('zone').selectAll().where('fieldId', '=', fieldId).orderBy('id').execute(),
    state.selectFrom('fixedSchedule').selectAll().where('fieldId', '=', fieldId).executeTakeFirst(),
    readPastForecasts(state, farm.farm.id, plantedDay),
  ])
  const field = rowBy(farm.fields, 'id', fieldId)
  const [zone] = zones // its hours and limits represent the field
  if (!field || !zone) return false
  const tilth = await simulateCooperatively(days, tilthRule({ farm, field, season, zone, forecastOn }))
  const comparison = compareWater({ days, zones, habit: fixedSchedule ?? null, tilth })
  if (!comparison) return false
  const row = {
    fieldId,
    org,
    throughDay: comparison.spans[0]!.throughDay,
    atMs: nowMs,
    body: toJson(comparison),
  }
  await state
    .insertInto('waterComparison')
    .values(row)
    .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(row))
    .execute()
  return true
}

/**
 * A decision takes a millisecond or two, a season a hundred of them: valve reports and requests are served in
 * between.
 */
async function simulateCooperatively(days: readonly ReplayDay[], rule: WaterRule): Promise<SimulatedDay[]> {
  const lived: SimulatedDay[] = []
  for (const day of simulateDays(days, rule)) {
    lived.push(day)
    if (lived.length % YIELD_EVERY_DAYS === 0) await yieldToEventLoop()
  }
  return lived
}
const YIELD_EVERY_DAYS = 5

/** The stored forecasts of a farm on the mornings of a season. */
export async function readPastForecasts(
  state: State,
  farmId: string,
  fromDay: Day,
): Promise<(day: Day) => ForecastResponse | null> {
  const rows = await state
    .selectFrom('forecastDay')
    .selectAll()
    .where('farmId', '=', farmId)
    .where('day', '>=', fromDay)
    .orderBy('day')
    .execute()
  const byIssue = new Map<Day, ForecastDayRow[]>()
  for (const row of rows) {
    const issued = addDays(row.day, -row.lead)
    byIssue.set(issued, [...(byIssue.get(issued) ?? []), row])
  }
  return (day) => pastForecast(byIssue.get(day) ?? [])
}

/** The rows of the source that was queried last that morning; null without a row. Pure. */
export function pastForecast(rows: readonly ForecastDayRow[]): ForecastResponse | null {
  const last = rows.reduce<ForecastDayRow | null>(
    (newest, row) => (newest && newest.issuedMs > row.issuedMs ? newest : row),
    null,
  )
  if (!last) return null
  const { source, issuedMs } = last
  return {
    source,
    issuedMs,
    days: rows
      .filter((row) => row.source === source)
      .map(({ day, tempMinC, tempMaxC, rainChance, et0Mm, ...row }) => ({
        day,
        tempMinC,
        tempMaxC,
        rainChance,
        et0Mm,
        windMps: null,
        rainMm: { lo: row.rainLoMm, mid: row.rainMidMm, hi: row.rainHiMm },
      })),
  }
}
