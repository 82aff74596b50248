/**
 * Pest control for the API: the proposals of a field, and a treatment from draft to confirmation, completion,
 * record and voiding. It reads and checks; the caller writes the result, with a line in the audit. Nothing here
 * sprays: a treatment is a person's task from beginning to end.
 */
import { dayOf, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { ok } from '../../../broker/contract/result.ts'
import { runCooperatively } from '../../runtime/cooperative.ts'
import { pestsDue, type PestNeed } from '../../domain/needs-today.ts'
import type { ScoutingRow } from '../../agronomy/pests/scouting.ts'
import type { Clock, Logger, SeriesStore, State } from '../../ports.ts'
import type { Forecast } from '../../ports/forecast.ts'
import {
  readTreatmentPlan,
  toJson,
  type SprayRecord,
  type SprayWeather,
  type TreatmentCheck,
  type TreatmentRow,
} from '../../tables.ts'
import {
  allChecks,
  sprayJob,
  MIN_WINDOW_H,
  productOptions,
  otherTargets,
  type ProductOption,
} from './product-options.ts'
import { fieldSprayForecast } from './field-forecast.ts'
import { isFloweringByStage, fieldProposals, fieldScouting } from './field-proposals.ts'
import { preHarvestStatus, readPreHarvestStatus, type PreHarvestStatus } from './pre-harvest-interval.ts'
import { pastTreatment, type PastConditions } from './past-treatment.ts'
import { plannedTreatment, type TreatmentAuthor } from './planned-treatment.ts'
import type { Proposal } from './proposals.ts'
import { importProducts, previewImport, readProducts, type ImportSource } from './products/product-shelf.ts'
import { listThreats, type FieldThreats } from './overview.ts'
import { readPestField, readPestFields, readProposalFields } from './read-field.ts'
import { readNearest } from './read-station.ts'
import { judgeHours, type JudgedHour } from './spray-hour.ts'
import { draftRecord, sprayWeather } from './spray-record.ts'
import { sprayToday } from './spray-today.ts'
import { sprayWindows, type SprayWindow } from './spray-windows.ts'
import {
  revisedDose,
  revisedDraft,
  draftForField,
  reject,
  checkSpan,
  type TreatmentResult,
  type DoneEntry,
  type DraftChanges,
  type TreatmentDraft,
} from './treatment-draft.ts'
import type { SprayForecast } from './spray-forecast.ts'

interface FieldPestControl {
  fieldId: string
  fieldName: string
  timeZone: string
  crop: string | null
  seasonId: string | null
  harvestPlannedDay: Day | null
  areaM2: number
  weather: { from: SprayForecast['from']; issuedMs: AtMs | null; station: string | null }
  hours: JudgedHour[] // for a spray without a product
  windows: SprayWindow[]
  preHarvest: PreHarvestStatus
  proposals: (Proposal & { options: ProductOption[] })[]
  otherTargets: { target: string; options: ProductOption[] }[] // other targets on the labels of the crop
  lookFor: ScoutingRow[] // in season, and not counted here yet
  treatments: TreatmentRow[]
}

/**
 * Expected failures are results with NOT_FOUND, BAD_REQUEST or CONFLICT. `rows` may be the transaction in which the
 * caller writes the result.
 */
export function pestService(deps: {
  state: State
  series: SeriesStore
  forecast?: Forecast | undefined
  clock: Clock
  log: Logger
}) {
  const { state, series, clock } = deps
  const forecastOf = fieldSprayForecast(deps)

  return {
    /** All data for a person's decision; null where the organisation has no such field. */
    async field(org: string, fieldId: string): Promise<FieldPestControl | null> {
      const nowMs = clock.now()
      const pestField = await readPestField(state, org, fieldId, nowMs)
      if (!pestField) return null
      const ahead = await forecastOf(pestField)
      const isFlowering = isFloweringByStage(pestField)
      const judgedHours = judgeHours(ahead.hours, {
        ...sprayJob(pestField, null, isFlowering),
        isBeeHazard: false,
      })
      const today = dayOf(nowMs, pestField.farm.timeZone)
      const optionsFor = (target: string) =>
        productOptions(pestField, target, ahead.hours, { nowMs, isFlowering })
      const proposals = fieldProposals(pestField, today).map((proposal) => ({
        ...proposal,
        options: optionsFor(proposal.target),
      }))
      return {
        fieldId,
        fieldName: pestField.field.name,
        timeZone: pestField.farm.timeZone,
        crop: pestField.season?.crop ?? null,
        seasonId: pestField.season?.id ?? null,
        harvestPlannedDay: pestField.season?.harvestPlannedDay ?? null,
        areaM2: pestField.field.areaM2,
        weather: { from: ahead.from, issuedMs: ahead.issuedMs, station: ahead.nowCast?.station ?? null },
        hours: judgedHours,
        windows: sprayWindows(judgedHours, MIN_WINDOW_H),
        preHarvest: preHarvestStatus(pestField.treatments, today, pestField.farm.timeZone),
        proposals,
        otherTargets: otherTargets(pestField, proposals).map((target) => ({
          target,
          options: optionsFor(target),
        })),
        lookFor: fieldScouting(pestField, proposals, today),
        treatments: pestField.treatments,
      }
    },

    /** The spray windows of the next day, independent of the product. */
    sprayToday,

    /** Every field of the organisation, from stored data alone. */
    async overview(org: string): Promise<FieldThreats[]> {
      const nowMs = clock.now()
      return runCooperatively(listThreats(await readPestFields(state, org, nowMs), nowMs))
    },

    /** What is to be treated or looked for now, by field; of one field where it is named. */
    async due(org: string, fieldId?: string): Promise<Map<string, PestNeed[]>> {
      const nowMs = clock.now()
      const fields = await readProposalFields(state, org, nowMs, fieldId)
      return new Map(
        fields.map((pestField) => {
          const today = dayOf(nowMs, pestField.farm.timeZone)
          return [pestField.field.id, pestsDue(fieldProposals(pestField, today), today)]
        }),
      )
    },

    /** Whether the crop of a season may be harvested on a day. */
    preHarvestStatus: readPreHarvestStatus,

    /**
     * The weather for the checks of a field's treatments; read it before a transaction, as it may take time.
     */
    async forecast(org: string, fieldId: string): Promise<SprayForecast | null> {
      const pestField = await readPestField(state, org, fieldId, clock.now())
      return pestField && forecastOf(pestField)
    },

    /** A treatment as drafted, with its checks. Nothing is confirmed yet. */
    draft: (
      rows: State,
      org: string,
      id: string,
      actor: string,
      draft: TreatmentDraft,
      ahead: SprayForecast | null,
    ): Promise<TreatmentResult<TreatmentRow>> =>
      plannedTreatment(rows, { org, id, actor, nowMs: clock.now() }, draft, ahead),

    /** A past spray, recorded afterwards: its record waits for confirmation. */
    recordPast: (
      rows: State,
      author: Omit<TreatmentAuthor, 'nowMs'>,
      draft: TreatmentDraft,
      then: PastConditions,
    ): Promise<TreatmentResult<TreatmentRow>> =>
      pastTreatment(rows, { ...author, nowMs: clock.now() }, draft, then),

    /** A changed draft, checked against every rule again. */
    async redraft(
      rows: State,
      treatment: TreatmentRow,
      changes: DraftChanges,
      ahead: SprayForecast | null,
    ): Promise<TreatmentResult<Partial<TreatmentRow>>> {
      const { org, id, createdBy: actor, state: before } = treatment
      if (before !== 'planned')
        return reject('CONFLICT', `this treatment is ${before}, only a draft can be changed`)
      const author = { org, id, actor, nowMs: clock.now() }
      const planned = await plannedTreatment(rows, author, revisedDraft(treatment, changes), ahead)
      if (!planned.ok) return planned
      const { seasonId, productId, fromMs, toMs, plan } = planned.value
      return ok({ seasonId, productId, fromMs, toMs, plan })
    },

    /**
     * A draft like another for one more field: the same strength, on the whole of it, checked against that
     * field's own rules.
     */
    draftForField(
      rows: State,
      like: TreatmentRow,
      { id, actor, fieldId }: { id: string; actor: string; fieldId: string },
      ahead: SprayForecast | null,
    ): Promise<TreatmentResult<TreatmentRow>> {
      const author = { org: like.org, id, actor, nowMs: clock.now() }
      return plannedTreatment(rows, author, draftForField(like, fieldId), ahead)
    },

    /**
     * Confirmation by a person. Forbidden treatments are rejected; rules with caution or unknown must be named in
     * `accepts`, so that no rule is accepted unread. The checks run again: the season, the forecast and the label may
     * have changed.
     */
    async confirm(
      rows: State,
      treatment: TreatmentRow,
      actor: string,
      accepts: readonly string[],
      ahead: SprayForecast | null,
    ): Promise<TreatmentResult<Partial<TreatmentRow>>> {
      const nowMs = clock.now()
      if (treatment.state !== 'planned')
        return reject('CONFLICT', `this treatment is ${treatment.state}, only a planned one can be confirmed`)
      if (treatment.toMs <= nowMs) return reject('CONFLICT', 'its window has passed; plan it again')
      const checks = await checksNow(rows, treatment, ahead)
      if (!checks.ok) return checks
      const acceptedKeys = new Set(accepts)
      const forbidden = checks.value.filter(({ result }) => result === 'forbidden')
      if (forbidden.length > 0) return reject('CONFLICT', `forbidden: ${keysOf(forbidden)}`)
      const unaccepted = checks.value.filter(
        ({ key, result }) => result !== 'allowed' && !acceptedKeys.has(key),
      )
      if (unaccepted.length > 0) return reject('CONFLICT', `to be accepted by name: ${keysOf(unaccepted)}`)
      const accepted = checks.value.filter(({ result }) => result !== 'allowed').map(({ key }) => key)
      const plan = {
        ...readTreatmentPlan(treatment.plan),
        checks: checks.value,
        accepted: [...new Set(accepted)],
      }
      return ok({ state: 'confirmed', confirmedBy: actor, confirmedAtMs: nowMs, plan: toJson(plan) })
    },

    /** The changes of an import; nothing is written. */
    previewImport: (org: string, source: ImportSource) => previewImport(state, org, source),
    readProducts,
    importProducts,

    /** The station's weather around an instant; read it before a transaction. Null without readings. */
    async weatherNear(
      { org, fieldId }: Pick<TreatmentRow, 'org' | 'fieldId'>,
      atMs: AtMs,
    ): Promise<SprayWeather | null> {
      const pestField = await readPestField(state, org, fieldId, clock.now())
      const readings =
        pestField && (await readNearest({ state, series }, pestField.field, atMs).catch(() => null))
      return readings && sprayWeather(readings, pestField.farm.elevationM)
    },

    /**
     * Completion: the record is drafted, with the weather at its start. May be repeated until it is confirmed.
     */
    async complete(
      rows: State,
      treatment: TreatmentRow,
      entry: DoneEntry,
      weather: SprayWeather | null,
    ): Promise<TreatmentResult<Partial<TreatmentRow>>> {
      const nowMs = clock.now()
      if (!['planned', 'confirmed', 'done'].includes(treatment.state))
        return reject('CONFLICT', `this treatment is ${treatment.state} and can no longer be changed`)
      const span = checkSpan(entry.startMs, entry.endMs)
      if (!span.ok) return span
      if (entry.endMs > nowMs) return reject('BAD_REQUEST', `endMs: must not lie ahead, got ${entry.endMs}`)
      const pestField = await readPestField(rows, treatment.org, treatment.fieldId, nowMs)
      const season = await rows
        .selectFrom('season')
        .selectAll()
        .where('id', '=', treatment.seasonId)
        .executeTakeFirst()
      if (!pestField || !season) return reject('NOT_FOUND', 'the field or its season no longer exists')
      const plan = readTreatmentPlan(treatment.plan)
      const dose = revisedDose(plan.dose, entry)
      if (!dose.ok) return reject('BAD_REQUEST', dose.error)
      if (dose.value.areaM2 > pestField.field.areaM2)
        return reject(
          'BAD_REQUEST',
          `areaM2: must be at most the field's ${pestField.field.areaM2}, got ${dose.value.areaM2}`,
        )
      const record = draftRecord(
        { treatment, season, field: pestField.field, farm: pestField.farm },
        { ...entry, dose: dose.value, operator: entry.operator ?? plan.operator },
        weather,
      )
      return ok({
        state: 'done',
        fromMs: entry.startMs,
        toMs: entry.endMs,
        record: toJson<SprayRecord>(record),
      })
    },

    /** Confirms the record. From then on it never changes; it can only be voided, with a reason. */
    confirmRecord(treatment: TreatmentRow, actor: string): TreatmentResult<Partial<TreatmentRow>> {
      return treatment.state === 'done'
        ? ok({ state: 'recorded', recordedBy: actor, recordedAtMs: clock.now() })
        : reject(
            'CONFLICT',
            `this treatment is ${treatment.state}, only one that is done has a record to confirm`,
          )
    },

    /** Voids a treatment. Its record stays readable. */
    voidTreatment(
      treatment: TreatmentRow,
      actor: string,
      reason: string,
    ): TreatmentResult<Partial<TreatmentRow>> {
      return treatment.state === 'void'
        ? reject('CONFLICT', 'this treatment is void already')
        : ok({ state: 'void', voidedBy: actor, voidedAtMs: clock.now(), voidReason: reason })
    },
  }

  async function checksNow(
    rows: State,
    treatment: TreatmentRow,
    ahead: SprayForecast | null,
  ): Promise<TreatmentResult<TreatmentCheck[]>> {
    const pestField = await readPestField(rows, treatment.org, treatment.fieldId, clock.now())
    if (!pestField?.season || pestField.season.id !== treatment.seasonId)
      return reject('CONFLICT', 'the season of this treatment is over')
    const label = pestField.labels.find(({ product }) => product.id === treatment.productId)
    if (!label) return reject('CONFLICT', 'the product no longer exists')
    const { dose, flowering, part = null } = readTreatmentPlan(treatment.plan)
    const { target, fromMs, toMs } = treatment
    const spray = { target, dose, fromMs, toMs, isFlowering: flowering, exceptId: treatment.id, part }
    return ok(allChecks(pestField, label, spray, ahead?.hours ?? []))
  }
}

const keysOf = (checks: readonly TreatmentCheck[]): string =>
  [...new Set(checks.map(({ key }) => key))].join(', ')
