/**
 * Yield from weighed loads: clean mass, at a stated moisture (UF/IFAS AG442), rough rice hulled. A load that cannot be
 * converted is unknown, and so is every sum it is part of.
 */
import type { HarvestLoadRow, LoadForm } from '../../tables.ts'
import type { YieldBasis } from './yield-bases.ts'

/** Decimals to which a settlement rounds intermediate values; absent: no rounding. */
export interface Rounding {
  coefficientPct?: number
  kg?: number
}

/**
 * Mass at another moisture at constant dry matter: kg × (100 − m) / (100 − base). AG442, both in per cent, wet basis.
 */
export function atMoisture(kg: number, fromPct: number, toPct: number, rounding: Rounding = {}): number {
  const coefficientPct = rounded((100 * (100 - fromPct)) / (100 - toPct), rounding.coefficientPct)
  return rounded((kg * coefficientPct) / 100, rounding.kg)
}

/** Brown rice from dried rough rice. Hulling changes no moisture. */
export const hulledKg = (roughKg: number, hullShare: number, rounding: Rounding = {}): number =>
  rounded(roughKg * hullShare, rounding.kg)

/** Why a load cannot be converted to the basis. */
export type Lacking = 'moisture' | 'foreign' | 'form'
export type Weighed = Pick<HarvestLoadRow, 'form' | 'grossKg' | 'moisturePct' | 'foreignPct' | 'grade'>
export type StandardMass = { kg: number } | { missing: Lacking }

/** One load on the basis. `hullShare`: measured; null: as the basis states. */
export function standardLoad(load: Weighed, basis: YieldBasis, hullShare: number | null): StandardMass {
  // fresh produce is weighed as it is sold: nobody measures what is foreign in it
  const foreignPct = load.foreignPct ?? (basis.moisturePct === null ? 0 : null)
  if (foreignPct === null) return { missing: 'foreign' }
  const kg = load.grossKg * (1 - foreignPct / 100)
  if (basis.moisturePct === null) return load.form === basis.form ? { kg } : { missing: 'form' }
  if (load.moisturePct === null) return { missing: 'moisture' }
  return onBasis(kg, load.form, load.moisturePct, basis, hullShare)
}

/** Converts a clean mass of a stated form and moisture to the basis. */
export function onBasis(
  kg: number,
  form: LoadForm,
  moisturePct: number,
  basis: YieldBasis,
  hullShare: number | null,
): StandardMass {
  if (basis.moisturePct === null) return { missing: 'form' }
  if (form === basis.form) return { kg: atMoisture(kg, moisturePct, basis.moisturePct) }
  if (basis.rough === null) return { missing: 'form' }
  const { rough } = basis
  const share = hullShare ?? rough.hullShare
  if (form === 'rough-rice' && basis.form === 'brown-rice') {
    const brownKg = hulledKg(atMoisture(kg, moisturePct, rough.moisturePct), share)
    return { kg: atMoisture(brownKg, rough.moisturePct, basis.moisturePct) }
  }
  if (form === 'brown-rice' && basis.form === 'rough-rice')
    return { kg: atMoisture(kg, moisturePct, basis.moisturePct) / share }
  return { missing: 'form' }
}

export interface LoadsYield {
  kg: number | null // null: a load cannot be converted
  lowKg: number | null // low grade, not part of the yield
  lacking: Partial<Record<Lacking, number>> // loads
}

/** The total of a season's loads; unknown without loads. */
export function loadsYield(
  loads: readonly Weighed[],
  basis: YieldBasis,
  hullShare: number | null,
): LoadsYield {
  const lacking: LoadsYield['lacking'] = {}
  const sum = (weighed: readonly Weighed[]): number | null => {
    let total: number | null = 0
    for (const load of weighed) {
      const standard = standardLoad(load, basis, hullShare)
      if ('missing' in standard) {
        lacking[standard.missing] = (lacking[standard.missing] ?? 0) + 1
        total = null
      } else if (total !== null) total += standard.kg
    }
    return total
  }
  const usableLoads = loads.filter(({ grade }) => grade !== 'low')
  const lowKg = sum(loads.filter(({ grade }) => grade === 'low'))
  return { kg: loads.length === 0 ? null : sum(usableLoads), lowKg, lacking }
}

/** Yield of several areas: total mass over total area, not the mean of means. Null without a known part. */
export function areaWeighted(parts: readonly { amount: number | null; areaM2: number }[]): number | null {
  const knownParts = parts.filter(({ amount }) => amount !== null)
  const areaM2 = knownParts.reduce((total, part) => total + part.areaM2, 0)
  return areaM2 > 0 ? (10_000 * knownParts.reduce((total, { amount }) => total + amount!, 0)) / areaM2 : null
}

const rounded = (value: number, decimals: number | undefined): number =>
  decimals === undefined ? value : Number(value.toFixed(decimals))
