/**
 * The leaves of a crop: how much of the ground they cover, 0-1, on a day of Table 11's season. Growth in two halves and
 * the water that a cover takes are those of FAO 66 (Eqs 3.3, 3.4 and 3.14); how quick it is comes from the lengths of
 * Table 11, whose initial stage ends at a tenth of the ground and whose development ends at full cover.
 */
import type { Crop } from '../../agronomy/crops/crops.ts'
import { KC_MIN } from '../../agronomy/water/dual-kc.ts'
import { kcbOf, kcOf } from '../../agronomy/crops/growth.ts'

export interface Canopy {
  /** at planting; a crop that stands all year has leaves then */
  coverStart: number
  coverMost: number
  coverEnd: number
  /** leaves hardly yellow before they are taken off */
  isStanding: boolean
  /** growth a day of Table 11, of the cover below half and of what is missing above */
  growth: number
  /** days of Table 11: growth begins, the leaves yellow, the season ends, the ground is covered */
  growsFromD: number
  yellowFromD: number
  endD: number
  fullD: number
  /** Kcb of a full cover over what it takes */
  kcbPerTaken: number
  /** what leaves that cover the ground take less each day of Table 11, share */
  ageing: number
  isPerennial: boolean
}

const COVER_MOST = 0.95
/**
 * What still covers the ground when the crop is ripe, where leaves stand until they are taken off: Kc end of FAO-56 is
 * that of cotton after it. AquaCrop reference manual, Annex I
 */
const standing: Readonly<Record<string, number>> = { cotton: 0.86 }
const COVER_INITIAL = 0.1
/** A crop is up after this share of its initial stage. Unconfirmed */
export const EMERGED_SHARE = 0.25
/** What leaves take less each day. AquaCrop reference manual, Annex I; unconfirmed for a variety */
const AGEING = 0.002
const ageings: Readonly<Record<string, number>> = {
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
/** A season of a year has new leaves as well. Unconfirmed */
const MOST_AGED = 1 / 3
/** of the cover that is missing at the "effective full cover" of Table 11 */
const MISSING_AT_FULL = 0.05

export function canopyOf(crop: Crop): Canopy {
  const [ini, dev, mid, late] = crop.lengthsD
  const kcbFull = basalOf(crop, ini + dev)
  const coverAt = (kcb: number): number => coverTaking(Math.min(1, kcb / kcbFull))
  const isPerennial = crop.rootMinM >= crop.rootMaxM
  const from = isPerennial ? Math.max(COVER_INITIAL, coverAt(basalOf(crop, 0))) : COVER_INITIAL
  const half = COVER_MOST / 2
  const toHalf = Math.max(0, Math.log(half / from))
  const over =
    from > half
      ? Math.log((COVER_MOST - from) / (MISSING_AT_FULL * COVER_MOST))
      : Math.log(0.5 / MISSING_AT_FULL)
  const growth = Math.max(0.02, (toHalf + over) / Math.max(1, dev))
  const upD = EMERGED_SHARE * ini
  return {
    coverStart: isPerennial ? from : from * Math.exp(-growth * (ini - upD)),
    coverMost: COVER_MOST,
    coverEnd: standing[crop.id] ?? coverAt(basalOf(crop, ini + dev + mid + late)),
    isStanding: crop.id in standing,
    growth,
    growsFromD: isPerennial ? ini : upD,
    yellowFromD: ini + dev + mid,
    endD: ini + dev + mid + late,
    fullD: ini + dev,
    kcbPerTaken: kcbFull / takenBy(COVER_MOST),
    // those that stand all year make new leaves
    ageing: isPerennial ? 0 : (ageings[crop.id] ?? AGEING),
    isPerennial,
  }
}

/** Days of Table 11 at the end of a day, as far as the leaves are, and as far as ripening is. */
export interface Ages {
  leavesD: number
  ripeD: number
}

/** Cover a day later, `days` of Table 11, whose growth runs at `ks` of its pace. */
export function coverAfter(
  canopy: Canopy,
  cover: number,
  { leavesD, ripeD }: Ages,
  days: number,
  ks: number,
): number {
  const { coverMost, coverEnd, growth, yellowFromD, endD, growsFromD } = canopy
  if (ripeD > yellowFromD) {
    if (canopy.isStanding) return cover * Math.min(1, greenAt(canopy, ripeD) / greenAt(canopy, ripeD - days))
    const left = Math.max(1, endD - ripeD + days)
    return cover - Math.max(0, (Math.max(coverEnd, cover) - coverEnd) * Math.min(1, days / left))
  }
  if (leavesD <= growsFromD) return cover
  const more = growth * days * ks * (cover < coverMost / 2 ? cover : coverMost - cover)
  return Math.min(coverMost, cover + Math.max(0, more))
}

/** Of the leaves that stood when yellowing began, the share that is green: slowly at first, then ever quicker. FAO 66, Eq. 3.5 */
function greenAt({ coverMost, coverEnd, yellowFromD, endD }: Canopy, ripeD: number): number {
  const share = Math.min(1, Math.max(0, (ripeD - yellowFromD) / (endD - yellowFromD)))
  return 1 - 0.05 * Math.expm1(share * Math.log1p((1 - coverEnd / coverMost) / 0.05))
}

/** What a cover takes as a share of a full one's: a sparse stand takes more than its share. FAO 66, Eq. 3.14. */
export const takenBy = (cover: number): number => cover * (1.72 - cover * (1 - 0.3 * cover))

/** Evaporation of wet, bare soil over ET0. FAO 66, Ch. 3.2.5 */
export const KE_MOST = 1.1

/**
 * What a drying surface gives of that, 1-0: freely at first, then by how wet its layer still is, ever less (FAO 66,
 * Eqs 3.10-3.13). `depletionMm` of `tewMm` that can evaporate, `rewMm` freely.
 */
export const drying = (depletionMm: number, { tewMm, rewMm }: { tewMm: number; rewMm: number }): number =>
  depletionMm <= rewMm ? 1 : dryingOf(depletionMm, tewMm)

/** The same where what lies on the skin is kept apart: by the wetness of the layer alone. */
export const dryingOf = (depletionMm: number, tewMm: number): number =>
  depletionMm >= tewMm ? 0 : Math.expm1(4 * (1 - depletionMm / tewMm)) / KR_POWER
const KR_POWER = Math.expm1(4)

/** Kcb of a cover; leaves that have covered the ground for more than five days take ever less. FAO 66, Ch. 3.2.4 */
export const kcbOfCover = ({ kcbPerTaken, ageing, fullD }: Canopy, cover: number, leavesD: number): number =>
  kcbPerTaken *
  takenBy(cover) *
  (1 - Math.min(MOST_AGED, ageing * Math.max(0, leavesD - fullD - STILL_YOUNG_D)))

/** The cover that takes this share of a full one's. */
function coverTaking(share: number): number {
  let [lo, hi] = [0.01, COVER_MOST]
  for (let i = 0; i < 30; i++) {
    const middle = (lo + hi) / 2
    if (takenBy(middle) < share * takenBy(COVER_MOST)) lo = middle
    else hi = middle
  }
  return hi
}

/** Kcb; where Table 17 has none, Kc less what bare soil gives. */
const basalOf = (crop: Crop, ageD: number): number =>
  kcbOf(crop, ageD) ?? Math.max(KC_MIN, kcOf(crop, ageD) - 0.1)
