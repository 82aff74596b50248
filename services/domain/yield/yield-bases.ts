/**
 * Yield bases: the standard moisture of a crop, and for rice whether rough or brown. Without its basis a yield is
 * meaningless: a tonne of wet grain is not a tonne of dry grain.
 */
import type { LoadForm } from '../../tables.ts'

export interface YieldBasis {
  form: LoadForm
  moisturePct: number | null // null: as weighed, no standard moisture
  /** of rice: moisture of rough rice before hulling, and its share of brown rice when none was measured */
  rough: { moisturePct: number; hullShare: number } | null
  source: { en: string; ja: string }
}

type Row = YieldBasis & { crops: readonly string[]; country: 'JP' | null }

const AG442 = 'UF/IFAS AG442 (Mulvaney & Devkota 2020)'
const JAPAN = 'Agricultural Products Standards of Japan (農産物規格規程)'
const untranslated = (source: string): YieldBasis['source'] => ({ en: source, ja: source })

const rows: readonly Row[] = [
  {
    crops: ['rice'],
    country: 'JP',
    form: 'brown-rice',
    moisturePct: 15,
    // the share is common practice, unconfirmed; a measured one replaces it
    rough: { moisturePct: 14.5, hullShare: 0.8 },
    source: {
      en: `${JAPAN}, 玄米の検査規格: brown rice of grades 1 to 3 at most 15.0 %; rough rice 14.5 % as in a settlement of JA`,
      ja: '農産物規格規程（玄米の検査規格）：1～3等の水分は15.0%以下。籾14.5%は農協の精算による',
    },
  },
  {
    crops: ['rice'],
    country: null,
    form: 'rough-rice',
    moisturePct: 14,
    rough: { moisturePct: 14, hullShare: 0.8 },
    source: {
      en: 'IRRI: yield of rough rice at 14 % moisture (second-hand)',
      ja: 'IRRI：籾収量は水分14%（二次資料）',
    },
  },
  {
    crops: ['maize'],
    country: null,
    form: 'grain',
    moisturePct: 15.5,
    rough: null,
    source: { en: `${AG442}; crop insurance of the US has 15`, ja: `${AG442}。米国の作物保険は15%` },
  },
  {
    crops: ['soybean'],
    country: 'JP',
    form: 'grain',
    moisturePct: 15,
    rough: null,
    source: {
      en: `${JAPAN}: at most 15 % (second-hand)`,
      ja: '農産物規格規程（大豆の検査規格）：水分15%以下（二次資料）',
    },
  },
  {
    crops: ['soybean'],
    country: null,
    form: 'grain',
    moisturePct: 13,
    rough: null,
    source: untranslated(AG442),
  },
  {
    crops: ['wheat', 'winter-wheat'],
    country: 'JP',
    form: 'grain',
    moisturePct: 12.5,
    rough: null,
    source: {
      en: `${JAPAN}: at most 12.5 %; unconfirmed`,
      ja: '農産物規格規程（小麦の検査規格）：水分12.5%以下（未確認）',
    },
  },
  {
    crops: ['wheat', 'winter-wheat'],
    country: null,
    form: 'grain',
    moisturePct: 13.5,
    rough: null,
    source: untranslated(AG442),
  },
]

const asWeighed: YieldBasis = {
  form: 'fresh',
  moisturePct: null,
  rough: null,
  source: { en: 'as weighed', ja: '計量時の重さ' },
}

/** The yield basis of a crop; the country follows from the farm's time zone. */
export function basisOf(crop: string, timeZone: string): YieldBasis {
  const country = timeZone === 'Asia/Tokyo' ? 'JP' : null
  const cropRows = rows.filter(({ crops }) => crops.includes(crop))
  return (
    cropRows.find((row) => row.country === country) ??
    cropRows.find((row) => row.country === null) ??
    asWeighed
  )
}

/** Forms in which a load of this crop may be entered. */
export const loadFormsOf = (crop: string): readonly LoadForm[] =>
  crop === 'rice' ? ['rough-rice', 'brown-rice'] : [basisOf(crop, 'UTC').form]
