/** Wet periods of leaves: hours of wetness without a long dry spell between them. */
import { mean } from '../math.ts'
import { hundredths, isMissing, missingOf, type DayHours, type Hour, type Missing } from './weather-hours.ts'

/** Indexes of the wet hours of each period; a dry gap shorter than `partingDryH` joins the periods around it. */
export function wetPeriods(isWet: readonly boolean[], partingDryH: number): number[][] {
  const periods: number[][] = []
  isWet.forEach((wet, i) => {
    if (!wet) return
    const last = periods.at(-1)
    if (last && i - last.at(-1)! - 1 < partingDryH) last.push(i)
    else periods.push([i])
  })
  return periods
}

/**
 * The periods with wet hours in the civil day, each back to its start. Missing when wetness or temperature is unknown
 * since the last dry spell that was long enough to separate them.
 */
export function periodsOf(day: DayHours, partingDryH: number): Hour[][] | Missing {
  const fromAt = lastSeparation(day, partingDryH)
  const hours = day.hours.slice(fromAt)
  const missing = missingOf(hours, ['wetness', 'temperature'])
  if (missing) return missing
  return wetPeriods(
    hours.map((hour) => hour.isWet!),
    partingDryH,
  )
    .filter((period) => fromAt + period.at(-1)! >= day.todayAt)
    .map((period) => period.map((i) => hours[i]!))
}

/** The end of the last dry spell of that length that started before the day did; 0 when there is none. */
function lastSeparation(day: DayHours, partingDryH: number): number {
  let dryH = 0
  for (let i = day.todayAt - 1; i >= 0; i--) {
    dryH = day.hours[i]!.isWet === false ? dryH + 1 : 0
    if (dryH >= partingDryH) return i + partingDryH
  }
  return 0
}

/** The longest wet period of the day: its hours and their mean temperature, 0 hours when it was dry. */
export type WetFigures = { wetH: number; wetC: number | null }

/** The longest of the day's wet periods; `partingDryH` dry hours separate two of them. */
export function longestPeriod(day: DayHours, partingDryH: number): WetFigures | Missing {
  const periods = periodsOf(day, partingDryH)
  if (isMissing(periods)) return periods
  const longest = periods.reduce<Hour[]>((a, b) => (b.length > a.length ? b : a), [])
  return wetFigures(longest)
}

/** Counts every given hour as wet; each must have a temperature. `wetC` in °C, to hundredths; null without hours. */
export const wetFigures = (hours: readonly Hour[]): WetFigures => ({
  wetH: hours.length,
  wetC: hours.length === 0 ? null : hundredths(mean(hours.map((hour) => hour.tempC!))),
})
