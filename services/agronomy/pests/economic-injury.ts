/**
 * From what number of insects on a treatment pays for itself: the economic injury level, in the unit in which they are
 * counted (a trap, a plant). Pedigo, Hutchins & Higley (1986), Annu. Rev. Entomol. 31:341-368: EIL = C / (V I D K).
 */

/** Null: unknown. */
export interface EconomicFigures {
  costPerHa: number | null // C, of one treatment with its work
  valuePerT: number | null // V, what a tonne of the crop brings
  injuryPerCount: number | null // I, units of injury on a hectare for each insect counted
  lossPerInjury: number | null // D, t/ha that a unit of injury takes
  shareSaved: number | null // K, share of the loss that the treatment saves, 0-1
}

export const economicKeys = [
  'costPerHa',
  'valuePerT',
  'injuryPerCount',
  'lossPerInjury',
  'shareSaved',
] as const satisfies readonly (keyof EconomicFigures)[]

/**
 * Treatment takes days to be made, and they multiply: acting at so much of the level is the usual advice, 75 to 80 %.
 * Unconfirmed for a pest.
 */
export const ACTION_SHARE = 0.75

/** What is missing, by name: without one of them nothing is known of the level. Else the level, above 0. */
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
