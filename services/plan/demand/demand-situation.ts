/** The situation of a field as the decision's model takes it: days ahead, weather courses, water and system. */
import { tewMm } from '../../agronomy/water/dual-kc.ts'
import { rootDepthM } from '../../agronomy/crops/growth.ts'
import { soilOf } from '../../agronomy/water/soils.ts'
import { daysAhead } from '../../irrigation-model/days-ahead.ts'
import { daysAheadOf, waterNow } from '../../irrigation-model/field-outlook.ts'
import type { Situation } from '../../irrigation-model/demand.ts'
import type { Rule } from '../../irrigation-model/rollout.ts'
import { drawCourses, membersWithCourses } from './forecast-courses.ts'
import type { DemandBasis, FieldDemandInput } from './demand-basis.ts'

/** The evaporating layer where the state has no outlook, m. FAO-56 Table 19 */
const LAYER_M = 0.1

/** `rule`: by which later irrigations are decided. */
export function situationOf(x: FieldDemandInput, basis: DemandBasis, rule: Rule): Situation {
  const { crop, response, waterValue, agesD, tawMm, rootsM, outlook, today } = basis
  const storeMm = (toM: number): number => (tawMm * toM) / rootsM
  const surface = tableSurface(basis.texture)
  const days = outlook
    ? daysAheadOf(outlook, { crop, response, agesD, storeMm, daysSoFar: basis.daysSoFar })
    : daysAhead({
        crop,
        response,
        agesD,
        storeMm,
        daysSoFar: basis.daysSoFar,
        ...surface,
        use: 1,
        rootDepthM: (age) => Math.max(rootsM, Math.min(rootDepthM(crop, age), basis.soilDepthM ?? Infinity)),
      })
  return {
    days,
    members: membersWithCourses(drawCourses(x).courses, { ...basis, today, count: days.count }),
    now: {
      ...(outlook ? waterNow(outlook) : { sdMm: basis.sdMm, surfaceMm: surface.tewMm / 2, belowMm: 0 }),
      depletionMm: x.state.depletionMm!,
    },
    rule,
    system: {
      efficiency: basis.efficiency,
      maxMm: basis.mostMm,
      minMm: basis.leastMm,
      wettedFraction: basis.wettedFraction,
    },
    waterValue,
    p: basis.isValueAssumed ? crop.p : null,
  }
}

/** The evaporating layer of a texture, where the state has no outlook. */
function tableSurface(texture: string): { tewMm: number; rewMm: number } {
  const soil = soilOf(texture)
  const tew = soil ? tewMm(soil, LAYER_M) : 20
  return { tewMm: tew, rewMm: Math.min(soil?.rewMm ?? 9, 0.9 * tew) }
}
