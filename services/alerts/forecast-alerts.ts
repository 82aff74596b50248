/**
 * Forecast alerts of a farm with an active season: frost, storm, an insect at a stage to act on. One alert per farm
 * and cause, which clears by itself. A forecast from climatology alone raises none. Pure.
 */
import { DAY_MS, HOUR_MS, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { ForecastHour } from '../ports/forecast.ts'
import type { PestOutlook, WeatherThresholds } from '../tables.ts'
import type { ManagedCause, DesiredAlert } from './desired-alerts.ts'

export interface FarmForecast {
  id: string
  org: string
  name: string
  today: Day
  weatherThresholds: WeatherThresholds
  hours: readonly ForecastHour[] | null // null: no forecast at the moment; empty: the provider has no hourly forecast
  pests: readonly { pest: string; outlook: PestOutlook }[] // one per field
}

/** An active alert clears only clearly below its threshold: a forecast varies from hour to hour. */
const HYSTERESIS = 0.8
const HYSTERESIS_C = 1
const AHEAD_MS = DAY_MS
/** Stages at which a treatment is due; the other stages are for scouting. */
const actionableStages = new Set(['treatment', 'second-treatment', 'egg-hatch'])

/** `standing`: active alerts of the organisation; they keep their start time. */
export function forecastAlerts(
  farm: FarmForecast,
  activeAlerts: readonly DesiredAlert[],
  nowMs: AtMs,
): DesiredAlert[] {
  const findActive = (cause: ManagedCause, pest: string | null = null) =>
    activeAlerts.find(
      ({ params, ...alert }) =>
        alert.cause === cause && params['farmId'] === farm.id && (params['pest'] ?? null) === pest,
    )
  const alertOf = (
    cause: ManagedCause,
    severity: DesiredAlert['severity'],
    params: DesiredAlert['params'],
    pest: string | null = null,
  ): DesiredAlert => ({
    org: farm.org,
    cause,
    severity,
    fieldId: null,
    deviceId: null,
    params: { farm: farm.name, farmId: farm.id, ...params },
    sinceMs: findActive(cause, pest)?.sinceMs ?? nowMs,
  })
  const pests = pestWindows(farm).map(({ pest, ...params }) =>
    alertOf('pest-window', 'soon', { pest, ...params }, pest),
  )
  if (farm.hours === null) {
    const active = [findActive('frost-ahead'), findActive('storm-ahead')]
    return [...active.flatMap((alert) => (alert && isStillAhead(alert, nowMs) ? [alert] : [])), ...pests]
  }
  const hours = farm.hours.filter(({ atMs }) => atMs + HOUR_MS > nowMs && atMs < nowMs + AHEAD_MS)

  const coldest = hours
    .filter((hour): hour is ForecastHour & { tempC: number } => hour.tempC !== null)
    .reduce<{ tempC: number; atMs: AtMs } | null>(
      (coldest, hour) => (coldest === null || hour.tempC < coldest.tempC ? hour : coldest),
      null,
    )
  const isFrost =
    coldest !== null &&
    coldest.tempC <= farm.weatherThresholds.frostC + (findActive('frost-ahead') ? HYSTERESIS_C : 0)

  const share = findActive('storm-ahead') ? HYSTERESIS : 1
  const gustMps = highest(hours.map((hour) => hour.gustMps))
  const rainMm = sum(hours.map((hour) => hour.rainMm))
  const isGale = gustMps !== null && gustMps >= share * farm.weatherThresholds.gustMps
  const isWet = rainMm !== null && rainMm >= share * farm.weatherThresholds.rainMm

  return [
    ...(isFrost ? [alertOf('frost-ahead', 'act', { tempC: tenth(coldest.tempC), atMs: coldest.atMs })] : []),
    ...(isGale || isWet
      ? [
          alertOf('storm-ahead', 'act', {
            rainMm: isWet ? Math.round(rainMm) : null,
            gustMps: isGale ? Math.round(gustMps) : null,
          }),
        ]
      : []),
    ...pests,
  ]
}

/** Each insect with a stage to act on in any field of the farm. */
function pestWindows({
  pests,
  today,
}: FarmForecast): { pest: string; n: number; fromDay: Day; toDay: Day }[] {
  const byPest = new Map<string, { pest: string; n: number; fromDay: Day; toDay: Day }>()
  for (const { pest, outlook } of pests) {
    const { next } = outlook
    if (next === null || !actionableStages.has(next.key) || today < next.fromDay || today > next.toDay)
      continue
    const previous = byPest.get(pest)
    byPest.set(pest, {
      pest,
      n: (previous?.n ?? 0) + 1,
      fromDay: previous && previous.fromDay < next.fromDay ? previous.fromDay : next.fromDay,
      toDay: previous && previous.toDay > next.toDay ? previous.toDay : next.toDay,
    })
  }
  return [...byPest.values()]
}

/** A provider that is unavailable clears nothing: its forecast stays valid until the forecast time. */
const isStillAhead = ({ params, sinceMs }: DesiredAlert, nowMs: AtMs): boolean =>
  nowMs < (typeof params['atMs'] === 'number' ? params['atMs'] : sinceMs + AHEAD_MS)

const presentValues = (values: readonly (number | null)[]): number[] =>
  values.filter((value) => value !== null)
const highest = (values: readonly (number | null)[]): number | null =>
  presentValues(values).reduce<number | null>(
    (max, value) => (max === null || value > max ? value : max),
    null,
  )
const sum = (values: readonly (number | null)[]): number | null => {
  const present = presentValues(values)
  return present.length === 0 ? null : present.reduce((total, value) => total + value, 0)
}
const tenth = (value: number): number => Math.round(value * 10) / 10
