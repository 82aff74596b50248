/**
 * The canopy of a crop: its ground cover, 0-1, on a day of Table 11's season. Growth in two halves and the
 * transpiration of a cover follow FAO 66 (Eqs 3.3, 3.4 and 3.14). The growth rate follows from the lengths of
 * Table 11, whose initial stage ends at a tenth of the ground and whose development ends at full cover.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { KC_MIN } from '../agronomy/water/dual-kc.ts'
import { kcbOf, kcOf } from '../agronomy/crops/growth.ts'
import type { CropAges } from './crop-clock.ts'

export interface Canopy {
  /** at planting; an evergreen or perennial crop has leaves then */
  coverStart: number
  coverMax: number
  coverEnd: number
  /** leaves hardly yellow before defoliation */
  keepsLeaves: boolean
  /** growth per day of Table 11, of the cover below half and of the missing cover above */
  growth: number
  /** days of Table 11: growth begins, the leaves yellow, the season ends, the ground is covered */
  growsFromD: number
  yellowFromD: number
  endD: number
  fullD: number
  /** Kcb of a full cover over its transpiration share */
  kcbPerShare: number
  /** decline of transpiration per day of Table 11 after full cover, share */
  ageing: number
  isPerennial: boolean
}

const COVER_MAX = 0.95
/**
 * Cover at maturity where leaves persist until defoliation: Kc end of FAO-56 is that of cotton after it.
 * AquaCrop reference manual, Annex I
 */
const coverAtMaturity: Readonly<Record<string, number>> = { cotton: 0.86 }
const COVER_INITIAL = 0.1
/** A crop emerges after this share of its initial stage. Unconfirmed */
export const EMERGED_SHARE = 0.25
/** Daily decline of transpiration. AquaCrop reference manual, Annex I; unconfirmed for a variety */
const AGEING = 0.002
const ageingRates: Readonly<Record<string, number>> = {
  maize: 0.003,
  cotton: 0.003,
  sorghum: 0.003,
  sunflower: 0.003,
  soybean: 0.003,
  wheat: 0.0015,
  'winter-wheat': 0.0015,
  barley: 0.0015,
  potato: 0.0015,
  tomato: 0.0015,
}
const STILL_YOUNG_D = 5
/** A crop that grows all year has new leaves as well. Unconfirmed */
const MAX_AGEING = 1 / 3
/** of the cover that is missing at the "effective full cover" of Table 11 */
const MISSING_AT_FULL = 0.05

/** The canopy of a crop from its stage lengths (Table 11) and basal coefficients (Table 17). */
export function canopyOf(crop: Crop): Canopy {
  const [ini, dev, mid, late] = crop.lengthsD
  const kcbFull = basalKc(crop, ini + dev)
  const coverAt = (kcb: number): number => coverForShare(Math.min(1, kcb / kcbFull))
  const isPerennial = crop.rootMinM >= crop.rootMaxM
  const from = isPerennial ? Math.max(COVER_INITIAL, coverAt(basalKc(crop, 0))) : COVER_INITIAL
  const half = COVER_MAX / 2
  const toHalf = Math.max(0, Math.log(half / from))
  const excess =
    from > half
      ? Math.log((COVER_MAX - from) / (MISSING_AT_FULL * COVER_MAX))
      : Math.log(0.5 / MISSING_AT_FULL)
  const growth = Math.max(0.02, (toHalf + excess) / Math.max(1, dev))
  const upD = EMERGED_SHARE * ini
  return {
    coverStart: isPerennial ? from : from * Math.exp(-growth * (ini - upD)),
    coverMax: COVER_MAX,
    coverEnd: coverAtMaturity[crop.id] ?? coverAt(basalKc(crop, ini + dev + mid + late)),
    keepsLeaves: crop.id in coverAtMaturity,
    growth,
    growsFromD: isPerennial ? ini : upD,
    yellowFromD: ini + dev + mid,
    endD: ini + dev + mid + late,
    fullD: ini + dev,
    kcbPerShare: kcbFull / transpirationShare(COVER_MAX),
    // perennial crops renew their leaves
    ageing: isPerennial ? 0 : (ageingRates[crop.id] ?? AGEING),
    isPerennial,
  }
}

