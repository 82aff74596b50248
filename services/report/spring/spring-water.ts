/**
 * Water of the last 12 months by product and member, as the SPRING add-on of GLOBALG.A.P. asks for: m³/ha, for each member
 * and for the producer group, and which part of it was metered. Pure. Null is unknown, never 0.
 */
import type { Day } from '../../../broker/contract/time.ts'
import { groupBy } from '../../runtime/group-by.ts'

/** What grew on a field, from planting on; `lastDay` null: it still grows. */
export interface GrownCrop {
  crop: string
  plantedDay: Day
  lastDay: Day | null
}
export interface SpringRun {
  day: Day
  litres: number | null // null: unknown
  isMetered: boolean
}
export interface SpringField {
  farmId: string
  memberCode: string | null
  member: string
  areaM2: number
  recordedFrom: Day | null // since when its runs are written down; null: they are not, or nothing ran
  crops: readonly GrownCrop[]
  runs: readonly SpringRun[] // of the 12 months
}

export interface SpringLine {
  memberCode: string | null
  member: string | null // null: the producer group
  product: string | null // a crop; null: water that was given while nothing grew
  fields: number
  areaM2: number
  knownM2: number // of it the water is known
  m3: number | null // known volumes only
  m3Ha: number | null // by the area of which it is known
  meteredShare: number | null // of m3, 0-1
  runs: number
  runsWithoutVolume: number
}

/** What one field brings to one product. */
interface FieldProduct extends Pick<SpringField, 'farmId' | 'memberCode' | 'member' | 'areaM2'> {
  product: string | null
  isKnown: boolean
  runs: SpringRun[]
}

/** Members in the order of the fields, each with its products by name; then the group, product by product. */
export function springWater(fields: readonly SpringField[], fromDay: Day): SpringLine[] {
  const parts = fields.flatMap((field) => fieldProducts(field, fromDay))
  const byProduct = (some: readonly FieldProduct[]) =>
    [...groupBy(some, ({ product }) => product)].sort(([a], [b]) =>
      (a ?? '\uffff') < (b ?? '\uffff') ? -1 : 1,
    )
  const members = [...groupBy(parts, ({ farmId }) => farmId).values()].flatMap((own) =>
    byProduct(own).map(([, some]) => springLine(some, own[0]!)),
  )
  return [...members, ...byProduct(parts).map(([, some]) => springLine(some, null))]
}

function fieldProducts(field: SpringField, fromDay: Day): FieldProduct[] {
  const crops = [
    ...new Set(
      field.crops.filter(({ lastDay }) => lastDay === null || lastDay >= fromDay).map(({ crop }) => crop),
    ),
  ]
  const { farmId, memberCode, member, areaM2, recordedFrom: writtenFrom } = field
  const runsOf = groupBy(field.runs, ({ day }) => productOn(field, day))
  const products = [...crops, ...(runsOf.has(null) ? [null] : [])]
  // what was harvested before its water was written down is no dry product
  const isKnown = (product: string | null): boolean =>
    writtenFrom !== null &&
    (product === null ||
      field.crops.some(
        ({ crop, lastDay }) => crop === product && (lastDay === null || lastDay >= writtenFrom),
      ))
  return products.map((product) => ({
    farmId,
    memberCode,
    member,
    areaM2,
    isKnown: isKnown(product),
    product,
    runs: runsOf.get(product) ?? [],
  }))
}

function productOn({ crops: grown }: SpringField, day: Day): string | null {
  return (
    grown.find(({ plantedDay, lastDay }) => day >= plantedDay && (lastDay === null || day <= lastDay))
      ?.crop ?? null
  )
}

function springLine(parts: readonly FieldProduct[], whose: FieldProduct | null): SpringLine {
  const runs = parts.flatMap((part) => part.runs)
  const known = runs.filter(({ litres }) => litres !== null)
  const litres = sum(known.map((run) => run.litres!))
  // a field of which no run has a volume says nothing of its water
  const told = parts.filter((part) => part.isKnown && !hasNoVolume(part))
  const knownM2 = sum(told.map(({ areaM2 }) => areaM2))
  const m3 = told.length === 0 ? null : litres / 1000
  return {
    memberCode: whose?.memberCode ?? null,
    member: whose?.member ?? null,
    product: parts[0]!.product,
    fields: parts.length,
    areaM2: sum(parts.map(({ areaM2 }) => areaM2)),
    knownM2,
    m3,
    m3Ha: m3 === null || knownM2 === 0 ? null : (10_000 * m3) / knownM2,
    meteredShare:
      litres > 0 ? sum(known.filter(({ isMetered }) => isMetered).map((run) => run.litres!)) / litres : null,
    runs: runs.length,
    runsWithoutVolume: runs.length - known.length,
  }
}

const hasNoVolume = ({ runs }: FieldProduct): boolean =>
  runs.length > 0 && runs.every(({ litres }) => litres === null)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
