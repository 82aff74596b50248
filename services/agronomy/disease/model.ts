/**
 * The common interface of disease models: figures of one civil day from its hours (the same for all fields of a
 * station), and an assessment from these, the days before and values carried through a season. A model with a missing
 * input has no figures; the result is then "unknown", never "no risk".
 */
import type { DiseaseReasonKey } from './message-keys.ts'
import type { DayHours, Missing } from './weather-hours.ts'

export type Level = 'low' | 'moderate' | 'high'

/** Stored with the day, for the assessment of later days. */
export type Figures = Record<string, number | null>

export interface Past {
  /** earlier days of the season, at most `daysBack`, newest last; null: the day was not assessed */
  days: readonly (Figures | null)[]
  /** values carried by the day before; null on the first day of a season */
  carried: Figures | null
}

export interface Assessment {
  /** null: unknown previous days leave more than one level possible */
  level: Level | null
  value: number | null
  key: DiseaseReasonKey
  params: Figures
}

export interface Model<Params> {
  unit: string
  /** whether it depends on leaf wetness */
  needsLeafWetness: boolean
  daysBack: number
  figures(day: DayHours, params: Params): Figures | Missing
  /** values that tomorrow needs of all days so far; `today` is null when it cannot be assessed */
  carry?(today: Figures | null, past: Past, params: Params): Figures
  /** `carried`: through today */
  assess(today: Figures, past: Past, params: Params, carried: Figures | null): Assessment
}

/** The level that both ends of a range have in common; null when they differ. */
export const levelWithin = (lo: number, hi: number, levelOf: (value: number) => Level): Level | null =>
  levelOf(lo) === levelOf(hi) ? levelOf(lo) : null

/** The level of a value by the lower bounds of moderate and high risk. */
export const levelFrom =
  (moderate: number, high: number) =>
  (value: number): Level =>
    value >= high ? 'high' : value >= moderate ? 'moderate' : 'low'
