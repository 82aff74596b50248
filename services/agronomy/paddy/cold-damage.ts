/**
 * Weather that the ponded water protects rice against: cold during meiosis, heat during grain filling. An unknown
 * temperature triggers neither.
 */
import { assertNumbers } from '../finite.ts'
import type { PaddyStage } from './stages.ts'

/**
 * Sterility starts below a night of 20 °C and rises steeply below 17 (a northern prefecture's rice guide, 2022);
 * means below 20 °C.
 */
const COLD_MEAN_C = 20
const COLD_NIGHT_C = 17
/** From panicle initiation: towards 10 cm (Iwate 2019). */
const PANICLE_COLD_MM = [80, 100] as const
/** At meiosis: 15 cm and more (Iwate 2019); up to 20 covers the ear, 0-20 cm above the ground (Hokkaido practice). */
export const BOOTING_COLD_MM = [150, 200] as const
/** White grains where the mean of 20 days after heading is 27 °C or more (Yamamoto town, Miyagi). */
const HOT_MEAN_C = 27

export interface DayTemps {
  minC: number | null
  meanC: number | null
}

/** The level band of deep water against cold, and the figures that require it; null: not required, or unknown. */
export function coldWater(
  stage: PaddyStage,
  days: readonly DayTemps[],
): { targetBandMm: readonly [number, number]; meanC: number | null; minC: number | null } | null {
  if (stage !== 'panicle' && stage !== 'booting') return null
  assertNumbers(days)
  const cold = days.filter(
    ({ minC, meanC }) => (meanC !== null && meanC < COLD_MEAN_C) || (minC !== null && minC < COLD_NIGHT_C),
  )
  if (cold.length === 0) return null
  const minOf = (values: (number | null)[]): number | null => {
    const knownValues = values.filter((value) => value !== null)
    return knownValues.length === 0 ? null : Math.min(...knownValues)
  }
  return {
    targetBandMm: stage === 'booting' ? BOOTING_COLD_MM : PANICLE_COLD_MM,
    meanC: minOf(cold.map(({ meanC }) => meanC)),
    minC: minOf(cold.map(({ minC }) => minC)),
  }
}

const MIN_DAYS = 3

/**
 * The mean temperature of hot days during grain filling; null where they are not hot, or fewer than three are known.
 */
export function hotRipening(development: number, days: readonly DayTemps[]): number | null {
  assertNumbers({ development, days })
  // 20 of the 38 days from heading to ripe grain
  if (development < 1 || development > 1.53) return null
  const means = days.flatMap(({ meanC }) => (meanC === null ? [] : [meanC]))
  if (means.length < MIN_DAYS) return null
  const meanC = means.reduce((sum, tempC) => sum + tempC, 0) / means.length
  return meanC >= HOT_MEAN_C ? meanC : null
}
