/**
 * Water of the last 12 months by product and member, as the SPRING add-on of GLOBALG.A.P. requires: m³/ha for each
 * member and the producer group, and the metered share. Pure. Null is unknown, never 0.
 */
import type { Day } from '../../../broker/contract/time.ts'
import { groupBy } from '../../runtime/group-by.ts'
import { sum } from '../../runtime/math.ts'

/** A crop on a field, from planting on; `lastDay` null: still growing. */
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
  recordedFrom: Day | null // since when its runs are recorded; null: not recorded, or no run
  crops: readonly GrownCrop[]
  runs: readonly SpringRun[] // of the 12 months
}

export interface SpringLine {
  memberCode: string | null
  member: string | null // null: the producer group
  product: string | null // a crop; null: water applied while no crop grew
  fields: number
  areaM2: number
  knownM2: number // area with known water
  m3: number | null // known volumes only
  m3Ha: number | null // per area with known water
  meteredShare: number | null // of m3, 0-1
  runs: number
  runsWithoutVolume: number
}

/** The contribution of one field to one product. */
interface FieldProduct extends Pick<SpringField, 'farmId' | 'memberCode' | 'member' | 'areaM2'> {
  product: string | null
  isKnown: boolean
  runs: SpringRun[]
}

/** Members in the order of the fields, each with its products by name; then the group, product by product. */
export function springWater(fields: readonly SpringField[], fromDay: Day): SpringLine[] {
  const parts = fields.flatMap((field) => fieldProducts(field, fromDay))
  const byProduct = (rows: readonly FieldProduct[]) =>
    [...groupBy(rows, ({ product }) => product)].sort(([a], [b]) =>
      (a ?? '\uffff') < (b ?? '\uffff') ? -1 : 1,
    )
  const members = [...groupBy(parts, ({ farmId }) => farmId).values()].flatMap((memberParts) =>
    byProduct(memberParts).map(([, productParts]) => springLine(productParts, memberParts[0]!)),
  )
  return [...members, ...byProduct(parts).map(([, productParts]) => springLine(productParts, null))]
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
  // a product harvested before recording started is not rain-fed, its water is unknown
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

function productOn({ crops }: SpringField, day: Day): string | null {
  return (
    crops.find(({ plantedDay, lastDay }) => day >= plantedDay && (lastDay === null || day <= lastDay))
      ?.crop ?? null
  )
}

function springLine(parts: readonly FieldProduct[], whose: FieldProduct | null): SpringLine {
  const runs = parts.flatMap((part) => part.runs)
  const withVolume = runs.filter(({ litres }) => litres !== null)
  const litres = sum(withVolume.map((run) => run.litres!))
  // a field whose runs all lack a volume has unknown water
  const withWater = parts.filter((part) => part.isKnown && !hasNoVolume(part))
  const knownM2 = sum(withWater.map(({ areaM2 }) => areaM2))
  const m3 = withWater.length === 0 ? null : litres / 1000
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
      litres > 0
        ? sum(withVolume.filter(({ isMetered }) => isMetered).map((run) => run.litres!)) / litres
        : null,
    runs: runs.length,
    runsWithoutVolume: runs.length - withVolume.length,
  }
}

const hasNoVolume = ({ runs }: FieldProduct): boolean =>
  runs.length > 0 && runs.every(({ litres }) => litres === null)
