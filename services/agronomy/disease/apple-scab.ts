/**
 * Apple scab, the revised Mills table: MacHardy & Gadoury (1989), Phytopathology 79:304, for low temperatures as
 * amended by Stensvand et al. (1997), 87:1046. Ascospores are released by rain, most of them in daylight.
 */
import type { DiseaseReasonKey } from './message-keys.ts'
import type { Level, Model } from './model.ts'
import { isMissing, missingOf, type Hour } from './weather-hours.ts'
import { periodsOf, wetFigures, type WetFigures } from './wet-periods.ts'

// hours at 1 °C, 2 °C, ... 26 °C (34-79 °F as printed)
const MIN_WET_H = [41, 35, 30, 28, 21, 18, 15, 13, 12, 11, 9, 8, 8, 7, 7, 6, 6, 6, 6, 6, 6, 6, 6, 6, 8, 11]

/** Hours of wetness required for an infection at a mean temperature; null outside the table. */
export const scabWetHours = (tempC: number): number | null => MIN_WET_H[Math.round(tempC) - 1] ?? null

/** `wetH`: hours of one wet period, `tempC`: their mean temperature. False outside the table, 1-26 °C. */
export const isScabInfection = (wetH: number, tempC: number): boolean =>
  wetH >= (scabWetHours(tempC) ?? Infinity)

/** A dry spell of this length separates two wet periods. */
export const SCAB_DRY_H = 8

/**
 * The hours of a period that count: from its first rain on. If that falls at night they count from sunrise, since few
 * ascospores are released in the dark, unless the inoculum is so high that the few suffice.
 */
export function scabHours(period: readonly Hour[], isHighInoculum: boolean): Hour[] {
  const rainAt = period.findIndex((hour) => hour.rainMm! > 0)
  if (rainAt < 0) return []
  const fromRain = period.slice(rainAt)
  if (isHighInoculum || fromRain[0]!.isDaylight) return fromRain
  const sunriseAt = fromRain.findIndex((hour) => hour.isDaylight)
  return sunriseAt < 0 ? [] : fromRain.slice(sunriseAt)
}

export interface ScabParams {
  isHighInoculum: boolean
}

export const appleScab: Model<ScabParams> = {
  unit: 'h',
  needsLeafWetness: true,
  daysBack: 0,
  figures(day, { isHighInoculum }) {
    const periods = periodsOf(day, SCAB_DRY_H)
    if (isMissing(periods)) return periods
    const missing = periods.length > 0 ? missingOf(periods.flat(), ['rain']) : null
    if (missing) return missing
    const rained = periods.filter((period) => period.some((hour) => hour.rainMm! > 0))
    const counted = rained.map((period) => countedFigures(period, isHighInoculum))
    const worst = counted.reduce((a, b) => (progressOf(b) > progressOf(a) ? b : a), { wetH: 0, wetC: null })
    const isWetStill = day.hours.at(-1)?.isWet === true && rained.at(-1)?.at(-1) === day.hours.at(-1)
    return {
      ...worst,
      needH: worst.wetC === null ? null : scabWetHours(worst.wetC),
      isWetStill: isWetStill ? 1 : 0,
    }
  },
  assess({ wetH, wetC, needH, isWetStill }) {
    const verdict = (level: Level, key: DiseaseReasonKey) => ({ level, value: wetH!, key, params: {} })
    if (wetC === null) return verdict('low', 'scab-no-rain')
    if (needH === null) return verdict('low', 'scab-temperature')
    if (isScabInfection(wetH!, wetC!)) return verdict('high', 'scab-infection')
    return isWetStill ? verdict('moderate', 'scab-wet-still') : verdict('low', 'scab-too-short')
  },
}

/** For a period with rain. One that starts at night has no hours before sunrise, but a temperature. */
function countedFigures(period: readonly Hour[], isHighInoculum: boolean): WetFigures {
  const { wetH, wetC } = wetFigures(scabHours(period, isHighInoculum))
  return { wetH, wetC: wetC ?? wetFigures(period).wetC }
}

/** Progress of a period towards an infection; among those outside the table, the longest. */
const progressOf = ({ wetH, wetC }: WetFigures): number =>
  wetC === null ? -1 : wetH / (scabWetHours(wetC) ?? Infinity) + wetH * 1e-6
