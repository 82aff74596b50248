/**
 * Generic infection model for foliar fungi, from cardinal temperatures and the wetness requirement at the optimum:
 * Magarey, Sutton & Russo (2005), Phytopathology 95:92.
 */
import type { Model } from './model.ts'
import { longestPeriod } from './wet-periods.ts'

export interface GenericInfection {
  tempMinC: number
  tempOptC: number
  tempMaxC: number
  wetMinH: number // at the optimum temperature
  wetMaxH: number // no infection above this requirement
}

/** Hours of wetness required for an infection, W = Wmin / f(T); null beyond the cardinal temperatures. Eq. 1-2. */
export function infectionWetHours(params: GenericInfection, tempC: number): number | null {
  const { tempMinC: Tmin, tempOptC: Topt, tempMaxC: Tmax } = params
  if (!(tempC > Tmin && tempC < Tmax)) return null
  const fT =
    ((Tmax - tempC) / (Tmax - Topt)) * ((tempC - Tmin) / (Topt - Tmin)) ** ((Topt - Tmin) / (Tmax - Topt))
  // close to a cardinal temperature f(T) may round to 0: no wetness suffices
  const wetH = params.wetMinH / fT
  return Number.isFinite(wetH) ? wetH : null
}

export const genericInfection: Model<GenericInfection & { partingDryH: number }> = {
  unit: 'h',
  needsLeafWetness: true,
  daysBack: 0,
  figures: (day, { partingDryH }) => longestPeriod(day, partingDryH),
  assess({ wetH, wetC }, _past, params) {
    const W = wetC === null ? null : infectionWetHours(params, wetC!)
    const needH = W !== null && W <= params.wetMaxH ? W : null
    const isInfection = needH !== null && wetH! >= needH
    return {
      level: isInfection ? 'high' : 'low',
      value: wetH!,
      key: isInfection ? 'infection-yes' : needH === null ? 'infection-temperature' : 'infection-too-short',
      params: { needH: needH === null ? null : Math.round(needH * 10) / 10 },
    }
  },
}
