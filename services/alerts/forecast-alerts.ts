/**
 * What lies ahead of a farm on which something grows: frost, a storm, an insect at the stage at which acting pays. Each is
 * told once a farm, and is over by itself. A forecast that is only the usual weather of the season foretells nothing. Pure.
 */
import { DAY_MS, HOUR_MS, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { ForecastHour } from '../ports.ts'
import type { PestOutlook, WeatherThresholds } from '../tables.ts'
import type { ManagedCause, DesiredAlert } from './desired-alerts.ts'

export interface FarmForecast {
  id: string
  org: string
  name: string
  today: Day
  warnAt: WeatherThresholds
  hours: readonly ForecastHour[] | null // null: nobody says at the moment; none: nobody ever does
  pests: readonly { pest: string; outlook: PestOutlook }[] // one a field
}

/** One that stands is over only clearly below: a forecast wavers from hour to hour. */
const HYSTERESIS = 0.8
const HYSTERESIS_C = 1
const AHEAD_MS = DAY_MS
/** Stages at which a treatment is meant to be made; others are for looking. */
const actionableStages = new Set(['treatment', 'second-treatment', 'egg-hatch'])

/** `standing`: what stands of the organisation; it keeps its age. */
export function forecastAlerts(
  farm: FarmForecast,
  standing: readonly DesiredAlert[],
  nowMs: AtMs,
): DesiredAlert[] {
  const known = (cause: ManagedCause, pest: string | null = null) =>
    standing.find(
      ({ params, ...alert }) =>
        alert.cause === cause && params['farmId'] === farm.id && (params['pest'] ?? null) === pest,
    )
  const tell = (
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
    sinceMs: known(cause, pest)?.sinceMs ?? nowMs,
  })
  const pests = pestWindows(farm).map(({ pest, ...params }) =>
    tell('pest-window', 'soon', { pest, ...params }, pest),
  )
  if (farm.hours === null) {
    const told = [known('frost-ahead'), known('storm-ahead')]
    return [...told.flatMap((alert) => (alert && isStillAhead(alert, nowMs) ? [alert] : [])), ...pests]
  }
  const hours = farm.hours.filter(({ atMs }) => atMs + HOUR_MS > nowMs && atMs < nowMs + AHEAD_MS)

  const coldest = hours
    .filter((hour): hour is ForecastHour & { tempC: number } => hour.tempC !== null)
    .reduce<{ tempC: number; atMs: AtMs } | null>(
      (least, hour) => (least === null || hour.tempC < least.tempC ? hour : least),
      null,
    )
  const isFrost =
    coldest !== null && coldest.tempC <= farm.warnAt.frostC + (known('frost-ahead') ? HYSTERESIS_C : 0)

  const share = known('storm-ahead') ? HYSTERESIS : 1
  const gustMps = highest(hours.map((hour) => hour.gustMps))
  const rainMm = sum(hours.map((hour) => hour.rainMm))
  const isGale = gustMps !== null && gustMps >= share * farm.warnAt.gustMps
  const isWet = rainMm !== null && rainMm >= share * farm.warnAt.rainMm

  return [
    ...(isFrost ? [tell('frost-ahead', 'act', { tempC: tenth(coldest.tempC), atMs: coldest.atMs })] : []),
    ...(isGale || isWet
      ? [
          tell('storm-ahead', 'act', {
            rainMm: isWet ? Math.round(rainMm) : null,
            gustMps: isGale ? Math.round(gustMps) : null,
          }),
        ]
      : []),
    ...pests,
  ]
}

/** Each insect of which a stage to act on has come in a field, over all fields of the farm. */
function pestWindows({
  pests,
  today,
}: FarmForecast): { pest: string; n: number; fromDay: Day; toDay: Day }[] {
  const found = new Map<string, { pest: string; n: number; fromDay: Day; toDay: Day }>()
  for (const { pest, outlook } of pests) {
    const { next } = outlook
    if (next === null || !actionableStages.has(next.key) || today < next.fromDay || today > next.toDay)
      continue
    const other = found.get(pest)
    found.set(pest, {
      pest,
      n: (other?.n ?? 0) + 1,
      fromDay: other && other.fromDay < next.fromDay ? other.fromDay : next.fromDay,
      toDay: other && other.toDay > next.toDay ? other.toDay : next.toDay,
    })
  }
  return [...found.values()]
}

/** A service that is away takes nothing back: what it said holds until its time has come. */
const isStillAhead = ({ params, sinceMs }: DesiredAlert, nowMs: AtMs): boolean =>
  nowMs < (typeof params['atMs'] === 'number' ? params['atMs'] : sinceMs + AHEAD_MS)

const presentValues = (values: readonly (number | null)[]): number[] =>
  values.filter((value) => value !== null)
const highest = (values: readonly (number | null)[]): number | null =>
  presentValues(values).reduce<number | null>(
    (most, value) => (most === null || value > most ? value : most),
    null,
  )
const sum = (values: readonly (number | null)[]): number | null => {
  const known = presentValues(values)
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0)
}
const tenth = (value: number): number => Math.round(value * 10) / 10