/** Cover a day later. `days` of Table 11; `ks` scales the growth. */
export function coverAfter(
  canopy: Canopy,
  cover: number,
  { leavesD, ripeD }: CropAges,
  days: number,
  ks: number,
): number {
  const { coverMax, coverEnd, growth, yellowFromD, endD, growsFromD } = canopy
  if (ripeD > yellowFromD) {
    if (canopy.keepsLeaves)
      return cover * Math.min(1, greenShare(canopy, ripeD) / greenShare(canopy, ripeD - days))
    const left = Math.max(1, endD - ripeD + days)
    return cover - Math.max(0, (Math.max(coverEnd, cover) - coverEnd) * Math.min(1, days / left))
  }
  if (leavesD <= growsFromD) return cover
  const increase = growth * days * ks * (cover < coverMax / 2 ? cover : coverMax - cover)
  return Math.min(coverMax, cover + Math.max(0, increase))
}

/** Green share of the leaves at the start of yellowing: slow at first, then accelerating. FAO 66, Eq. 3.5 */
function greenShare({ coverMax, coverEnd, yellowFromD, endD }: Canopy, ripeD: number): number {
  const share = Math.min(1, Math.max(0, (ripeD - yellowFromD) / (endD - yellowFromD)))
  return 1 - 0.05 * Math.expm1(share * Math.log1p((1 - coverEnd / coverMax) / 0.05))
}

/**
 * Transpiration of a cover as a share of a full one's: a sparse stand transpires more than its share. FAO 66,
 * Eq. 3.14.
 */
export const transpirationShare = (cover: number): number => cover * (1.72 - cover * (1 - 0.3 * cover))

/** Evaporation of wet, bare soil over ET0. FAO 66, Ch. 3.2.5 */
export const KE_MAX = 1.1

/**
 * Evaporation reduction coefficient Kr of a drying surface, 1-0: free at first, then falling with the wetness
 * of its layer (FAO 66, Eqs 3.10-3.13). `depletionMm` of `tewMm` that can evaporate, `rewMm` freely.
 */
export const krTwoStage = (depletionMm: number, { tewMm, rewMm }: { tewMm: number; rewMm: number }): number =>
  depletionMm <= rewMm ? 1 : krFallingRate(depletionMm, tewMm)

/** Kr of the falling-rate stage alone, for callers that track the water on the skin separately. */
export const krFallingRate = (depletionMm: number, tewMm: number): number =>
  depletionMm >= tewMm ? 0 : Math.expm1(4 * (1 - depletionMm / tewMm)) / KR_POWER
const KR_POWER = Math.expm1(4)

/** Kcb of a cover; leaves transpire less from five days after full cover. FAO 66, Ch. 3.2.4 */
export const kcbOfCover = ({ kcbPerShare, ageing, fullD }: Canopy, cover: number, leavesD: number): number =>
  kcbPerShare *
  transpirationShare(cover) *
  (1 - Math.min(MAX_AGEING, ageing * Math.max(0, leavesD - fullD - STILL_YOUNG_D)))

/** The cover with this share of a full one's transpiration. */
function coverForShare(share: number): number {
  let [lo, hi] = [0.01, COVER_MAX]
  for (let i = 0; i < 30; i++) {
    const middle = (lo + hi) / 2
    if (transpirationShare(middle) < share * transpirationShare(COVER_MAX)) lo = middle
    else hi = middle
  }
  return hi
}

/** Kcb; where Table 17 has none, Kc less the evaporation of bare soil. */
const basalKc = (crop: Crop, ageD: number): number =>
  kcbOf(crop, ageD) ?? Math.max(KC_MIN, kcOf(crop, ageD) - 0.1)
