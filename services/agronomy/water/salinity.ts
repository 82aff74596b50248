/**
 * Salinity of water and soil: the tolerance of crops, the leaching requirement, and the ECe by a probe's bulk EC.
 * Ayers & Westcot 1985, FAO Irrigation and Drainage Paper 29 rev. 1, Table 4 (after Maas & Hoffman 1977) and Eq. 9
 * (after Rhoades 1974). EC in dS/m at 25 °C; ECe is that of the saturated paste's extract.
 */
import { crops } from '../crops/catalogue.ts'
import { finite } from '../finite.ts'

/**
 * ECe without yield loss, dS/m: FAO-29 Table 4, column 100 %. Unconfirmed against the print, and for a variety. Bean,
 * carrot and strawberry are the most sensitive.
 */
const thresholds: Readonly<Record<string, number>> = {
  barley: 8,
  cotton: 7.7,
  'sugar-beet': 7,
  sorghum: 6.8,
  wheat: 6,
  'winter-wheat': 6,
  soybean: 5,
  'date-palm': 4,
  groundnut: 3.2,
  rice: 3,
  broccoli: 2.8,
  tomato: 2.5,
  cucumber: 2.5,
  alfalfa: 2,
  spinach: 2,
  cabbage: 1.8,
  potato: 1.7,
  maize: 1.7,
  sugarcane: 1.7,
  citrus: 1.7,
  orange: 1.7,
  peach: 1.7,
  grape: 1.5,
  pepper: 1.5,
  almond: 1.5,
  'sweet-potato': 1.5,
  lettuce: 1.3,
  onion: 1.2,
  bean: 1,
  carrot: 1,
  strawberry: 1,
}

/** Loss of yield by dS/m above the threshold, %: FAO-56 Table 23 (after Maas & Hoffman 1977). Unconfirmed against the print. */
const slopes: Readonly<Record<string, number>> = {
  barley: 5,
  cotton: 5.2,
  'sugar-beet': 5.9,
  sorghum: 16,
  wheat: 7.1,
  'winter-wheat': 7.1,
  soybean: 20,
  'date-palm': 3.6,
  groundnut: 29,
  rice: 12,
  broccoli: 9.2,
  tomato: 9.9,
  cucumber: 13,
  alfalfa: 7.3,
  spinach: 7.6,
  cabbage: 9.7,
  potato: 12,
  maize: 12,
  sugarcane: 5.9,
  citrus: 16,
  orange: 16,
  peach: 21,
  grape: 9.6,
  pepper: 14,
  almond: 19,
  'sweet-potato': 11,
  lettuce: 13,
  onion: 16,
  bean: 19,
  carrot: 14,
  strawberry: 33,
}

/** Null: the table has no number for this crop (apple, pea, sunflower: only a class). */
export function saltThresholdDsM(cropId: string): number | null {
  const name = saltNameOf(cropId)
  return name === null ? null : thresholds[name]!
}

/** The crop's name in the tables above. */
function saltNameOf(cropId: string): string | null {
  if (Object.hasOwn(thresholds, cropId)) return cropId
  if (Object.hasOwn(crops, cropId)) return null
  // a longer name of the FAO-56 tables: 'onions dry', 'beans green'
  const words = cropId.split('-').map((word) => word.replace(/(?<=\w{3})s$/, ''))
  return words.find((word) => Object.hasOwn(thresholds, word)) ?? null
}

/**
 * Effect of salt on a crop: its share of the yield (FAO-56 Eq. 86), and Ks of its transpiration (Eq. 88; Eq. 89 multiplies it
 * by the Ks of water stress). 1 and 1 below its threshold, and where the tables do not have it. `ky` of the season.
 */
export function saltEffect(
  cropId: string,
  ky: number | null,
  ecDsM: number,
): { yieldShare: number; ks: number } {
  const name = saltNameOf(cropId)
  if (name === null) return { yieldShare: 1, ks: 1 }
  const loss = Math.max(0, (slopes[name]! / 100) * (finite(ecDsM, { ecDsM }) - thresholds[name]!))
  const ks = Math.max(0, finite(1 - loss / (ky ?? 1), { ky }))
  return { yieldShare: Math.max(0, 1 - loss), ks }
}

/** Below this share, the usual irrigation losses leach enough. Unconfirmed. */
const MIN_SHARE = 0.05
/** FAO-29 does not go beyond a third of the water drained; above it the crop does not suit the water. */
export const MAX_SHARE = 0.33

/**
 * Leaching requirement: share of the infiltrated water that must pass the roots. LR = ECw / (5 ECe - ECw), FAO-29 Eq.
 * 9, for the ECe that the crop tolerates. At most a third; 0 where it is too small for a separate application.
 */
export function leachingShare(waterEcDsM: number, thresholdDsM: number): number {
  if (!(waterEcDsM >= 0 && thresholdDsM > 0))
    throw new RangeError(
      `waterEcDsM must be 0 or more and thresholdDsM above 0, got ${waterEcDsM} and ${thresholdDsM}`,
    )
  const below = 5 * thresholdDsM - waterEcDsM
  const share = below > 0 ? Math.min(MAX_SHARE, waterEcDsM / below) : MAX_SHARE
  return share < MIN_SHARE ? 0 : share
}

/**
 * Net mm in addition to `netMm` for the roots, so that `share` of the total passes them: net / (1 - LR), FAO-29 Eq.
 * 7.
 */
export const leachingMm = (netMm: number, share: number): number =>
  finite((netMm * share) / (1 - share), { netMm, share })

/**
 * ECe of a soil from a probe's bulk EC and water content. EC of the pore water = permittivity of water x bulk EC /
 * (permittivity of the soil - 4.1) (Hilhorst 2000, Soil Sci. Soc. Am. J. 64:1922), the soil's permittivity by Topp
 * 1980; then diluted to the saturated paste. Null in a dry soil, where Hilhorst is not valid.
 */
export function extractEcDsM(bulkDsM: number, vwc: number, saturation: number): number | null {
  if (!(vwc >= MIN_VWC && saturation > 0 && bulkDsM >= 0)) return null
  const poreDsM = (WATER_PERMITTIVITY * bulkDsM) / (permittivityOf(vwc) - DRY_OFFSET)
  return finite(poreDsM * Math.min(1, vwc / saturation), { bulkDsM, vwc, saturation })
}
const MIN_VWC = 0.12
const WATER_PERMITTIVITY = 80.3 // 20 °C
const DRY_OFFSET = 4.1

/** Topp, Davis & Annan 1980, Water Resour. Res. 16:574, Eq. 6: permittivity by water content, m³/m³. */
const permittivityOf = (v: number): number => 3.03 + 9.3 * v + 146 * v ** 2 - 76.7 * v ** 3
