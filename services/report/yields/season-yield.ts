/** The yield of one season: the sum of its loads where there are loads, else what was entered. */
import type { HarvestLoadRow, SeasonRow } from '../../tables.ts'
import { basisText, readBasis, type Lang } from '../formats/basis-text.ts'
import { basisOf, type YieldBasis } from './yield-bases.ts'
import { loadsYield, onBasis, type Lacking } from './yield.ts'

/** Null is unknown, never 0. */
export interface SeasonYield {
  from: 'loads' | 'entered' | null
  basis: YieldBasis // of the crop where the farm is
  kg: number | null // on the base
  lowKg: number | null // of low grade, apart
  loads: number | null // null: withheld
  lacking: Partial<Record<Lacking | 'basis', number>> // loads that cannot be brought to the base; basis: the entered one
  sieveMm: number | null // where all that was weighed names one and the same
  areaM2: number // harvested
  hullShare: number | null // measured
  entered: { kg: number; basis: string } | null // what stands in the season's own row, where it counts
}

type Season = Pick<SeasonRow, 'crop' | 'yieldKg' | 'yieldBasis' | 'harvestedM2' | 'hullShare'>

/** `loads` may hold voided ones: they count for nothing. */
export function seasonYield(
  season: Season,
  place: { areaM2: number; timeZone: string },
  loads: readonly HarvestLoadRow[],
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

/** The yield as a row of a table states it, with its base in words: an entered one as it was entered. */
export function statedYield(of: SeasonYield, lang: Lang): { kg: number | null; basis: string | null } {
  if (of.entered) return of.entered
  return { kg: of.kg, basis: of.from === null ? null : basisText(of.basis, of.sieveMm, lang) }
}

function commonSieveMm(loads: readonly HarvestLoadRow[]): number | null {
  const sieves = new Set(loads.filter(({ grade }) => grade !== 'low').map(({ sieveMm }) => sieveMm))
  return sieves.size === 1 ? [...sieves][0]! : null
}
