/** Reads the hourly forecast of farms with an active season once an hour. */
import { addDays, dayOf, HOUR_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Clock, Logger, State } from '../ports.ts'
import type { Forecast } from '../ports/forecast.ts'
import { readPestOutlook, type FarmRow } from '../tables.ts'
import { weatherThresholds } from '../domain/weather-thresholds.ts'
import type { FarmForecast } from './forecast-alerts.ts'
import { backgroundCache, type BackgroundCache } from '../runtime/background-cache.ts'

const READ_EVERY_MS = HOUR_MS
const FORECAST_DAYS = 3
/** A season without a recorded end is active for at most this long. */
const LONGEST_SEASON_DAYS = 300
/** Climatology cannot forecast a single night. */
const CLIMATOLOGY = 'climatology'

/**
 * `hours` of a farm is null without a forecast, and empty when there is only a climatology or no hourly data. A
 * failed read is logged and keeps the previous values.
 */
export function watchForecasts(deps: {
  state: State
  forecast: Forecast
  clock: Clock
  log: Logger
}): BackgroundCache<FarmForecast[]> {
  const { state, forecast, clock, log } = deps
  return backgroundCache({
    everyMs: READ_EVERY_MS,
    clock,
    read,
    failed: (error) => log.error({ error }, 'the forecasts could not be read; retrying in an hour'),
  })

  async function read(): Promise<FarmForecast[]> {
    const farms = await growingFarms(state, clock.now())
    return Promise.all(farms.map((farm) => readFarm(farm)))
  }

  async function readFarm(farm: GrowingFarm): Promise<FarmForecast> {
    const today = dayOf(clock.now(), farm.timeZone)
    const response = await forecast.daily({ org: farm.org, farm: farm.id }, today, FORECAST_DAYS)
    const watches = await state
      .selectFrom('degreeDayTracker')
      .innerJoin('field', 'field.id', 'degreeDayTracker.fieldId')
      .select(['degreeDayTracker.subject', 'degreeDayTracker.outlook'])
      .where('field.farmId', '=', farm.id)
      .where('degreeDayTracker.org', '=', farm.org)
      .where('degreeDayTracker.outlook', 'is not', null)
      .execute()
    return {
      id: farm.id,
      org: farm.org,
      name: farm.name,
      today,
      weatherThresholds: weatherThresholds(farm),
      hours: response === null ? null : response.source === CLIMATOLOGY ? [] : (response.hours ?? []),
      pests: watches.map(({ subject, outlook }) => ({ pest: subject, outlook: readPestOutlook(outlook!) })),
    }
  }
}

type GrowingFarm = Pick<FarmRow, 'id' | 'org' | 'name' | 'timeZone' | 'weatherThresholds'>

const growingFarms = (state: State, nowMs: AtMs): Promise<GrowingFarm[]> =>
  state
    .selectFrom('season')
    .innerJoin('field', 'field.id', 'season.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .select(['farm.id', 'farm.org', 'farm.name', 'farm.timeZone', 'farm.weatherThresholds'])
    .distinct()
    .where('season.harvestedDay', 'is', null)
    .where('season.plantedDay', '<=', addDays(dayOf(nowMs, 'UTC'), 1))
    .where('season.plantedDay', '>=', addDays(dayOf(nowMs, 'UTC'), -LONGEST_SEASON_DAYS))
    .orderBy('farm.id')
    .execute()
