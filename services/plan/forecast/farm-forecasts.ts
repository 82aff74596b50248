/**
 * The forecasts of some farms for one pass of the plan: queried together, stored for verification, and
 * corrected by the skill of their source. A failed provider leaves a farm without a forecast.
 */
import { dayOf, daysBetween, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { Logger, State } from '../../ports.ts'
import type { Forecast, ForecastDay, ForecastResponse } from '../../ports/forecast.ts'
import type { ForecastDayRow, RainCorrection } from '../../tables.ts'
import { freshForecast } from '../run/rain-outlook.ts'
import { noCorrection, skillAt, type ForecastSkill } from './skill.ts'
import { readSkills } from './verify.ts'

const DAYS = 10

type Farm = { id: string; org: string; timeZone: string }

/** The corrected forecast and the skill of its source; null where unknown. */
interface FarmForecast {
  forecast: ForecastResponse | null
  skill: ForecastSkill | null
}

interface FarmForecasts {
  /** By farm: the given ones, or all of the organisation. May take as long as the timeout of a provider. */
  read(org: string, farmIds: readonly string[] | undefined, nowMs: AtMs): Promise<Map<string, FarmForecast>>
}

/**
 * Rejects only when the state store cannot be read. Of each farm and source the first response of a day is stored.
 */
export function farmForecasts(deps: { state: State; forecast: Forecast; log: Logger }): FarmForecasts {
  const { state, forecast, log } = deps
  const storedDays = new Map<string, Day>() // by farm and source, the newest day with a stored response

  async function request({ id, org, timeZone }: Farm, nowMs: AtMs): Promise<ForecastResponse | null> {
    const response = await forecast
      .daily({ org, farm: id }, dayOf(nowMs, timeZone), DAYS)
      .catch((error: unknown) => {
        log.warn({ error, farm: id }, 'no forecast; planning without it')
        return null
      })
    return freshForecast(response, nowMs)
  }

  /** Stores the responses as issued, before any correction. A failed write does not affect the plan. */
  async function store(responses: readonly { farm: Farm; response: ForecastResponse }[]): Promise<void> {
    const keyed = responses.map(({ farm, response }) => ({
      key: `${farm.id}/${response.source}`,
      day: dayOf(response.issuedMs, farm.timeZone),
      rows: () => forecastRows(farm, response),
    }))
    const newForecasts = keyed.filter(({ key, day }) => (storedDays.get(key) ?? '') < day)
    if (newForecasts.length === 0) return
    try {
      await storeForecasts(
        state,
        newForecasts.flatMap(({ rows }) => rows()),
      )
      for (const { key, day } of newForecasts) storedDays.set(key, day)
    } catch (error) {
      log.warn({ error }, 'forecasts could not be stored')
    }
  }

  return {
    async read(org, farmIds, nowMs) {
      let query = state.selectFrom('farm').select(['id', 'org', 'timeZone']).where('org', '=', org)
      if (farmIds) query = query.where('id', 'in', [...farmIds])
      const farms = await query.execute()
      const skills = await readSkills(state, org)
      const responses = await Promise.all(farms.map((farm) => request(farm, nowMs)))
      await store(farms.flatMap((farm, i) => (responses[i] ? [{ farm, response: responses[i] }] : [])))
      return new Map(
        farms.map((farm, i) => {
          const response = responses[i] ?? null
          const skill = skills.get(farm.id)?.find(({ source }) => source === response?.source) ?? null
          return [farm.id, { skill, forecast: response && calibrateForecast(response, skill, farm.timeZone) }]
        }),
      )
    },
  }
}

const MAX_LEAD = 9
const BATCH_ROWS = 500

/** The rows of a response issued on a day; a response of the next day has new rows. Pure. */
export function forecastRows(
  farm: { id: string; org: string; timeZone: string },
  response: ForecastResponse,
): ForecastDayRow[] {
  const issuedDay = dayOf(response.issuedMs, farm.timeZone)
  return response.days.flatMap(({ day, tempMinC, tempMaxC, rainMm, rainChance = null, et0Mm }) => {
    const lead = daysBetween(issuedDay, day)
    if (lead < 0 || lead > MAX_LEAD) return []
    return [
      {
        org: farm.org,
        farmId: farm.id,
        source: response.source,
        day,
        lead,
        issuedMs: response.issuedMs,
        tempMinC,
        tempMaxC,
        rainChance,
        et0Mm,
        rainLoMm: rainMm.lo,
        rainMidMm: rainMm.mid,
        rainHiMm: rainMm.hi,
      },
    ]
  })
}

/** Existing rows stay: a later response of the same day has more information. */
export async function storeForecasts(state: State, rows: readonly ForecastDayRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH_ROWS)
    await state
      .insertInto('forecastDay')
      .values(rows.slice(from, from + BATCH_ROWS))
      .onConflict((conflict) => conflict.columns(['farmId', 'source', 'day', 'lead']).doNothing())
      .execute()
}

/**
 * A forecast corrected by the skill of its source: rain ranges scaled by the verification against the farm's own
 * gauge, by days ahead. Without a record it is unchanged. Pure.
 */
export function calibrateForecast(
  response: ForecastResponse,
  skill: ForecastSkill | null,
  timeZone: string,
): ForecastResponse {
  if (!skill || skill.source !== response.source) return response
  const issuedDay = dayOf(response.issuedMs, timeZone)
  return {
    ...response,
    days: response.days.map((day) => {
      const lead = Math.max(0, daysBetween(issuedDay, day.day))
      return { ...day, rainMm: correctRange(day.rainMm, skillAt(skill, lead)?.correction ?? noCorrection) }
    }),
  }
}

/** The range stays in order, and a dry median stays dry. */
function correctRange(
  { lo, mid, hi }: ForecastDay['rainMm'],
  correction: RainCorrection,
): ForecastDay['rainMm'] {
  const middle = correction.mid * mid
  return {
    lo: Math.min(correction.lo * lo, middle),
    mid: middle,
    hi: Math.max(correction.hi * hi, correction.dryHiMm, middle),
  }
}
