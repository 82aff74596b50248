/** The yield of one season: the sum of its loads, otherwise the entered yield. */
import type { HarvestLoadRow, SeasonRow } from '../../tables.ts'
import { basisOf, type YieldBasis } from './yield-bases.ts'
import { loadsYield, onBasis, type Lacking, type Weighed } from './standard-mass.ts'
import { readBasis } from './entered-basis.ts'

/** Null is unknown, never 0. */
export interface SeasonYield {
  from: 'loads' | 'entered' | null
  basis: YieldBasis // of the crop in the farm's country
  kg: number | null // on the basis
  lowKg: number | null // low grade, not part of the yield
  loads: number | null // null: withheld
  lacking: Partial<Record<Lacking | 'basis', number>> // loads that cannot be converted to the basis; basis: an entered yield
  sieveMm: number | null // when all loads name the same sieve
  areaM2: number // harvested
  hullShare: number | null // measured
  entered: { kg: number; basis: string } | null // from the season's own row, when it is used
}

type Season = Pick<SeasonRow, 'crop' | 'yieldKg' | 'yieldBasis' | 'harvestedM2' | 'hullShare'>

/** What a load adds to the yield of its season. */
export type SeasonLoad = Weighed & Pick<HarvestLoadRow, 'sieveMm' | 'voidedAtMs'>

/** `loads` may include voided ones, which are ignored. */
export function seasonYield(
  season: Season,
  place: { areaM2: number; timeZone: string },
  loads: readonly SeasonLoad[],
): SeasonYield {
  const basis = basisOf(season.crop, place.timeZone)
  const hullShare = season.hullShare ?? null
  const valid = loads.filter(({ voidedAtMs }) => voidedAtMs === null)
  const base = { basis, hullShare, areaM2: season.harvestedM2 ?? place.areaM2, loads: valid.length }
  if (valid.length > 0) {
    const { kg, lowKg, lacking } = loadsYield(valid, basis, hullShare)
    return { ...base, from: 'loads', kg, lowKg, lacking, sieveMm: commonSieveMm(valid), entered: null }
  }
  if (season.yieldKg === null)
    return { ...base, from: null, kg: null, lowKg: null, lacking: {}, sieveMm: null, entered: null }
  const entered = { kg: season.yieldKg, basis: season.yieldBasis ?? '' }
  const stated = readBasis(entered.basis, season.crop)
  const standard =
    basis.moisturePct === null
      ? { kg: season.yieldKg }
      : stated && onBasis(season.yieldKg, stated.form, stated.moisturePct, basis, hullShare)
  const kg = standard !== null && 'kg' in standard ? standard.kg : null
  return {
    ...base,
    from: 'entered',
    kg,
    lowKg: null,
    lacking: kg === null ? { basis: 1 } : {},
    entered,
    sieveMm: stated?.sieveMm ?? null,
  }
}

function commonSieveMm(loads: readonly SeasonLoad[]): number | null {
  const sieves = new Set(loads.filter(({ grade }) => grade !== 'low').map(({ sieveMm }) => sieveMm))
  return sieves.size === 1 ? [...sieves][0]! : null
}
