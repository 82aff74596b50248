/**
 * The age of a crop: by heat where the sums of its stages and the temperatures are known, else by the days
 * since planting. Days are those of FAO-56 Table 11; warm weather makes them pass quicker and cold slower.
 */
import type { Crop, HeatStage } from '../agronomy/crops/crop.ts'
import { degreeDaysCd } from '../agronomy/crops/degree-days.ts'
import { daysByHeat, seasonLengthD } from '../agronomy/crops/growth.ts'

/**
 * Sums of crops whose own row has none. Wheat, base 0 °C: AquaCrop reference manual, Annex I (heading about
 * 1,100, yellowing 1,700, ripe 2,400 °C·d); the rows of Table 11 for wheat, 120-240 days, give 2,300-2,600 °C·d
 * in their climates. Unconfirmed for a variety.
 */
const wheat: readonly HeatStage[] = [
  { stage: 'heading', sumCd: 1100, ends: 'development' },
  { stage: 'yellowing', sumCd: 1750, ends: 'mid-season' },
  { stage: 'maturity', sumCd: 2400, ends: 'late-season' },
]
/**
 * Maize, base 10 °C: hybrids of 2,400-2,800 °F·d are sown in the US Corn Belt; the row of crops.ts is near the
 * latest, and irrigating a ripe crop is expensive. 2,450, one of the earlier. Unconfirmed for a variety.
 */
const maize: readonly HeatStage[] = [
  { stage: 'tasselling', sumCd: 631, ends: 'development' },
  { stage: 'maturity', sumCd: 1360, ends: 'late-season' },
]
const heatStagesByCrop: Readonly<Record<string, readonly HeatStage[]>> = {
  maize,
  wheat,
  'winter-wheat': wheat,
}

export interface CropClock {
  /** Days of Table 11 that pass in a day at an age; one without temperatures. */
  daysIn(
    ageD: number,
    temp: { tMinC?: number | null | undefined; tMaxC?: number | null | undefined } | null,
  ): number
  isByHeat: boolean
}

/** Varieties are chosen for the heat of a place: a season runs ahead of Table 11 by no more than this. */
const MAX_DAYS = 1.3
/** Cotton continues to flower while it is warm. Unconfirmed */
const maxDaysByCrop: Readonly<Record<string, number>> = { cotton: 1.25 }

/** The clock of a crop: by heat where its heat sums are known, else one day of Table 11 per day. */
export function cropClock(crop: Crop): CropClock {
  const known = clocks.get(crop)
  if (known) return known
  const clock = createClock(crop)
  clocks.set(crop, clock)
  return clock
}
const clocks = new WeakMap<Crop, CropClock>()

function createClock(crop: Crop): CropClock {
  const heatStages = heatStagesByCrop[crop.id] ?? crop.heatStages
  const staged = { lengthsD: crop.lengthsD, heatStages }
  if (daysByHeat(staged, 0) === null) return { isByHeat: false, daysIn: () => 1 }
  // °C·d of each day of Table 11, from the same sums
  const lengthD = seasonLengthD(crop)
  const sumAt = (ageD: number): number => {
    let [lo, hi] = [0, 10_000]
    for (let i = 0; i < 40; i++) {
      const middle = (lo + hi) / 2
      if ((daysByHeat(staged, middle) ?? 0) < ageD) lo = middle
      else hi = middle
    }
    return hi
  }
  const sums = Array.from({ length: Math.ceil(lengthD) + 2 }, (_, age) => sumAt(age))
  return {
    isByHeat: true,
    daysIn(ageD, temp) {
      const { tMinC, tMaxC } = temp ?? {}
      if (tMinC == null || tMaxC == null || !(tMaxC >= tMinC)) return 1
      const i = Math.min(sums.length - 2, Math.max(0, Math.floor(ageD)))
      const perDay = Math.max(0.1, sums[i + 1]! - sums[i]!)
      const heatCd = degreeDaysCd(crop.heat, { tempMinC: tMinC, tempMaxC: tMaxC })
      return Math.min(maxDaysByCrop[crop.id] ?? MAX_DAYS, heatCd / perDay)
    },
  }
}
