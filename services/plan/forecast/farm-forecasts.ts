/**
 * The forecasts of some farms for one pass of the plan: queried together, stored for verification, and
 * corrected by the skill of their source. A failed provider leaves a farm without a forecast.
 */
import { dayOf, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { Forecast, ForecastResponse, Logger, State } from '../../ports.ts'
import { freshForecast } from '../run/rain-outlook.ts'
import { calibrateForecast } from './believed.ts'
import { forecastRows, storeForecasts } from './kept-forecasts.ts'
import type { ForecastSkill } from './skill.ts'
import { readSkills } from './verify.ts'

const DAYS = 10

type Farm = { id: string; org: string; timeZone: string }

/** The corrected forecast and the skill of its source; null where unknown. */
export interface FarmForecast {
  forecast: ForecastResponse | null
  skill: ForecastSkill | null
}

export interface FarmForecasts {
  /** By farm: the given ones, or all of the organisation. May take as long as the timeout of a provider. */
  read(org: string, farmIds: readonly string[] | undefined, nowMs: AtMs): Promise<Map<string, FarmForecast>>
}

export function farmForecasts(deps: { state: State; forecast: Forecast; log: Logger }): FarmForecasts {
  const { state, forecast, log } = deps
  const keptOf = new Map<string, Day>() // by farm and source, the newest day with a stored response

  async function askFor({ id, org, timeZone }: Farm, nowMs: AtMs): Promise<ForecastResponse | null> {
    const answer = await forecast
      .daily({ org, farm: id }, dayOf(nowMs, timeZone), DAYS)
      .catch((error: unknown) => {
        log.warn({ error, farm: id }, 'no forecast; planned without')
        return null
      })
    return freshForecast(answer, nowMs)
  }

  /** Stores the responses as issued, before any correction. A failed write does not affect the plan. */
  async function keep(said: readonly { farm: Farm; answer: ForecastResponse }[]): Promise<void> {
    const marks = said.map(({ farm, answer }) => ({
      key: `${farm.id}/${answer.source}`,
      day: dayOf(answer.issuedMs, farm.timeZone),
      rows: () => forecastRows(farm, answer),
    }))
    const fresh = marks.filter(({ key, day }) => (keptOf.get(key) ?? '') < day)
    if (fresh.length === 0) return
    try {
      await storeForecasts(
        state,
        fresh.flatMap(({ rows }) => rows()),
      )
      for (const { key, day } of fresh) keptOf.set(key, day)
    } catch (error) {
      log.warn({ error }, 'what was forecast could not be kept')
    }
  }

  return {
    async read(org, farmIds, nowMs) {
      let query = state.selectFrom('farm').select(['id', 'org', 'timeZone']).where('org', '=', org)
      if (farmIds) query = query.where('id', 'in', [...farmIds])
      const farms = await query.execute()
      const skills = await readSkills(state, org)
      const answers = await Promise.all(farms.map((farm) => askFor(farm, nowMs)))
      await keep(farms.flatMap((farm, i) => (answers[i] ? [{ farm, answer: answers[i] }] : [])))
      return new Map(
        farms.map((farm, i) => {
          const answer = answers[i] ?? null
          const skill = skills.get(farm.id)?.find(({ source }) => source === answer?.source) ?? null
          return [farm.id, { skill, forecast: answer && calibrateForecast(answer, skill, farm.timeZone) }]
        }),
      )
    },
  }
}
