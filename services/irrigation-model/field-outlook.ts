/**
 * A field as its decision sees it: what its water estimate knows today, by the mean and by some of its members, and
 * the rest of its season. Shared by the farm's plan, which reads it from the stored state, and `npm run decide`.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { isOrderWithheld } from './arrival.ts'
import { expectedD } from './crop-clock.ts'
import type { CropGrowth } from './crop-growth.ts'
import type { CropResponse } from './crop-response.ts'
import { daysAhead, type DaysAhead } from './days-ahead.ts'
import { deficitBetween, meanMember, membersOf, rootDepthOf } from './ensemble-members.ts'
import { hasProbes } from './field-ensemble.ts'
import { driestMm } from './field-sensors.ts'
import { rootDepthsOf, type FieldSite, type FieldWater } from './field-water.ts'
import type { FieldAhead, WaterNow } from './rollout.ts'
import { saltEffectOf } from './salt/salt-balance.ts'
import { MEMBERS } from './weather-ahead.ts'

export interface FieldOutlook {
  /** days of Table 11 that pass on a day ahead */
  paceD: number
  /** the mean of the members; of a field without a probe as likely exceeded as not */
  depletionMm: number
  /** by which the mean of the members is drier */
  meanDrierMm: number
  sdMm: number
  surfaceMm: number
  /** of the evaporating layer, and of its skin from which water evaporates freely, mm */
  tewMm: number
  rewMm: number
  /** depletion of the soil that the roots will reach */
  belowMm: number
  /** the roots of the days ahead: depth relative to the expected, days behind it, and where the soil ends, m */
  deep: number
  late: number
  bottomM: number
  /** capacity of the drained soil of the one between the entered limits (`usedShare`) */
  heldShare: number
  ripe: number
  use: number
  cover: number
  growth: CropGrowth
  salt: {
    /** ECe of the roots, measured and carried forward, dS/m; null: not measured */
    ecDsM: number | null
    waterEcDsM: number | null
    /** leaching that past irrigations lack, net mm */
    dueMm: number
  }
  /** runs in a row whose water did not arrive, so that the next order waits; 0: none waits */
  withheldAfterRuns: number
  /** depletion that the probes show when all within the roots have read the wilting point for days, mm; null: they do not */
  wiltingMm: number | null
  members: FieldAhead[]
}

/** The outlook of a field's water: its means, and one of every few members. */
export function fieldOutlook(
  water: FieldWater,
  { crop, surface, waterEcDsM }: Pick<FieldSite, 'crop' | 'surface' | 'waterEcDsM'>,
): FieldOutlook {
  const { ensemble, ageD, growth, rootDepthAt, salt, arrival } = water
  const saltKs = saltEffectOf(crop, salt, waterEcDsM).ks
  const mean = meanMember(ensemble, water)
  const fields = membersOf(ensemble, water)
  const { late, deep } = mean
  // water that drains from a wet member does not reach a dry one: without readings their mean is drier than the field is likely to be
  const depletionMm = hasProbes(ensemble) ? mean.depletionMm : mean.likelyMm
  const rootM = (atD: number): number => rootDepthOf(rootDepthAt, ensemble.layers, { ageD: atD, late, deep })
  return {
    paceD: expectedD(water),
    depletionMm,
    meanDrierMm: mean.depletionMm - depletionMm,
    sdMm: mean.sdMm,
    surfaceMm: mean.surfaceMm,
    tewMm: surface.tewMm,
    rewMm: surface.rewMm,
    belowMm: deficitBetween(ensemble, rootM(ageD), rootM(Infinity)),
    deep,
    late,
    bottomM: ensemble.layers.at(-1)!.toM,
    heldShare: mean.heldShare,
    ripe: mean.ripe,
    use: mean.use * saltKs,
    cover: mean.cover,
    growth,
    salt: { ecDsM: salt.ecDsM, waterEcDsM, dueMm: salt.dueMm },
    withheldAfterRuns: isOrderWithheld(arrival) ? arrival.missedRuns : 0,
    wiltingMm: water.wiltingDays >= WILTING_DAYS ? driestMm(water) : null,
    members: Array.from({ length: MEMBERS }, (_, m) => {
      const field = fields[Math.floor((m * fields.length) / MEMBERS)]!
      return {
        drierMm: field.depletionMm - depletionMm,
        tawShare: field.tawMm / mean.tawMm,
        heldShare: field.heldShare,
        use: field.use * saltKs,
        late: field.late,
        ripe: field.ripe,
        cover: field.cover,
        tolerance: field.tolerance,
      }
    }),
  }
}

const WILTING_DAYS = 3
/** Of the highest Ky of the phases. */
const SENSITIVE = 0.95

/** The depletion that the probes show, mm, in a sensitive phase: then water is due, whatever the estimate. Null: it is not. */
export const probesDryMm = (
  { wiltingMm }: Pick<FieldOutlook, 'wiltingMm'>,
  { ky }: CropResponse,
  phase: 0 | 1 | 2 | 3,
): number | null => (ky[phase] >= SENSITIVE * Math.max(...ky) ? wiltingMm : null)

/** Today's water, for a decision. */
export const waterNow = ({
  depletionMm,
  sdMm,
  surfaceMm,
  belowMm,
}: FieldOutlook): WaterNow & { sdMm: number } => ({
  depletionMm,
  sdMm,
  surfaceMm,
  belowMm,
})

/** The field of weather member `m`. */
export const fieldOfMember = ({ members }: FieldOutlook, m: number): FieldAhead => members[m]!

/** The days ahead with the crop as estimated. `agesD`: the age at the end of each day, in days of Table 11. */
export function daysAheadOf(
  outlook: FieldOutlook,
  x: {
    crop: Crop
    response: CropResponse
    agesD: readonly number[]
    storeMm: (toM: number) => number
    fullHarvest?: number
    daysSoFar?: number
  },
): DaysAhead {
  const { crop, response, agesD, storeMm, fullHarvest, daysSoFar } = x
  const { tewMm, rewMm, deep, late, bottomM, heldShare, use, ripe, cover, growth } = outlook
  const rootDepthAt = rootDepthsOf(crop, response)
  return daysAhead({
    crop,
    response,
    agesD,
    storeMm,
    rootDepthM: (ageD) => rootDepthOf(rootDepthAt, [{ toM: bottomM }], { ageD, late, deep }),
    heldShare,
    tewMm,
    rewMm,
    use,
    late,
    ripe,
    cover,
    growth,
    ...(fullHarvest === undefined ? {} : { fullHarvest }),
    ...(daysSoFar === undefined ? {} : { daysSoFar }),
  })
}
