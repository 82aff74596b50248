/**
 * Botrytis bunch rot of grape: Broome, English, Marois, Latorre & Aviles (1995), Phytopathology 85:97. Probability
 * that mature berries are infected in one wet period; fitted for 4-20 h and 12-30 °C, beyond which the nearest bound
 * is used.
 */
import { finite } from '../finite.ts'
import { clamp } from '../math.ts'
import type { Model } from './model.ts'
import { levelFrom } from './model.ts'
import { longestPeriod } from './wet-periods.ts'

/** Probability of infection, 0-1. */
export function broomeProbability(wetH: number, wetC: number): number {
  const logit = -2.647866 - 0.374927 * wetH + 0.061601 * wetH * wetC - 0.001511 * wetH * wetC ** 2
  return finite(1 / (1 + Math.exp(-logit)), { wetH, wetC })
}

export interface BotrytisParams {
  partingDryH: number
  moderatePct: number
  highPct: number
}

export const botrytis: Model<BotrytisParams> = {
  unit: '%',
  needsLeafWetness: true,
  daysBack: 0,
  figures: (day, { partingDryH }) => longestPeriod(day, partingDryH),
  assess({ wetH, wetC }, _past, { moderatePct, highPct }) {
    if (wetC === null || wetH! < 4) return { level: 'low', value: 0, key: 'botrytis-too-short', params: {} }
    const percent = Math.round(100 * broomeProbability(clamp(wetH!, 4, 20), clamp(wetC!, 12, 30)))
    return {
      level: levelFrom(moderatePct, highPct)(percent),
      value: percent,
      key: 'botrytis-chance',
      params: {},
    }
  },
}
