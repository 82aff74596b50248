/**
 * Fits the balance to one field by its measured profiles: field capacity is that of the wettest profile, and the
 * factor on the table's Kcb is the one that brings the balance closest to the others. Fields of one crop and season
 * share their information on the crop.
 */
import type { Crop } from '../../../services/agronomy/crops/crop.ts'
import { medianOf, robustSd } from '../../../services/agronomy/math.ts'
import { sumBy } from '../../../services/runtime/math.ts'
import {
  profileDay,
  profileDepletionMm,
  profileState,
  type ProfileDay,
  type ProfileSoil,
  type ProfileState,
} from './root-zone.ts'

/** A measured profile: the water from the surface to a depth, mm. */
export interface Visit {
  age: number // days since planting
  waterMm: (toM: number) => number
}

export interface MeasuredField {
  crop: Crop
  soil: ProfileSoil // by its texture
  dayOf: (age: number) => ProfileDay
  visits: readonly Visit[] // in order
}

export interface FieldFit {
  soil: ProfileSoil
  kcbScale: number // Kcb of this field relative to the table's
}

interface Prior {
  mean: number
  sd: number
}

/** Kcb of a field relative to the table's, before any measurement: another variety, another place. Unconfirmed. */
const KCB_PRIOR: Prior = { mean: 1, sd: 0.25 }
const MIN_KCB_SD = 0.05 // lower bound: fields may agree by chance
const MIN_FIELDS = 3 // minimum to estimate their distribution
const MIN_VISITS = 3
// of a profile's water: the count of the probe, one tube per plot, with a correct balance. Unconfirmed
const VISIT_SD_MM = 8

/** Fits every field of one crop and season; null for a field with too few visits. */
export function calibrateFields(fields: readonly MeasuredField[]): (FieldFit | null)[] {
  const alone = fields.map((field) => calibrateField(field, KCB_PRIOR))
  const scales = alone.filter((fit) => fit !== null).map((fit) => fit.kcbScale)
  if (scales.length < MIN_FIELDS) return alone
  const usual = { mean: medianOf(scales), sd: Math.max(MIN_KCB_SD, robustSd(scales)) }
  return fields.map((field) => calibrateField(field, usual))
}

/** The soil's limits and the factor on Kcb that fit a field's visits best; null with too few visits. */
export function calibrateField(field: MeasuredField, kcb: Prior = KCB_PRIOR): FieldFit | null {
  const [first, ...later] = field.visits
  if (!first || field.visits.length < MIN_VISITS) return null
  const soil = wettestSoil(field)
  const ages = later.map(({ age }) => age)
  const unlikely = (kcbScale: number): number => {
    const errors = depletions(first, field, { soil, kcbScale }, ages).map(
      (mm, i) => mm - measuredDepletionMm(later[i]!, field.crop, soil),
    )
    return sumOfSquares(errors) / VISIT_SD_MM ** 2 + ((kcbScale - kcb.mean) / kcb.sd) ** 2
  }
  return { soil, kcbScale: leastOf(unlikely, 0.3, 1.7) }
}

/**
 * Depletion of the profile down to the maximum rooting depth at each of these ages, mm: brought forward from one
 * visit on weather and irrigation alone.
 */
export function depletions(
  from: Visit,
  field: Pick<MeasuredField, 'crop' | 'dayOf'>,
  { soil, kcbScale }: FieldFit,
  ages: readonly number[],
): number[] {
  const { crop } = field
  let state: ProfileState = profileState(from.waterMm, soil, crop, from.age)
  let { age } = from
  return ages.map((until) => {
    for (; age < until; age++) state = profileDay(state, field.dayOf(age + 1), soil, crop, age + 1, kcbScale)
    return profileDepletionMm(state)
  })
}

/** Depletion of a measured profile down to the maximum rooting depth, mm. */
export const measuredDepletionMm = (visit: Visit, crop: Crop, soil: ProfileSoil): number =>
  1000 * soil.fieldCapacity * crop.rootMaxM - visit.waterMm(crop.rootMaxM)

/** Field capacity is the water found in the soil days after rain or irrigation. */
function wettestSoil({ crop, soil, visits }: MeasuredField): ProfileSoil {
  const wettest = Math.max(...visits.map((visit) => visit.waterMm(crop.rootMaxM)))
  return {
    ...soil,
    fieldCapacity: Math.max(wettest / (1000 * crop.rootMaxM), soil.wiltingPoint + MIN_AVAILABLE),
  }
}
const MIN_AVAILABLE = 0.03 // m³/m³ between the two limits, whatever the measurements

const GOLDEN = (Math.sqrt(5) - 1) / 2
const CLOSE = 1e-3

/** Minimum of a unimodal function between two bounds. Golden section (Kiefer 1953). */
function leastOf(valueOf: (x: number) => number, lo: number, hi: number): number {
  let [left, right] = [hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo)]
  let [atLeft, atRight] = [valueOf(left), valueOf(right)]
  while (hi - lo > CLOSE) {
    if (atLeft < atRight) {
      ;[hi, right, atRight] = [right, left, atLeft]
      left = hi - GOLDEN * (hi - lo)
      atLeft = valueOf(left)
    } else {
      ;[lo, left, atLeft] = [left, right, atRight]
      right = lo + GOLDEN * (hi - lo)
      atRight = valueOf(right)
    }
  }
  return (lo + hi) / 2
}

const sumOfSquares = (values: readonly number[]): number => sumBy(values, (value) => value * value)
