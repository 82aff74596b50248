/**
 * The number of insects from which a treatment pays for itself: the economic injury level, in the unit in which they
 * are counted (per trap, per plant). Pedigo, Hutchins & Higley (1986), Annu. Rev. Entomol. 31:341-368: EIL = C / (V I
 * D K).
 */

/** Null: unknown. */
export interface EconomicFigures {
  costPerHa: number | null // C, of one treatment including labour
  valuePerT: number | null // V, price of a tonne of the crop
  injuryPerCount: number | null // I, units of injury on a hectare per counted insect
  lossPerInjury: number | null // D, yield loss per unit of injury, t/ha
  shareSaved: number | null // K, share of the loss that the treatment prevents, 0-1
}

export const economicKeys = [
  'costPerHa',
  'valuePerT',
  'injuryPerCount',
  'lossPerInjury',
  'shareSaved',
] as const satisfies readonly (keyof EconomicFigures)[]

/**
 * A treatment takes days to prepare while insects multiply: the usual advice is to act at 75 to 80 % of the level.
 * Unconfirmed for a pest.
 */
export const ACTION_SHARE = 0.75

/** The names of missing inputs: without one of them the level is unknown. Otherwise the level, above 0. */
export function economicInjuryLevel(x: EconomicFigures): { level: number } | { missing: string[] } {
  const missing = economicKeys.filter((key) => x[key] === null)
  if (missing.length > 0) return { missing }
  for (const key of economicKeys)
    if (!(x[key]! > 0 && Number.isFinite(x[key]!))) throw new RangeError(`${key}: above 0, got ${x[key]}`)
  if (x.shareSaved! > 1) throw new RangeError(`shareSaved: at most 1, got ${x.shareSaved}`)
  const C = x.costPerHa!
  const V = x.valuePerT!
  const I = x.injuryPerCount!
  const D = x.lossPerInjury!
  const K = x.shareSaved!
  return { level: C / (V * I * D * K) }
}
