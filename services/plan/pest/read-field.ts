/** The inputs of pest control for one field, from the state store. */
import { addDays, dayOf, DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { fetchAllPages } from '../../runtime/paging.ts'
import type { State } from '../../ports.ts'
import {
  readTreatmentPlan,
  type DiseaseDayRow,
  type FarmRow,
  type FieldRow,
  type DegreeDayTrackerRow,
  type PestEconomicsRow,
  type RunRow,
  type SeasonRow,
  type TreatmentRow,
  type ZoneRow,
} from '../../tables.ts'
import { runEndMs } from '../active-runs.ts'
import { rowsBy } from '../group-rows.ts'
import {
  noEntryWindows,
  isManualValve,
  type RestrictingTreatment,
  type NoEntryWindow,
} from './no-entry-windows.ts'
import { toLabel, type Label } from './label.ts'
import type { SprinklerRun } from './spray-hour.ts'
import type { Application } from './treatment-checks.ts'

/** What the proposals of a field rest on. */
export interface ProposalField {
  field: FieldRow
  farm: FarmRow
  season: SeasonRow | null // current
  trackers: DegreeDayTrackerRow[]
  diseaseDays: DiseaseDayRow[] // of the last fortnight, in order
  treatments: TreatmentRow[] // of the season, in order
  economics: PestEconomicsRow[]
}

export interface PestField extends ProposalField {
  stage: string | null
  zones: ZoneRow[]
  runs: RunRow[] // not ended
  labels: readonly Label[] // available now
}

const DISEASE_DAYS = 14
/** An older risk proposes nothing (proposals.ts). */
const PROPOSAL_DAYS = 5
/** Longer than any restriction of a label. */
const MAX_RESTRICTION_MS = 90 * DAY_MS

/** Null where the organisation has no such field. */
export async function readPestField(
  state: State,
  org: string,
  fieldId: string,
  nowMs: AtMs,
): Promise<PestField | null> {
  const field = await state
    .selectFrom('field')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', fieldId)
    .executeTakeFirst()
  if (!field) return null
  return (await withRows(state, org, [field], await readLabels(state, org), nowMs))[0] ?? null
}

/** All active fields of an organisation. */
export async function readPestFields(state: State, org: string, nowMs: AtMs): Promise<PestField[]> {
  const labels = await readLabels(state, org)
  return readActiveFields(state, org, undefined, (fields) => withRows(state, org, fields, labels, nowMs))
}

/**
 * All active fields of an organisation, or the one with this id, with what decides what is due: without labels, and with
 * the newest disease days only.
 */
export const readProposalFields = (
  state: State,
  org: string,
  nowMs: AtMs,
  fieldId?: string,
): Promise<ProposalField[]> =>
  readActiveFields(state, org, fieldId, (fields) =>
    withProposalRows(state, org, fields, nowMs, PROPOSAL_DAYS),
  )

/** Reads the fields in pages, and of each page what `read` adds. */
async function readActiveFields<T>(
  state: State,
  org: string,
  fieldId: string | undefined,
  read: (fields: readonly FieldRow[]) => Promise<T[]>,
): Promise<T[]> {
  const all: T[] = []
  await fetchAllPages(async (afterId, limit) => {
    const fields = await state
      .selectFrom('field')
      .selectAll()
      .where('org', '=', org)
      .where('endedDay', 'is', null)
      .$if(fieldId !== undefined, (query) => query.where('id', '=', fieldId!))
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(limit)
      .execute()
    all.push(...(await read(fields)))
    return fields
  })
  return all
}

async function readLabels(state: State, org: string): Promise<Label[]> {
  const [products, uses] = await Promise.all([
    state.selectFrom('product').selectAll().where('org', '=', org).orderBy('name').execute(),
    state.selectFrom('productUse').selectAll().where('org', '=', org).execute(),
  ])
  return products.map((product) => toLabel(product, uses))
}

async function withRows(
  state: State,
  org: string,
  fields: readonly FieldRow[],
  labels: readonly Label[],
  nowMs: AtMs,
): Promise<PestField[]> {
  if (fields.length === 0) return []
  const ids = fields.map(({ id }) => id)
  const [proposalFields, states, zones, runs] = await Promise.all([
    withProposalRows(state, org, fields, nowMs, DISEASE_DAYS),
    state.selectFrom('fieldState').select(['fieldId', 'stage']).where('fieldId', 'in', ids).execute(),
    state.selectFrom('zone').selectAll().where('org', '=', org).where('fieldId', 'in', ids).execute(),
    state
      .selectFrom('run')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', 'in', ids)
      .where('state', 'in', ['proposed', 'approved', 'sent', 'running'])
      .execute(),
  ])
  return proposalFields.map((proposalField) => {
    const { id } = proposalField.field
    return {
      ...proposalField,
      stage: rowsBy(states, 'fieldId', id)[0]?.stage ?? null,
      zones: [...rowsBy(zones, 'fieldId', id)],
      runs: [...rowsBy(runs, 'fieldId', id)],
      labels,
    }
  })
}

async function withProposalRows(
  state: State,
  org: string,
  fields: readonly FieldRow[],
  nowMs: AtMs,
  daysBack: number,
): Promise<ProposalField[]> {
  if (fields.length === 0) return []
  const ids = fields.map(({ id }) => id)
  const ofFields = <T extends 'degreeDayTracker' | 'treatment' | 'pestEconomics'>(table: T) =>
    state
      .selectFrom(table as 'degreeDayTracker')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', 'in', ids)
  // no farm's day is earlier
  const earliestDay = addDays(dayOf(nowMs, 'UTC'), -1 - daysBack)
  const [farms, seasons, watches, diseaseDays, treatments, economics] = await Promise.all([
    state.selectFrom('farm').selectAll().where('org', '=', org).execute(),
    state
      .selectFrom('season')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', 'in', ids)
      .orderBy('plantedDay', 'desc')
      .execute(),
    ofFields('degreeDayTracker').orderBy('subject').execute(),
    state
      .selectFrom('diseaseDay')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', 'in', ids)
      .where('day', '>=', earliestDay)
      .orderBy('day')
      .execute(),
    ofFields('treatment').execute() as unknown as Promise<TreatmentRow[]>,
    ofFields('pestEconomics').execute() as unknown as Promise<PestEconomicsRow[]>,
  ])
  return fields.flatMap((field) => {
    const farm = farms.find(({ id }) => id === field.farmId)
    if (!farm) return []
    const today = dayOf(nowMs, farm.timeZone)
    const ofField = <T extends { fieldId: string }>(rows: readonly T[]): readonly T[] =>
      rowsBy(rows as readonly { fieldId: string }[], 'fieldId', field.id) as readonly T[]
    const season = ofField(seasons).find(
      ({ plantedDay, harvestedDay }) =>
        plantedDay <= today && (harvestedDay === null || harvestedDay >= today),
    )
    return [
      {
        field,
        farm,
        season: season ?? null,
        trackers: [...ofField(watches)],
        diseaseDays: ofField(diseaseDays).filter(({ day }) => day >= addDays(today, -DISEASE_DAYS)),
        economics: [...ofField(economics)],
        treatments: ofField(treatments)
          .filter(({ seasonId }) => seasonId === season?.id)
          .toSorted((a, b) => a.fromMs - b.fromMs),
      },
    ]
  })
}

const effectiveStates = new Set<TreatmentRow['state']>(['confirmed', 'done', 'recorded'])
/** Confirmed or completed treatments, which count against a label's limits; drafts and voided ones do not. */
export const effectiveTreatments = ({ treatments }: Pick<PestField, 'treatments'>): TreatmentRow[] =>
  treatments.filter(({ state }) => effectiveStates.has(state))

/** Of this season, earliest first. `exceptId`: the treatment that is being checked, null for a new one. */
export const applications = (pestField: PestField, exceptId: string | null): Application[] =>
  effectiveTreatments(pestField)
    .filter(({ id }) => id !== exceptId)
    .map(({ id, fromMs, toMs, plan }) => {
      const { product } = readTreatmentPlan(plan)
      return { id, fromMs, toMs, product, ingredients: product.ingredients }
    })

/** Sprinkler runs that are active or planned; the plan moves those that no person has approved. */
export const sprinklerRuns = ({ zones, runs }: PestField): SprinklerRun[] =>
  runs
    .filter(({ zoneId }) => zones.some((zone) => zone.id === zoneId && zone.method === 'sprinkler'))
    .map((run) => ({ fromMs: run.startMs, toMs: runEndMs(run), isFixed: isCommitted(run) }))

const isCommitted = ({ state, cause, approvedBy }: RunRow): boolean =>
  state === 'sent' ||
  state === 'running' ||
  (state === 'approved' && (cause === 'manual' || approvedBy !== null))

/** Work for which people enter the field: manual valves and other sprays. */
export const fieldEntries = (pestField: PestField, exceptId: string | null): { atMs: AtMs; toMs: AtMs }[] => [
  ...pestField.runs
    .filter(
      (run) =>
        isCommitted(run) && pestField.zones.some((zone) => zone.id === run.zoneId && isManualValve(zone)),
    )
    .map((run) => ({ atMs: run.startMs, toMs: runEndMs(run) })),
  ...effectiveTreatments(pestField)
    .filter(({ id, state }) => state === 'confirmed' && id !== exceptId)
    .map(({ fromMs, toMs }) => ({ atMs: fromMs, toMs })),
]

/** The windows that restrict the valves of some fields from now on. */
export async function readNoEntryWindows(
  state: State,
  org: string,
  fieldIds: readonly string[],
  nowMs: AtMs,
): Promise<NoEntryWindow[]> {
  if (fieldIds.length === 0) return []
  const rows = await state
    .selectFrom('treatment')
    .selectAll()
    .where('org', '=', org)
    .where('fieldId', 'in', [...fieldIds])
    .where('state', 'in', [...effectiveStates])
    .where('toMs', '>=', nowMs - MAX_RESTRICTION_MS)
    .execute()
  return noEntryWindows(rows.map(restrictingTreatment)).filter(({ toMs }) => toMs > nowMs - HOUR_MS)
}

function restrictingTreatment({
  id,
  fieldId,
  state,
  fromMs,
  toMs,
  plan,
}: TreatmentRow): RestrictingTreatment {
  const { product, part } = readTreatmentPlan(plan)
  const { rainFastHours, reiHours } = product
  return { id, fieldId, state, fromMs, toMs, rainFastHours, reiHours, isPartAlone: part?.holds === 'part' }
}
