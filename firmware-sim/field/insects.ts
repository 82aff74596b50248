/**
 * Insects that emerge by heat and fly on warm, calm, dry evenings into traps. Heat is the daily mean above a
 * threshold, summed from 1 January. Catches of an evening are overdispersed, like real ones.
 */
import { HOUR_MS, startOfDay, addDays, dayOf, type AtMs, type Day } from '../../broker/contract/time.ts'
import { random } from '../random.ts'
import { windAt2m, type Weather } from '../weather/weather.ts'

interface InsectKind {
  baseC: number
  upperC: number
  /** each generation's flight: its middle and spread, °C·d from 1 January, and insects in a trap over the whole flight */
  flights: readonly { peakCd: number; spreadCd: number; insects: number }[]
  /** no flight below this temperature at dusk, °C */
  flyAboveC: number
}

export const insectKinds = {
  'codling-moth': {
    baseC: 10,
    upperC: 31,
    flights: [
      { peakCd: 230, spreadCd: 70, insects: 55 },
      { peakCd: 820, spreadCd: 120, insects: 75 },
      { peakCd: 1400, spreadCd: 140, insects: 40 },
    ],
    flyAboveC: 13,
  },
  // a generation is 535 °C·d
  'oriental-fruit-moth': {
    baseC: 7.2,
    upperC: 32.2,
    flights: [
      { peakCd: 130, spreadCd: 60, insects: 35 },
      { peakCd: 665, spreadCd: 130, insects: 50 },
      { peakCd: 1200, spreadCd: 150, insects: 75 },
      { peakCd: 1735, spreadCd: 160, insects: 60 },
    ],
    flyAboveC: 15,
  },
  'rice-stink-bug': {
    baseC: 11,
    upperC: 33,
    flights: [
      { peakCd: 480, spreadCd: 90, insects: 30 },
      { peakCd: 1000, spreadCd: 130, insects: 110 },
    ],
    flyAboveC: 17,
  },
  'corn-earworm': {
    baseC: 12.6,
    upperC: 33.3,
    flights: [
      { peakCd: 300, spreadCd: 80, insects: 35 },
      { peakCd: 760, spreadCd: 110, insects: 70 },
      { peakCd: 1200, spreadCd: 130, insects: 60 },
    ],
    flyAboveC: 15,
  },
  'soybean-pod-borer': {
    baseC: 11,
    upperC: 32,
    flights: [{ peakCd: 1150, spreadCd: 110, insects: 80 }],
    flyAboveC: 16,
  },
} satisfies Record<string, InsectKind>

export type InsectName = keyof typeof insectKinds

export interface Insects {
  /** Total catch of a trap from its first day to an instant. It only grows; use differences. */
  caughtUntil(atMs: AtMs): number
  heatCd(day: Day): number
}

/** catches cluster: variance is mean + mean^2 / this (negative binomial) */
const CLUSTER = 1.6
const DUSK_FROM_H = 18
const DUSK_H = 4

/** The catches of one trap from `firstDay` on. `seed` identifies the trap. */
export function insects(name: InsectName, weather: Weather, firstDay: Day, seed: string): Insects {
  const kind: InsectKind = insectKinds[name]
  const { timeZone } = weather.site
  // by day since firstDay: heat and catches until that day's end
  const heat: number[] = []
  const caught: number[] = []

  function extend(day: Day): void {
    for (let i = heat.length; addDays(firstDay, i) <= day; i++) {
      const today = addDays(firstDay, i)
      const { tempMinC, tempMaxC, windMps, rainMm } = weather.day(today)
      const mean = (Math.max(tempMinC, kind.baseC) + Math.min(tempMaxC, kind.upperC)) / 2
      const heatBefore = today.endsWith('-01-01') ? 0 : (heat[i - 1] ?? 0)
      const now = heatBefore + Math.max(0, mean - kind.baseC)
      // emergence depends on heat, the flight of the emerged insects on the evening's weather
      const emerged = kind.flights.reduce(
        (sum, { peakCd, spreadCd, insects }) =>
          sum +
          insects * (normalShare((now - peakCd) / spreadCd) - normalShare((heatBefore - peakCd) / spreadCd)),
        0,
      )
      const duskC = tempMinC + 0.6 * (tempMaxC - tempMinC)
      const warm = Math.min(1, Math.max(0, (duskC - kind.flyAboveC + 2) / 6))
      const calm = Math.exp(-((windAt2m(windMps, weather.windHeightM) / 4) ** 2))
      const dry = rainMm > 5 ? 0.3 : 1
      const expectedCount = 1.6 * emerged * warm * calm * dry
      const chance = random(`${seed}/${name}/${today}`)
      const count = expectedCount > 0 ? chance.poisson(chance.gamma(CLUSTER, expectedCount / CLUSTER)) : 0
      heat.push(now)
      caught.push((caught[i - 1] ?? 0) + count)
    }
  }

  return {
    caughtUntil(atMs) {
      const day = dayOf(atMs, timeZone)
      if (day < firstDay) return 0
      extend(day)
      const i = dayIndex(firstDay, day)
      const caughtBefore = caught[i - 1] ?? 0
      const hour = (atMs - startOfDay(day, timeZone)) / HOUR_MS
      const share = Math.min(1, Math.max(0, (hour - DUSK_FROM_H) / DUSK_H))
      return caughtBefore + Math.floor((caught[i]! - caughtBefore) * share)
    },
    heatCd(day) {
      if (day < firstDay) return 0
      extend(day)
      return heat[dayIndex(firstDay, day)]!
    },
  }
}

const dayIndex = (from: Day, day: Day): number =>
  Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / (24 * HOUR_MS))

/** Share of a normal distribution below z (logistic approximation of Bowling et al. 2009, error < 0.0002). */
const normalShare = (z: number): number => 1 / (1 + Math.exp(-(0.07056 * z ** 3 + 1.5976 * z)))
