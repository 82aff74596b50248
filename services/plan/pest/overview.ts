/** Pests and diseases of every field of an organisation at once, from stored results: no model runs here. */
import { dayOf, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { CooperativeTask } from '../../runtime/cooperative.ts'
import {
  readSprayRecord,
  readTreatmentPlan,
  type DiseaseDayRow,
  type DegreeDayTrackerRow,
  type PestEconomicsRow,
  type TreatmentRow,
} from '../../tables.ts'
import { fieldProposals } from './field-proposals.ts'
import { isSameText, useFor, type Label } from './label.ts'
import type { Proposal } from './proposals.ts'
import { effectiveTreatments, type PestField } from './read-field.ts'
import { preHarvestStatus } from './pre-harvest-interval.ts'
import { datesAfter } from './spray-record.ts'

/** A field with all its proposals. */
export interface FieldThreats {
  fieldId: string
  fieldName: string
  timeZone: string
  today: Day
  proposals: Proposal[]
  watches: DegreeDayTrackerRow[]
  diseaseDays: DiseaseDayRow[]
  economics: PestEconomicsRow[]
  sprays: PastSpray[]
}

/** One spray of this season, and its remaining restrictions. Null is unknown. */
interface PastSpray {
  id: string
  atMs: AtMs
  target: string
  product: string
  isDemo: boolean
  dilution: number | null
  partName: string | null
  isPart: boolean
  phiDays: number | null // of the spray that sets `notBefore`
  notBefore: Day | null // of the harvest, by all sprays of the field; of a part with an interval of its own, by this one
  usesLeft: number | null // of the product, this season, after this spray
  maxUses: number | null
}

/** Fields in their order; yields between two of them. */
export function* listThreats(fields: readonly PestField[], nowMs: AtMs): CooperativeTask<FieldThreats[]> {
  const threats: FieldThreats[] = []
  for (const pestField of fields) {
    threats.push(fieldThreats(pestField, nowMs))
    yield
  }
  return threats
}

function fieldThreats(pestField: PestField, nowMs: AtMs): FieldThreats {
  const { field, farm, trackers, diseaseDays, economics } = pestField
  const today = dayOf(nowMs, farm.timeZone)
  return {
    fieldId: field.id,
    fieldName: field.name,
    timeZone: farm.timeZone,
    today,
    proposals: fieldProposals(pestField, today),
    watches: trackers,
    diseaseDays,
    economics,
    sprays: pestField.treatments
      .filter(({ state }) => state === 'done' || state === 'recorded')
      .map(toPastSpray(pestField, today)),
  }
}

const toPastSpray = (pestField: PestField, today: Day) => {
  const { timeZone } = pestField.farm
  const treatments = effectiveTreatments(pestField)
  const begun = treatments.filter(({ fromMs }) => dayOf(fromMs, timeZone) <= today)
  const ofField = preHarvestStatus(begun, today, timeZone)
  return ({ id, target, productId, fromMs, toMs, plan, record }: TreatmentRow): PastSpray => {
    const sprayRecord = record === null ? null : readSprayRecord(record)
    const { product, dose, part = null } = sprayRecord ?? readTreatmentPlan(plan)
    const { earliestHarvestDay } = datesAfter(product, sprayRecord?.endMs ?? toMs, timeZone)
    const label = pestField.labels.find((candidate) => candidate.product.id === productId)
    const maxUses = label && pestField.season ? maxUsesFor(label, pestField.season.crop, target) : null
    const used = treatments.filter((row) => row.fromMs <= fromMs && isSameProduct(row, product)).length
    const isUnknown = ofField.state === 'unknown'
    const limit =
      readTreatmentPlan(plan).part?.holds === 'part'
        ? { phiDays: product.phiDays, notBefore: earliestHarvestDay }
        : { phiDays: ofField.by?.phiDays ?? null, notBefore: isUnknown ? null : ofField.earliestDay }
    return {
      id,
      atMs: fromMs,
      target,
      product: product.name,
      isDemo: product.isDemo,
      dilution: dose.dilution,
      isPart: part !== null,
      partName: part?.name ?? null,
      ...limit,
      maxUses,
      usesLeft: maxUses === null ? null : Math.max(0, maxUses - used),
    }
  }
}

const maxUsesFor = (label: Label, crop: string, target: string): number | null =>
  useFor(label, crop, target)?.maxPerSeason ?? null

/** A repeated import may give a product another id; its registration stays. */
function isSameProduct(
  row: TreatmentRow,
  pestField: { id: string; country: string; registrationNumber: string },
) {
  const { product } = readTreatmentPlan(row.plan)
  return (
    product.id === pestField.id ||
    (product.country === pestField.country &&
      isSameText(product.registrationNumber, pestField.registrationNumber))
  )
}
