/**
 * What every disease model is: figures of one civil day from its hours (the same for all fields of a station), and a
 * verdict from these, the days before and what is carried along a season. A model whose input is missing gives no
 * figures; the verdict is then "cannot judge", never "no risk".
 */
import type { DiseaseReasonKey } from './message-keys.ts'
import type { DayHours, Missing } from './weather-hours.ts'

export type Level = 'low' | 'moderate' | 'high'

/** Kept with the day, so that later days can look back on them. */
export type Figures = Record<string, number | null>

export interface Past {
  /** earlier days of the season as far as `daysBack`, newest last; null: the day could not be judged */
  days: readonly (Figures | null)[]
  /** what the day before carried; null on the first day of a season */
  carried: Figures | null
}

export interface Assessment {
  /** null: what is missing of the days before leaves more than one level open */
  level: Level | null
  value: number | null
  key: DiseaseReasonKey
  params: Figures
}

export interface Model<Params> {
  unit: string
  /** whether it rests on wet leaves */
  needsLeafWetness: boolean
  daysBack: number
  figures(day: DayHours, params: Params): Figures | Missing
  /** what tomorrow needs of all days so far; `today` is null when it cannot be judged */
  carry?(today: Figures | null, past: Past, params: Params): Figures
  /** `carried`: through today */
  assess(today: Figures, past: Past, params: Params, carried: Figures | null): Assessment
}

/** The level that both ends of a range have in common; null when they differ. */
export const levelWithin = (lo: number, hi: number, levelOf: (value: number) => Level): Level | null =>
  levelOf(lo) === levelOf(hi) ? levelOf(lo) : null

/** The level of a value by where the moderate and the high risk begin. */
export const levelFrom =
  (moderate: number, high: number) =>
  (value: number): Level =>
    value >= high ? 'high' : value >= moderate ? 'moderate' : 'low'
