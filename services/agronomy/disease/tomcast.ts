/**
 * TOMCAST: Madden, Pennypacker & MacNab (1978), Phytopathology 68:1354 (FAST), as simplified by Pitblado (1992),
 * Ridgetown College. Early blight, Septoria leaf spot and anthracnose of tomato. A day runs from 11:00 to 11:00. The
 * programme sprays at 15-20 since the last spray; this model has no spray records and sums the last seven days, with
 * the levels of the University of Wisconsin (10 and 15 in 7 days).
 */
import { levelFrom, levelWithin, type Model } from './model.ts'
import { severityOf, type SeverityBand } from './severity-table.ts'
import { hoursEndingAt, meanTempC, missingOf } from './weather-hours.ts'

const bands: readonly SeverityBand[] = [
  { fromC: 13, toC: 17, hours: [7, 16, 21] },
  { fromC: 18, toC: 20, hours: [4, 9, 16, 23] },
  { fromC: 21, toC: 25, hours: [3, 6, 13, 21] },
  { fromC: 26, toC: 29, hours: [4, 9, 16, 23] },
]
const MAX = 4

/** Disease severity value (DSV) of a day, 0-4, from the wet hours and their mean temperature (whole °C). */
export const tomcastDsv = (wetC: number | null, wetH: number): number => severityOf(bands, 1, wetC, wetH)

/** DSV since the last spray at which the programme sprays again. */
export const TOMCAST_SPRAY_DSV = [15, 20] as const

const WEEK = 7

export interface TomcastParams {
  moderateDsv: number // in seven days
  highDsv: number
}

export const tomcast: Model<TomcastParams> = {
  unit: 'DSV',
  needsLeafWetness: true,
  daysBack: WEEK - 1,
  figures(day) {
    const hours = hoursEndingAt(day, 11)
    const missing = missingOf(hours, ['wetness', 'temperature'])
    if (missing) return missing
    const wetH = hours.filter((hour) => hour.isWet).length
    const wetC = meanTempC(hours, (hour) => hour.isWet!)
    return { wetH, wetC, dsv: tomcastDsv(wetC, wetH) }
  },
  carry: (today, { carried }) => ({
    seasonDsv: (carried?.seasonDsv ?? 0) + (today?.dsv ?? 0),
    missingDays: (carried?.missingDays ?? 0) + (today ? 0 : 1),
  }),
  assess(today, { days }, { moderateDsv, highDsv }) {
    const week = [...days, today]
    const weekDsv = week.reduce((sum, day) => sum + (day?.dsv ?? 0), 0)
    const unknownDays = week.filter((day) => day === null).length
    return {
      level: levelWithin(weekDsv, weekDsv + MAX * unknownDays, levelFrom(moderateDsv, highDsv)),
      value: weekDsv,
      key: 'tomcast-week',
      params: { weekDsv, unknownDays },
    }
  },
}
