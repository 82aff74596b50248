/**
 * Pest control as the API asks for it: what is proposed for a field, a treatment drafted, agreed to, made, recorded and
 * voided. It reads and judges; who asked writes what it gives, with a line in the audit. Nothing here sprays: a
 * treatment is a task for a person from beginning to end.
 */
import { dayOf, HOUR_MS, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { inTurns } from '../../in-turns.ts'
import type { Clock, Forecast, ForecastAnswer, Logger, SeriesStore, State } from '../../ports.ts'
import {
  fromJson,
  toJson,
  type Dose,
  type FieldPart,
  type SprayRecord,
  type SprayWeather,
  type TreatmentCheck,
  type TreatmentPlan,
  type TreatmentRow,
} from '../../tables.ts'
import { doseOf } from './dose.ts'
import { copyOf, useFor } from './label.ts'
import { allChecks, jobOf, LEAST_WINDOW_H, offersFor, type Offer } from './offers.ts'
import { floweringOf, proposalsFor } from './field-proposals.ts'
import type { Proposal } from './proposals.ts'
import { importProducts, previewImport, type ImportSource } from './product-shelf.ts'
import { threatsOf, type FieldThreats } from './overview.ts'
import { readPestField, readPestFields, type PestField } from './read-field.ts'
import { readAbout, readNowCast } from './read-station.ts'
import { judgeHours, type JudgedHour } from './spray-hour.ts'
import {
  draftRecord,
  harvestGate,
  PEST_RULES,
  sprayWeather,
  type HarvestGate,
  type RecordEntry,
} from './spray-record.ts'
import { sprayWindows, type SprayWindow } from './spray-windows.ts'
import { weatherAhead, type Ahead } from './weather-ahead.ts'

export interface PestControl {
  fieldId: string
  fieldName: string
  timeZone: string
  crop: string | null
  seasonId: string | null
  harvestPlannedDay: Day | null
  areaM2: number
  weather: { from: Ahead['from']; issuedMs: AtMs | null; station: string | null }
  hours: JudgedHour[] // for a spray of which nothing more is known than the crop
  windows: SprayWindow[]
  gate: HarvestGate
  proposals: (Proposal & { offers: Offer[] })[]
  treatments: TreatmentRow[]
}

/** What a person enters to plan a treatment. Of amount, dilution and volume two are enough. */
export interface TreatmentDraft {
  fieldId: string
  target: string
  productId: string
  fromMs: AtMs
  toMs: AtMs
  amount?: number | null
  unit: string
  dilution?: number | null
  volumeL10a?: number | null
  areaM2?: number
  operator: string
  flowering?: boolean | null
  /** only so much of the field as `areaM2` says; `holdsAlone`: days and hours hold this part, not the field */
  part?: { name: string; holdsAlone?: boolean } | null
}
export type DoneEntry = Omit<RecordEntry, 'dose' | 'operator'> &
  Partial<Pick<TreatmentDraft, 'amount' | 'unit' | 'dilution' | 'volumeL10a' | 'areaM2' | 'operator'>>

export type Refusal = { code: 'NOT_FOUND' | 'BAD_REQUEST' | 'CONFLICT'; message: string }
type Answer<T> = Result<T, Refusal>

export type PestDesk = ReturnType<typeof pestDesk>

const KEPT_MS = 30 * 60_000
const LONGEST_H = 24
const FORECAST_DAYS = 4

export function pestDesk(deps: {
  state: State
  series: SeriesStore
  forecast?: Forecast | undefined
  clock: Clock
  log: Logger
}) {
  const { state, series, clock, log } = deps
  const kept = new Map<string, { untilMs: AtMs; answer: ForecastAnswer | null }>()

  async function forecastFor({ farm }: PestField, nowMs: AtMs): Promise<ForecastAnswer | null> {
    const known = kept.get(farm.id)
    if (known && nowMs < known.untilMs) return known.answer
    const today = dayOf(nowMs, farm.timeZone)
    const answer =
      (await deps.forecast
        ?.daily({ org: farm.org, farm: farm.id }, today, FORECAST_DAYS)
        .catch((error: unknown) => {
          log.warn({ error, farm: farm.id }, 'no forecast; hours for spraying are unknown')
          return null
        })) ?? null
    kept.set(farm.id, { untilMs: nowMs + KEPT_MS, answer })
    return answer
  }

  async function aheadOf(of: PestField): Promise<Ahead> {
    const nowMs = clock.now()
    const [answer, now] = await Promise.all([
      forecastFor(of, nowMs),
      readNowCast({ state, series }, of.field, nowMs).catch((error: unknown) => {
        log.warn({ error, field: of.field.id }, 'no station; spraying is judged by the forecast alone')
        return null
      }),
    ])
    return weatherAhead(answer, now, { place: of.farm, timeZone: of.farm.timeZone, nowMs })
  }

  return {
    /** All that a person needs to decide; null where the organisation has no such field. */
    async field(org: string, fieldId: string): Promise<PestControl | null> {
      const nowMs = clock.now()
      const of = await readPestField(state, org, fieldId, nowMs)
      if (!of) return null
      const ahead = await aheadOf(of)
      const isFlowering = floweringOf(of)
      const judged = judgeHours(ahead.hours, { ...jobOf(of, null, isFlowering), isBeeHazard: false })
      const today = dayOf(nowMs, of.farm.timeZone)
      return {
        fieldId,
        fieldName: of.field.name,
        timeZone: of.farm.timeZone,
        crop: of.season?.crop ?? null,
        seasonId: of.season?.id ?? null,
        harvestPlannedDay: of.season?.harvestPlannedDay ?? null,
        areaM2: of.field.areaM2,
        weather: { from: ahead.from, issuedMs: ahead.issuedMs, station: ahead.nowCast?.device ?? null },
        hours: judged,
        windows: sprayWindows(judged, LEAST_WINDOW_H),
        gate: harvestGate(of.treatments, today, of.farm.timeZone),
        proposals: proposalsFor(of, today).map((proposal) => ({
          ...proposal,
          offers: offersFor(of, proposal.target, ahead.hours, { nowMs, isFlowering }),
        })),
        treatments: of.treatments,
      }
    },

    /** Every field of the organisation, from what is stored alone. */
    async overview(org: string): Promise<FieldThreats[]> {
      const nowMs = clock.now()
      return inTurns(threatsOf(await readPestFields(state, org, nowMs), nowMs))
    },

    /** The weather that a field's treatments are held against; asked for before a transaction, as it may take time. */
    async ahead(org: string, fieldId: string): Promise<Ahead | null> {
      const of = await readPestField(state, org, fieldId, clock.now())
      return of && aheadOf(of)
    },

    /** A treatment as drafted, with what stands against it. Nothing is agreed to yet. */
    async draft(
      rows: State,
      org: string,
      id: string,
      actor: string,
      draft: TreatmentDraft,
      ahead: Ahead | null,
    ): Promise<Answer<TreatmentRow>> {
      const nowMs = clock.now()
      const of = await readPestField(rows, org, draft.fieldId, nowMs)
      if (!of) return refuse('NOT_FOUND', `there is no field ${draft.fieldId} here`)
      if (!of.season) return refuse('CONFLICT', 'fieldId: nothing grows in this field now')
      const label = of.labels.find(({ product }) => product.id === draft.productId)
      if (!label) return refuse('NOT_FOUND', `there is no product ${draft.productId} here`)
      const span = spanOf(draft.fromMs, draft.toMs)
      if (!span.ok) return span
      if (draft.toMs <= nowMs) return refuse('BAD_REQUEST', `toMs: must lie ahead, got ${draft.toMs}`)
      const dose = doseOf({ ...draft, areaM2: draft.areaM2 ?? of.field.areaM2 })
      if (!dose.ok) return refuse('BAD_REQUEST', dose.error)
      if (dose.value.areaM2 > of.field.areaM2)
        return refuse(
          'BAD_REQUEST',
          `areaM2: must be at most the field's ${of.field.areaM2}, got ${dose.value.areaM2}`,
        )
      if (draft.part && !(dose.value.areaM2 < of.field.areaM2))
        return refuse(
          'BAD_REQUEST',
          `areaM2: of a part must be below the field's ${of.field.areaM2}, got ${dose.value.areaM2}`,
        )
      const part: FieldPart | null = draft.part
        ? { name: draft.part.name, holds: draft.part.holdsAlone === true ? 'part' : 'field' }
        : null
      const { target, fromMs, toMs } = draft
      const isFlowering = draft.flowering ?? floweringOf(of)
      const spray = { target, dose: dose.value, fromMs, toMs, isFlowering, exceptId: id, part }
      const proposal = proposalsFor(of, dayOf(nowMs, of.farm.timeZone)).find((one) => one.target === target)
      const plan: TreatmentPlan = {
        product: copyOf(label, useFor(label, of.season.crop, target)),
        dose: dose.value,
        operator: draft.operator,
        flowering: isFlowering,
        proposal: proposal ? { action: proposal.action, key: proposal.key, params: proposal.params } : null,
        checks: allChecks(of, label, spray, ahead?.hours ?? []),
        accepted: [],
        rules: PEST_RULES,
        part,
      }
      return ok({
        ...{ id, org, farmId: of.farm.id, fieldId: of.field.id, seasonId: of.season.id, target },
        ...{ productId: draft.productId, state: 'planned', fromMs, toMs, plan: toJson(plan), record: null },
        ...{ createdBy: actor, createdAtMs: nowMs, confirmedBy: null, confirmedAtMs: null },
        ...{ recordedBy: null, recordedAtMs: null, voidedBy: null, voidedAtMs: null, voidReason: null },
      })
    },

    /**
     * Agreed to by a person. What is forbidden is refused; what is guarded or unknown must be named in `accepts`, so that
     * nobody says yes to what he has not read. Judged anew: the season, the forecast and the label may have changed.
     */
    async confirmed(
      rows: State,
      treatment: TreatmentRow,
      actor: string,
      accepts: readonly string[],
      ahead: Ahead | null,
    ): Promise<Answer<Partial<TreatmentRow>>> {
      const nowMs = clock.now()
      if (treatment.state !== 'planned')
        return refuse('CONFLICT', `this treatment is ${treatment.state}, only a planned one can be confirmed`)
      if (treatment.toMs <= nowMs) return refuse('CONFLICT', 'its window has passed; plan it anew')
      const checks = await checksNow(rows, treatment, ahead)
      if (!checks.ok) return checks
      const said = new Set(accepts)
      const forbidden = checks.value.filter(({ vote }) => vote === 'forbidden')
      if (forbidden.length > 0) return refuse('CONFLICT', `forbidden: ${keysOf(forbidden)}`)
      const open = checks.value.filter(({ key, vote }) => vote !== 'allowed' && !said.has(key))
      if (open.length > 0) return refuse('CONFLICT', `to be accepted by name: ${keysOf(open)}`)
      const accepted = checks.value.filter(({ vote }) => vote !== 'allowed').map(({ key }) => key)
      const plan = { ...fromJson(treatment.plan), checks: checks.value, accepted: [...new Set(accepted)] }
      return ok({ state: 'confirmed', confirmedBy: actor, confirmedAtMs: nowMs, plan: toJson(plan) })
    },

    /** What an import would change; nothing is written. */
    previewImport: (org: string, source: ImportSource) => previewImport(state, org, source),
    importProducts,

    /** What the station said about an instant; asked for before a transaction. Null where it said nothing. */
    async weatherAbout(treatment: TreatmentRow, atMs: AtMs): Promise<SprayWeather | null> {
      const of = await readPestField(state, treatment.org, treatment.fieldId, clock.now())
      const readings = of && (await readAbout({ state, series }, of.field, atMs).catch(() => null))
      return readings && sprayWeather(readings, of.farm.elevationM)
    },

    /** Sprayed: the record is drafted, with the weather at its start. May be said again until it is confirmed. */
    async done(
      rows: State,
      treatment: TreatmentRow,
      entry: DoneEntry,
      weather: SprayWeather | null,
    ): Promise<Answer<Partial<TreatmentRow>>> {
      const nowMs = clock.now()
      if (!['planned', 'confirmed', 'done'].includes(treatment.state))
        return refuse('CONFLICT', `this treatment is ${treatment.state} and changes no more`)
      const span = spanOf(entry.startMs, entry.endMs)
      if (!span.ok) return span
      if (entry.endMs > nowMs) return refuse('BAD_REQUEST', `endMs: must not lie ahead, got ${entry.endMs}`)
      const of = await readPestField(rows, treatment.org, treatment.fieldId, nowMs)
      const season = await rows
        .selectFrom('season')
        .selectAll()
        .where('id', '=', treatment.seasonId)
        .executeTakeFirst()
      if (!of || !season) return refuse('NOT_FOUND', 'the field or its season is no longer here')
      const plan = fromJson(treatment.plan)
      const dose = doseAgain(plan.dose, entry)
      if (!dose.ok) return refuse('BAD_REQUEST', dose.error)
      if (dose.value.areaM2 > of.field.areaM2)
        return refuse(
          'BAD_REQUEST',
          `areaM2: must be at most the field's ${of.field.areaM2}, got ${dose.value.areaM2}`,
        )
      const record = draftRecord(
        { treatment, season, field: of.field, farm: of.farm },
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

    /** The record as a person confirms it. From then on it never changes; it can only be voided, with a reason. */
    recorded(treatment: TreatmentRow, actor: string): Answer<Partial<TreatmentRow>> {
      return treatment.state === 'done'
        ? ok({ state: 'recorded', recordedBy: actor, recordedAtMs: clock.now() })
        : refuse(
            'CONFLICT',
            `this treatment is ${treatment.state}, only one that is done has a record to confirm`,
          )
    },

    /** Taken back. What was recorded stays to be read. */
    voided(treatment: TreatmentRow, actor: string, reason: string): Answer<Partial<TreatmentRow>> {
      return treatment.state === 'void'
        ? refuse('CONFLICT', 'this treatment is void already')
        : ok({ state: 'void', voidedBy: actor, voidedAtMs: clock.now(), voidReason: reason })
    },
  }

  async function checksNow(
    rows: State,
    treatment: TreatmentRow,
    ahead: Ahead | null,
  ): Promise<Answer<TreatmentCheck[]>> {
    const of = await readPestField(rows, treatment.org, treatment.fieldId, clock.now())
    if (!of?.season || of.season.id !== treatment.seasonId)
      return refuse('CONFLICT', 'the season of this treatment is over')
    const label = of.labels.find(({ product }) => product.id === treatment.productId)
    if (!label) return refuse('CONFLICT', 'the product is no longer here')
    const { dose, flowering, part = null } = fromJson(treatment.plan)
    const { target, fromMs, toMs } = treatment
    const spray = { target, dose, fromMs, toMs, isFlowering: flowering, exceptId: treatment.id, part }
    return ok(allChecks(of, label, spray, ahead?.hours ?? []))
  }
}

const refuse = (code: Refusal['code'], message: string): { ok: false; error: Refusal } =>
  err({ code, message })
const keysOf = (checks: readonly TreatmentCheck[]): string =>
  [...new Set(checks.map(({ key }) => key))].join(', ')

function spanOf(fromMs: AtMs, toMs: AtMs): Answer<null> {
  const hours = (toMs - fromMs) / HOUR_MS
  return hours > 0 && hours <= LONGEST_H
    ? ok(null)
    : refuse('BAD_REQUEST', `toMs: must be up to ${LONGEST_H} h after the start, got ${hours} h`)
}

/** As planned, or as a person says it was. */
function doseAgain(planned: Dose, entry: DoneEntry): Result<Dose> {
  const isSaid = entry.amount != null || entry.dilution != null || entry.volumeL10a != null
  const areaM2 = entry.areaM2 ?? planned.areaM2
  return doseOf(
    isSaid
      ? { ...entry, unit: entry.unit ?? planned.unit, areaM2 }
      : { amount: planned.amount, unit: planned.unit, volumeL10a: planned.volumeL10a, areaM2 },
  )
}
